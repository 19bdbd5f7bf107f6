package node

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/node/link"
	"paxon/process"
)

// TestLostDirectory has a process come back with an empty directory: it stops, with the reason and what
// to do, and the others go on without it.
func TestLostDirectory(t *testing.T) {
	c := newCluster(t, 3, "fall+spring", nil)
	c.open()
	c.load("before", 2, 5)
	c.close(3)
	require.NoError(t, os.RemoveAll(c.configs[3].Dir))
	c.open(3)
	lost := c.nodes[3]
	delete(c.nodes, 3)
	refused(t, c.ctx.Done(), lost, "p3 has come with the directory", "leave it down")
	c.load("after", 2, 5)
}

// TestRegistersLostDirectory is the same, and the process is replaced.
func TestRegistersLostDirectory(t *testing.T) {
	c := newRegistersCluster(t, nil)
	c.fill(100, "a")
	c.close(3)
	require.NoError(t, os.RemoveAll(c.dir+"/p3"))
	c.open(3)
	lost := c.running[3]
	delete(c.running, 3)
	refused(t, c.ctx.Done(), lost, "p3 has come with the directory", "paxon kv members replace 3 ")
	c.open(4)
	addresses := map[process.ID]string{4: c.relays[4].address()}
	require.NoError(t, c.running[1].Reconfigure(c.ctx, []process.ID{1, 2, 4}, addresses))
	c.close(1)
	c.holds(4, "a")
}

// TestLostDirectoryOfWinter has a process come back that has nothing to lose.
func TestLostDirectoryOfWinter(t *testing.T) {
	c := newRegistersCluster(t, func(c *RegistersConfig) { c.Registers = "winter" })
	c.fill(100, "a")
	c.close(3)
	c.open(3)
	_, err := c.running[3].Change(c.ctx, "k", caspaxos.Set{Value: []byte("v")})
	require.NoError(t, err)
	require.NoFileExists(t, c.dir+"/p3/peers.json")
}

// refused has a process stop because its peers do not recognize it, and checks what it says.
func refused(t *testing.T, late <-chan struct{}, lost interface {
	Done() <-chan struct{}
	Close() error
}, words ...string,
) {
	t.Helper()
	select {
	case <-lost.Done():
	case <-late:
		require.Fail(t, "it goes on")
	}
	err := lost.Close()
	var refused *link.RefusedError
	require.ErrorAs(t, err, &refused)
	require.True(t, refused.Unknown)
	var directory *LostDirectoryError
	require.ErrorAs(t, err, &directory)
	require.ErrorContains(t, err, directory.Directory)
	for _, word := range words {
		require.ErrorContains(t, err, word)
	}
}
