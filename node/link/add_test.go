package link

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/retransmit"
)

// only has a process know some peers only.
func only(r *relays, ids ...process.ID) func(c *Config) {
	return func(c *Config) {
		c.Peers = map[process.ID]string{}
		for _, id := range ids {
			c.Peers[id] = r.addresses()[id]
		}
	}
}

// TestAdd has a process be refused until it is added, and then send and receive.
func TestAdd(t *testing.T) {
	r := newRelays(t, 2)
	p1 := start(t, r, 1, only(r, 1))
	p2 := start(t, r, 2, only(r, 1, 2))
	p2.awaitLog(t, "p2 is not among the peers of p1")
	p1.Add(1, "itself") // It does nothing.
	p1.Add(2, r.addresses()[2])
	p1.awaitConnected(t, 2)
	p2.awaitConnected(t, 1)
	p1.Send(2, retransmit.Packet{From: 1})
	p1.Flush()
	require.Equal(t, process.ID(1), await(t, p2.received, anything).from)
	require.Len(t, p1.Stats().Peers, 1)
}

// TestAddMoves has a peer be looked for at another address.
func TestAddMoves(t *testing.T) {
	r := newRelays(t, 3)
	p1 := start(t, r, 1, only(r, 1, 3))
	p1.Add(2, r.addresses()[3]) // There is nobody there.
	p2 := start(t, r, 2, only(r, 1, 2))
	p1.Add(2, r.addresses()[2])
	p1.awaitConnected(t, 2)
	p2.awaitConnected(t, 1)
	p1.Add(2, r.addresses()[2])
	require.EqualValues(t, 1, p1.Stats().Peers[2].Connects)
}

// TestRest has a peer that has left be connected to only once it is heard again.
func TestRest(t *testing.T) {
	r := newRelays(t, 2)
	p1 := start(t, r, 1, nil)
	p2 := start(t, r, 2, nil)
	p1.awaitConnected(t, 2)
	p1.Rest(2)
	p1.Rest(7) // It is no peer.
	p2.Close()
	eventually(t, func() bool { return !p1.Stats().Peers[2].Connected })
	start(t, r, 2, func(c *Config) { c.Incarnation = 2 })
	p1.awaitConnected(t, 2)
}

// TestAddClosed has links that are closed take no more peers.
func TestAddClosed(t *testing.T) {
	r := newRelays(t, 2)
	p1 := start(t, r, 1, only(r, 1))
	p1.Close()
	p1.Add(2, r.addresses()[2])
	require.Empty(t, p1.Stats().Peers)
}
