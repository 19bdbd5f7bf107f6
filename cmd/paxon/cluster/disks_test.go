package cluster

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/node"
	"paxon/node/disks"
	"paxon/seasons"
	"paxon/seasons/summer"
)

// All processes share the same disks, which a second run uses again.
func TestSharedDisks(t *testing.T) {
	v, err := seasons.Compose(summer.Season())
	require.NoError(t, err)
	dir := t.TempDir()
	for range 2 {
		l, err := NewLocal("paxon", dir, v, 3)
		require.NoError(t, err)
		require.Len(t, l.disks, localDisks)
		for id := range 3 {
			c, err := node.ReadConfig(l.path(id+1, ".yaml"))
			require.NoError(t, err)
			require.Equal(t, l.disks, c.Disks)
		}
	}
	var formatted *disks.FormattedError
	require.ErrorAs(t, disks.Format(clusterName, []string{filepath.Join(dir, "disk1")}), &formatted)
}

func TestNoSharedDisks(t *testing.T) {
	paths, err := shareDisks(t.TempDir(), seasons.Paxos())
	require.NoError(t, err)
	require.Empty(t, paths)
}
