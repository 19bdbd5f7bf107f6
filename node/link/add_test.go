package link

import (
	"net"
	"testing"
	"time"

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

// TestTheHigherNumberMoves has p2 look for p1 elsewhere: what p1 has dialled stays.
func TestTheHigherNumberMoves(t *testing.T) {
	_, p1, p2 := pair(t, nil, nil)
	elsewhere, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer elsewhere.Close()
	p2.Add(1, elsewhere.Addr().String())
	conn, err := elsewhere.Accept()
	require.NoError(t, err)
	closeConn(conn)
	p2.Send(1, packet(1, 1))
	p2.Flush()
	require.Equal(t, received{2, packet(1, 1)}, await(t, p1.received, anything))
	require.EqualValues(t, 1, p2.Stats().Peers[1].Connects)
}

// TestRestsAndIsBack has a peer hang until it is given up, rest, and go on.
func TestRestsAndIsBack(t *testing.T) {
	hold := make(chan struct{})
	_, p1, p2 := pair(t, func(c *Config) { c.WriteTimeout = 50 * time.Millisecond }, func(c *Config) {
		c.Receive = func(process.ID, []retransmit.Packet) { <-hold }
	})
	p1.Rest(2)
	for p1.Stats().Peers[2].Connected {
		p1.Send(2, packet(1, 1<<20))
		p1.Flush()
	}
	close(hold)
	eventually(t, func() bool { // What is sent before they are connected again is lost.
		p2.Send(1, packet(7, 1))
		p2.Flush()
		return len(p1.received) > 0
	})
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
