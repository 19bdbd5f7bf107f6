package node

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/retransmit"
	"paxon/tob"
)

// sent notes what is sent.
type sent struct {
	packets, late []arrival
	flushes       int
}

func (s *sent) Send(to process.ID, p retransmit.Packet) {
	s.packets = append(s.packets, arrival{to, p})
}

func (s *sent) SendLate(to process.ID, p retransmit.Packet) {
	s.late = append(s.late, arrival{to, p})
}
func (s *sent) Flush() { s.flushes++ }

func TestADecisionHasTime(t *testing.T) {
	links := &sent{}
	n := newNetwork(1, []process.ID{1, 2}, links)
	decision := retransmit.Packet{Body: tob.Decision{Instance: 1}}
	n.Send(2, decision)
	n.Send(2, packet(2))
	require.Equal(t, []arrival{{2, decision}}, links.late)
	require.Equal(t, []arrival{{2, packet(2)}}, links.packets)

	n.heard(2, retransmit.Packet{Body: tob.Forward{}})
	for range askedDecisions {
		n.Send(2, decision) // It may be what p2 waits for.
	}
	require.Len(t, links.late, 1)
	n.Send(2, decision)
	require.Len(t, links.late, 2)
}

func TestWhatIsSentToItselfArrivesAfterwards(t *testing.T) {
	links := &sent{}
	n := newNetwork(1, []process.ID{1, 2}, links)
	n.Send(1, packet(1))
	n.Send(2, packet(2))
	n.Send(1, packet(3))
	require.Equal(t, []arrival{{2, packet(2)}}, links.packets)
	var received []uint64
	receive := func(from process.ID, p retransmit.Packet) {
		require.Equal(t, process.ID(1), from)
		if p.Seq == 1 {
			n.Send(1, packet(4)) // It comes in the same call, behind what waits.
		}
		received = append(received, p.Seq)
	}
	require.True(t, n.deliverOwn(receive))
	require.Equal(t, []uint64{1, 3, 4}, received)
	require.False(t, n.deliverOwn(receive))
}
