package node

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
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

// TestWhoIsNotWaitedForHasTime has p2 answer before a decision and p3 after it: what is asked of p3 has
// time, until its answers come first, or it has forwarded something.
func TestWhoIsNotWaitedForHasTime(t *testing.T) {
	links := &sent{}
	n := newNetwork(1, []process.ID{1, 2, 3}, links)
	// late asks both, and says who was asked late.
	late := func(m process.Message) (to []process.ID) {
		links.late = nil
		n.Send(2, retransmit.Packet{Body: m})
		n.Send(3, retransmit.Packet{Body: m})
		for _, a := range links.late {
			to = append(to, a.from)
		}
		return to
	}
	answers := func(from process.ID, in register.Instance) {
		n.heard(from, retransmit.Packet{Body: register.AckWrite{Instance: in}})
	}
	short, long := make([]byte, lateBytes), make([]byte, lateBytes+1)

	require.Empty(t, late(register.Write{Instance: 1, Value: short}), "nobody has answered yet")
	answers(2, 1)
	late(tob.Decision{Instance: 1})
	answers(3, 1)
	require.Equal(t, []process.ID{3}, late(register.Write{Instance: 2, Value: short}))
	require.Equal(t, []process.ID{3}, late(register.Read{Instance: 2}))
	require.Empty(t, late(register.Write{Instance: 2, Value: long}))
	require.Empty(t, late(packet(1).Body))

	answers(3, 2) // p2 is slow, or down.
	require.Empty(t, late(register.Write{Instance: 3, Value: short}))
	late(tob.Decision{Instance: 2})
	answers(2, 2)
	require.Equal(t, []process.ID{2}, late(register.Write{Instance: 3, Value: short}))

	n.heard(2, retransmit.Packet{Body: tob.Forward{}})
	require.Empty(t, late(register.Write{Instance: 4, Value: short}))
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
