package node

import (
	"testing"

	"github.com/stretchr/testify/require"

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
