package node

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/node/disks"
	"paxon/process"
	"paxon/tob"
)

// shareDisks formats n disks for the processes of newCluster.
func shareDisks(t *testing.T, n int) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i := range n {
		paths = append(paths, filepath.Join(dir, fmt.Sprint("disk", i+1)))
	}
	require.NoError(t, disks.Format("test", paths))
	return paths
}

// One process and a majority of the disks are enough. Without that majority it stops; when a disk
// is back it goes on, and nothing is lost.
func TestSummer(t *testing.T) {
	for _, variant := range []string{"summer", "fall+summer"} {
		t.Run(variant, func(t *testing.T) {
			paths := shareDisks(t, 3)
			c := newCluster(t, 3, variant, func(c *Config) { c.Disks = paths })
			c.open()
			for _, id := range c.ids() {
				c.broadcast(id, fmt.Sprintf("from %v", id))
			}
			c.close(1, 2)
			c.broadcast(3, "alone")
			require.NoError(t, os.Rename(paths[0], paths[0]+".away"))
			c.broadcast(3, "with two disks")
			require.NoError(t, os.Rename(paths[1], paths[1]+".away"))

			sent := make(chan error, 1)
			go func() {
				_, err := c.nodes[3].Broadcast(c.ctx, []byte("at last"))
				sent <- err
			}()
			for c.nodes[3].disks.Status()[1].Err == nil {
				_, err := c.nodes[3].Status(c.ctx)
				require.NoError(t, err)
			}
			require.Empty(t, sent, "it went on with one disk of three")
			require.NoError(t, os.Rename(paths[0]+".away", paths[0]))
			require.NoError(t, <-sent)

			c.open(1)
			require.Equal(t, c.payloads(3, 6), c.payloads(1, 6))
			require.Equal(t, "at last", c.payloads(1, 6)[5])
		})
	}
}

// payloads are what the first deliveries of a process carry.
func (c *cluster) payloads(id process.ID, count int) []string {
	c.t.Helper()
	var all []string
	for d, err := range c.nodes[id].Deliveries(c.ctx, tob.Position{}) {
		require.NoError(c.t, err)
		all = append(all, string(d.Payload))
		if len(all) == count {
			break
		}
	}
	return all
}

func TestDisksThatCannotBeUsed(t *testing.T) {
	paths := shareDisks(t, 2)
	c := newCluster(t, 1, "summer", func(c *Config) { c.Disks = []string{paths[0], paths[0]} })
	_, err := Open(c.configs[1])
	var duplicate *disks.DuplicateError
	require.ErrorAs(t, err, &duplicate)
}
