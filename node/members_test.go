package node

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"paxon/caspaxos"
	"paxon/process"
)

// An edit that is refused leaves no link to a process that it would have added.
func TestRefusedEdit(t *testing.T) {
	c := newRegistersCluster(t, nil)
	edit := Edit{
		Propose: []process.ID{9}, Abstain: c.members,
		Addresses: map[process.ID]string{9: "127.0.0.1:1"},
	}
	_, err := c.running[1].Edit(c.ctx, edit)
	var unled *UnledError
	require.ErrorAs(t, err, &unled)
	status, err := c.running[1].Status(c.ctx)
	require.NoError(t, err)
	require.NotContains(t, status.Links.Peers, process.ID(9))
	edit.Abstain = nil
	_, err = c.running[1].Edit(c.ctx, edit)
	require.NoError(t, err)
	status, err = c.running[1].Status(c.ctx)
	require.NoError(t, err)
	require.Contains(t, status.Links.Peers, process.ID(9))
}

// Edits that one process is asked for at once are made one after the other.
func TestEditsAtOneProcess(t *testing.T) {
	c := newRegistersCluster(t, nil)
	c.open(4, 5, 6)
	var g errgroup.Group
	for id := process.ID(4); id <= 6; id++ {
		g.Go(func() error {
			addresses := map[process.ID]string{id: c.relays[id].address()}
			_, err := c.running[1].Edit(c.ctx, Edit{Add: []process.ID{id}, Addresses: addresses})
			return err
		})
	}
	require.NoError(t, g.Wait())
	for now := (caspaxos.Configuration{}); len(now.Acceptors()) < 6 || len(now.Proposers) < 6; {
		status, err := c.running[1].Status(c.ctx)
		require.NoError(t, err)
		now = status.Configuration
	}
	require.True(t, c.running[1].editing.TryAcquire(1))
	ctx, cancel := context.WithCancel(c.ctx)
	cancel()
	_, err := c.running[1].Edit(ctx, Edit{Remove: []process.ID{6}})
	require.ErrorIs(t, err, ErrReconfiguring, "it has not begun")
}
