package retransmit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/retransmit"
)

func TestRT3ResentWithBackOff(t *testing.T) {
	e := newEnd(1)
	for _, m := range []string{"a", "b", "c"} {
		e.SSend(2, m)
	}
	e.take(t)
	e.clock.Advance(20*ms - 1)
	require.Empty(t, e.take(t))
	e.clock.Advance(1)
	require.Equal(t, messages{"a", "b"}, e.bodies(t), "as many as Burst, the oldest")
	e.clock.Advance(20 * ms)
	require.Equal(t, messages{"a", "b"}, e.bodies(t))
	for range 2 { // MaxInterval is reached.
		e.clock.Advance(40*ms - 1)
		require.Empty(t, e.take(t))
		e.clock.Advance(1)
		require.Equal(t, messages{"a", "b"}, e.bodies(t))
	}

	e.from2(retransmit.Packet{Ack: 1})
	e.clock.Advance(40 * ms)
	require.Empty(t, e.take(t), "there was progress")
	e.clock.Advance(10 * ms)
	require.Equal(t, messages{"b", "c"}, e.bodies(t), "progress resets the interval")

	e.from2(retransmit.Packet{Ack: 3})
	e.clock.Advance(100 * ms)
	require.Empty(t, e.take(t))
	require.Zero(t, e.clock.Timers(), "the timer runs for nothing")

	e.SSend(2, "d")
	e.take(t)
	e.clock.Advance(20 * ms)
	require.Equal(t, messages{"d"}, e.bodies(t), "the timer does not begin again")
}

func TestOneTimerPerPeer(t *testing.T) {
	e := newEnd(1)
	e.SSend(2, "a")
	e.SSend(2, "b")
	require.Equal(t, 1, e.clock.Timers())
	e.SSend(3, "c")
	require.Equal(t, 2, e.clock.Timers())
}

func TestReconnected(t *testing.T) {
	e := newEnd(1)
	for _, m := range []string{"a", "b", "c"} {
		e.SSend(2, m)
	}
	e.SSend(3, "to another")
	e.net.Take()
	e.Reconnected(2)
	require.Equal(t, messages{"a", "b", "c"}, e.bodies(t), "all, without waiting")
}

func TestNewIncarnationOfAPeer(t *testing.T) {
	e := newEnd(1)
	for _, m := range []string{"a", "b", "c"} {
		e.SSend(2, m)
	}
	e.take(t)
	e.from2(retransmit.Packet{Seq: 1, Base: 1, Body: "from 1"})
	require.Empty(t, e.take(t), "it was heard of for the first time")
	require.Empty(t, e.restarted)

	e.Receive(2, retransmit.Packet{From: 3, Seq: 1, Base: 1, Body: "from 3"})
	require.Equal(t, []process.ID{2}, e.restarted)
	require.Equal(t, messages{"from 1", "from 3"}, e.got, "its numbers begin anew")
	require.Equal(t, []retransmit.Packet{
		{From: 1, To: 3, Seq: 1, Base: 1, Body: "a"},
		{From: 1, To: 3, Seq: 2, Base: 1, Body: "b"},
		{From: 1, To: 3, Seq: 3, Base: 1, Body: "c"},
	}, e.take(t))

	e.Receive(2, retransmit.Packet{From: 2, To: 1, Seq: 2, Base: 1, Ack: 3, Body: "stale"})
	require.Equal(t, messages{"from 1", "from 3"}, e.got)
	require.Equal(t, 3, e.Kept(2), "an earlier incarnation acknowledged it")
	require.Equal(t, []process.ID{2}, e.restarted)
	e.Send(2, "x")
	require.Equal(t, process.Incarnation(3), e.take(t)[0].To)
}

// A crash before the peer was first heard of is told of like any other.
func TestFirstHeardOfAsALaterIncarnation(t *testing.T) {
	e := newEnd(1)
	e.SSend(2, "a")
	e.take(t)
	e.Receive(2, retransmit.Packet{From: 2, Seq: 1, Base: 1, Body: "from 2"})
	require.Equal(t, []process.ID{2}, e.restarted)
	require.Empty(t, e.take(t), "no earlier incarnation is known to have received it")
	e.Receive(2, retransmit.Packet{From: 2, Seq: 2, Base: 1, Body: "once more"})
	require.Equal(t, []process.ID{2}, e.restarted)
}

func TestNewIncarnationKnowsNothingOfNumbersOutOfOrder(t *testing.T) {
	e := newEnd(1)
	e.from2(retransmit.Packet{Seq: 2, Base: 1, Body: "old 2"})
	e.Receive(2, retransmit.Packet{From: 2, Seq: 2, Base: 1, Body: "new 2"})
	e.Receive(2, retransmit.Packet{From: 2, Seq: 1, Base: 1, Body: "new 1"})
	require.Equal(t, messages{"old 2", "new 2", "new 1"}, e.got)
}

func TestCancelAtTheFront(t *testing.T) {
	e := newEnd(1)
	first := e.SSend(2, "a")
	e.SSend(2, "b")
	e.take(t)
	e.Cancel(first)
	require.Equal(t, 1, e.Kept(2))
	require.False(t, e.Waits(first))
	e.Reconnected(2)
	require.Equal(t, []retransmit.Packet{{From: 1, Seq: 2, Base: 2, Body: "b"}}, e.take(t))
}

func TestCancelInTheMiddle(t *testing.T) {
	e := newEnd(1)
	e.SSend(2, "a")
	middle := e.SSend(2, "b")
	last := e.SSend(2, "c")
	e.take(t)
	e.Cancel(middle)
	e.Cancel(middle)
	require.Equal(t, 2, e.Kept(2))
	require.False(t, e.Waits(middle))
	require.True(t, e.Waits(last))
	e.Reconnected(2)
	require.Equal(t, []retransmit.Packet{
		{From: 1, Seq: 1, Base: 1, Body: "a"}, {From: 1, Seq: 3, Base: 1, Body: "c"},
	}, e.take(t))

	e.from2(retransmit.Packet{Ack: 1})
	e.Send(2, "x")
	require.Equal(t, uint64(3), e.take(t)[0].Base, "the receiver would wait for 2")
	e.Cancel(last)
	e.Send(2, "x")
	require.Equal(t, uint64(4), e.take(t)[0].Base)
	require.Zero(t, e.Kept(2))
}

func TestCancelOfWhatIsDoneWith(t *testing.T) {
	e := newEnd(1)
	ticket := e.SSend(2, "a")
	cancelled := e.SSend(2, "b")
	e.SSend(2, "c")
	e.Cancel(cancelled)
	e.from2(retransmit.Packet{Ack: 2})
	e.Cancel(ticket)
	e.Cancel(cancelled)
	e.Cancel(retransmit.Ticket{})
	require.Equal(t, 1, e.Kept(2))
}
