package retransmit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/retransmit"
)

func TestAcknowledgementRides(t *testing.T) {
	e := newEnd(1)
	e.from2(retransmit.Packet{Seq: 1, Base: 1, Body: "a"})
	e.from2(retransmit.Packet{Seq: 2, Base: 1, Body: "b"})
	require.Equal(t, 1, e.clock.Timers(), "a timer for each")
	e.Send(2, "x")
	require.Equal(t, []retransmit.Packet{{From: 1, To: 1, Base: 1, Ack: 2, Body: "x"}}, e.take(t))
	e.clock.Advance(10 * ms)
	require.Empty(t, e.take(t), "it was acknowledged already")
}

func TestAcknowledgementAlone(t *testing.T) {
	e := newEnd(1)
	for seq := uint64(1); seq <= 2; seq++ {
		e.from2(retransmit.Packet{Seq: seq, Base: 1, Body: "a"})
		e.clock.Advance(2*ms - 1)
		require.Empty(t, e.take(t), "it might still find something to ride on")
		e.clock.Advance(1)
		require.Equal(t, []retransmit.Packet{{From: 1, To: 1, Base: 1, Ack: seq}}, e.take(t))
	}
	e.clock.Advance(100 * ms)
	require.Empty(t, e.take(t))
}

func TestAcknowledgementIsCumulative(t *testing.T) {
	e := newEnd(1)
	ackAfter := func(seq uint64) uint64 {
		e.from2(retransmit.Packet{Seq: seq, Base: 1, Body: seq})
		e.clock.Advance(2 * ms)
		packets := e.take(t)
		require.Len(t, packets, 1)
		return packets[0].Ack
	}
	require.Equal(t, uint64(0), ackAfter(4))
	require.Equal(t, uint64(0), ackAfter(2))
	require.Equal(t, uint64(2), ackAfter(1))
	require.Equal(t, uint64(4), ackAfter(3))
	require.Equal(t, messages{uint64(4), uint64(2), uint64(1), uint64(3)}, e.got)
	_, beyond := e.Held(2)
	require.Zero(t, beyond)
}

func TestAcknowledgementErases(t *testing.T) {
	e := newEnd(1)
	first, second := e.SSend(2, "a"), e.SSend(2, "b")
	e.from2(retransmit.Packet{Ack: 1})
	require.False(t, e.Waits(first))
	require.True(t, e.Waits(second))
	require.Equal(t, 1, e.Kept(2))
	e.take(t)
	e.SSend(2, "c")
	require.Equal(t, []retransmit.Packet{{From: 1, To: 1, Seq: 3, Base: 2, Body: "c"}}, e.take(t))
	e.from2(retransmit.Packet{Ack: 3})
	require.Zero(t, e.Kept(2))
	e.from2(retransmit.Packet{Ack: 1})
	require.Zero(t, e.Kept(2), "an old acknowledgement counted")
}

func TestAcknowledgementOfAnotherIncarnation(t *testing.T) {
	e := newEnd(2)
	e.SSend(2, "a")
	e.Receive(2, retransmit.Packet{From: 1, To: 1, Ack: 1})
	require.Equal(t, 1, e.Kept(2), "incarnation 1 was meant")
	e.Receive(2, retransmit.Packet{From: 1, To: 0, Ack: 1})
	require.Equal(t, 1, e.Kept(2), "nobody was meant")
	e.Receive(2, retransmit.Packet{From: 1, To: 2, Ack: 1})
	require.Zero(t, e.Kept(2))
}

func TestRT2DuplicatesAreSuppressed(t *testing.T) {
	e := newEnd(1)
	for _, seq := range []uint64{1, 1, 3, 3, 2, 3, 1, 2} {
		e.from2(retransmit.Packet{Seq: seq, Base: 1, Body: seq})
	}
	require.Equal(t, messages{uint64(1), uint64(3), uint64(2)}, e.got)

	e.clock.Advance(2 * ms)
	e.take(t)
	e.from2(retransmit.Packet{Seq: 1, Base: 1, Body: uint64(1)})
	e.clock.Advance(2 * ms)
	require.Equal(t, []retransmit.Packet{{From: 1, To: 1, Base: 1, Ack: 3}}, e.take(t),
		"the acknowledgement was lost and is not given again")
}

func TestPushedBackMessagesComeAgain(t *testing.T) {
	e := newEnd(1)
	e.refuse = true
	e.from2(retransmit.Packet{Seq: 1, Base: 1, Body: "a"})
	e.clock.Advance(10 * ms)
	require.Empty(t, e.take(t), "what was not accepted is acknowledged")
	e.refuse = false
	e.from2(retransmit.Packet{Seq: 1, Base: 1, Body: "a"})
	require.Equal(t, messages{"a"}, e.got)
	e.clock.Advance(10 * ms)
	require.Equal(t, []retransmit.Packet{{From: 1, To: 1, Base: 1, Ack: 1}}, e.take(t))
}

func TestRT4BeyondTheWindowIsRefused(t *testing.T) {
	e := newEnd(1)
	for seq := uint64(7); seq > 1; seq-- {
		e.from2(retransmit.Packet{Seq: seq, Base: 1, Body: seq})
	}
	require.Equal(t, messages{uint64(4), uint64(3), uint64(2)}, e.got)
	_, beyond := e.Held(2)
	require.Equal(t, 3, beyond)
	e.from2(retransmit.Packet{Seq: 1, Base: 1, Body: uint64(1)})
	e.from2(retransmit.Packet{Seq: 8, Base: 1, Body: uint64(8)})
	require.Equal(t, messages{uint64(4), uint64(3), uint64(2), uint64(1), uint64(8)}, e.got)
}

func TestCancelledMessagesAreNotWaitedFor(t *testing.T) {
	e := newEnd(1)
	e.from2(retransmit.Packet{Seq: 2, Base: 1, Body: "b"})
	e.from2(retransmit.Packet{Seq: 9, Base: 7, Body: "i"})
	e.Send(2, "x")
	require.Equal(t, uint64(6), e.take(t)[0].Ack)
	e.from2(retransmit.Packet{Base: 9})
	e.Send(2, "x")
	require.Equal(t, uint64(9), e.take(t)[0].Ack, "9 has come before")
	e.from2(retransmit.Packet{Seq: 5, Base: 1, Body: "late"})
	e.from2(retransmit.Packet{Base: 3})
	e.Send(2, "x")
	require.Equal(t, uint64(9), e.take(t)[0].Ack, "an old packet took something back")
	require.Equal(t, messages{"b", "i"}, e.got)
}

func TestRT1OtherProcessesAreApart(t *testing.T) {
	e := newEnd(1)
	var from []process.ID
	e.Deliver(func(p process.ID, _ process.Message) bool { from = append(from, p); return true }, nil)
	e.Receive(2, retransmit.Packet{From: 1, Seq: 1, Base: 1, Body: "a"})
	e.Receive(3, retransmit.Packet{From: 1, Seq: 1, Base: 1, Body: "a"})
	require.Equal(t, []process.ID{2, 3}, from)
}
