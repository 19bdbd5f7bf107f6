package caspaxos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/process"
)

// Versions grow over a collection also where all acceptors have been replaced since: who compares and
// sets with an old version must not succeed.
func TestVersionsGrowOverReplacement(t *testing.T) {
	c := newCluster(t, 6, 3)
	var version uint64
	for range 10 {
		o, _ := c.change(1, "k", caspaxos.Append{Value: []byte("x")})
		version = o.State.Version
	}
	c.change(1, "k", caspaxos.Delete{})
	c.until(10*time.Second, func() bool {
		return c.at(1).Copies()+c.at(2).Copies()+c.at(3).Copies() == 0
	})
	for _, target := range [][]process.ID{{1, 2, 3, 4, 5, 6}, {4, 5, 6}} {
		c.reconfigure(4-3*process.ID(len(target)/6), target...)
	}
	o, _ := c.change(4, "k", caspaxos.Set{Value: []byte("y")})
	require.Greater(t, o.State.Version, version)
}

// A change of membership to a process that there is not is refused.
func TestUnknownTarget(t *testing.T) {
	c := newCluster(t, 3, 2)
	c.world.Call(1, func() {
		status := c.at(1).Reconfigure([]process.ID{1, 2, 9}, func(caspaxos.Status) {})
		require.NotEqual(t, caspaxos.Pending, status)
	})
}
