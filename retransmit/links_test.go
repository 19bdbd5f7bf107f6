package retransmit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/internal/fake"
	"paxon/process"
	"paxon/retransmit"
)

// ms is the unit of time of these tests.
const ms = time.Millisecond

func config() retransmit.Config {
	return retransmit.Config{
		Interval: 10 * ms, MaxInterval: 40 * ms, AckDelay: 2 * ms, Burst: 2, Window: 4,
	}
}

// end is process p1 of 3, whose links keep what it sends.
type end struct {
	*retransmit.Links
	net       *fake.Net[retransmit.Packet]
	clock     *fake.Clock
	got       []process.Message
	refuse    bool
	restarted []process.ID
}

func newEnd(incarnation process.Incarnation) *end {
	e := &end{net: fake.NewNet[retransmit.Packet](1, 3), clock: &fake.Clock{}}
	e.Links = retransmit.New(e.net, e.clock, incarnation, config())
	e.Deliver(func(_ process.ID, m process.Message) bool {
		if !e.refuse {
			e.got = append(e.got, m)
		}
		return !e.refuse
	}, func(p process.ID) { e.restarted = append(e.restarted, p) })
	return e
}

// take is the packets sent since the last take; all must be to p2.
func (e *end) take(t *testing.T) []retransmit.Packet {
	t.Helper()
	var packets []retransmit.Packet
	for _, s := range e.net.Take() {
		require.Equal(t, process.ID(2), s.To)
		packets = append(packets, s.Message)
	}
	return packets
}

// bodies is what the packets sent since the last take carry.
func (e *end) bodies(t *testing.T) []process.Message {
	t.Helper()
	var bodies []process.Message
	for _, p := range e.take(t) {
		bodies = append(bodies, p.Body)
	}
	return bodies
}

// from2 receives a packet of p2, incarnation 1, to incarnation 1.
func (e *end) from2(p retransmit.Packet) {
	p.From, p.To = 1, 1
	e.Receive(2, p)
}

type messages = []process.Message

func TestNumbersArePerReceiver(t *testing.T) {
	e := newEnd(7)
	e.SSend(2, "a")
	e.SSend(2, "b")
	e.Send(2, "plain")
	require.Equal(t, []retransmit.Packet{
		{From: 7, Seq: 1, Base: 1, Body: "a"},
		{From: 7, Seq: 2, Base: 1, Body: "b"},
		{From: 7, Base: 1, Body: "plain"},
	}, e.take(t))

	e.SSend(3, "c")
	require.Equal(t, []fake.Sent[retransmit.Packet]{
		{To: 3, Message: retransmit.Packet{From: 7, Seq: 1, Base: 1, Body: "c"}},
	}, e.net.Take())
}

func TestPlainSendIsNotKept(t *testing.T) {
	e := newEnd(1)
	e.Send(2, "plain")
	require.Zero(t, e.Kept(2))
	require.Zero(t, e.clock.Timers())
	e.from2(retransmit.Packet{Body: "x"})
	e.from2(retransmit.Packet{Body: "x"})
	require.Equal(t, messages{"x", "x"}, e.got)
	e.take(t)
	e.clock.Advance(10 * ms)
	require.Empty(t, e.take(t), "a plain message was acknowledged")
}

// Fig. 11, lines 10–11.
func TestToMyselfIsHandedOver(t *testing.T) {
	e := newEnd(3)
	ticket := e.SSend(1, "s")
	e.Send(1, "plain")
	require.Equal(t, retransmit.Ticket{}, ticket)
	require.False(t, e.Waits(ticket))
	require.Zero(t, e.Kept(1))
	require.Zero(t, e.clock.Timers())
	require.Empty(t, e.got, "a message to itself arrived before the call returned")
	for _, s := range e.net.Take() {
		require.Equal(t, process.ID(1), s.To)
		e.Receive(1, s.Message)
	}
	require.Equal(t, messages{"s", "plain"}, e.got)
	require.Empty(t, e.net.Take())
}

func TestForIsTheLinksOfOnePart(t *testing.T) {
	e := newEnd(1)
	part := retransmit.For[string](e.Links)
	ticket := part.SSend(2, "a")
	part.Send(2, "b")
	require.Equal(t, messages{"a", "b"}, e.bodies(t))
	require.Equal(t, process.ID(1), part.Self())
	require.Equal(t, []process.ID{1, 2, 3}, part.All())
	require.True(t, part.Waits(ticket))
	part.Cancel(ticket)
	require.False(t, part.Waits(ticket))
}

func TestUnknownPeer(t *testing.T) {
	e := newEnd(1)
	for _, p := range []process.ID{0, 4} {
		require.PanicsWithValue(t, "retransmit: p1 has no link to "+p.String()+
			", only to the others of [p1 p2 p3]", func() { e.Send(p, "a") })
	}
	require.Panics(t, func() { e.Reconnected(1) })
}

func TestRT4Bounded(t *testing.T) {
	e := newEnd(1)
	var last retransmit.Ticket
	for range 4 {
		last = e.SSend(2, "a")
	}
	require.Equal(t, 4, e.Kept(2))
	require.PanicsWithValue(t, "retransmit: 4 messages wait for p2, as many as Config.Window allows; "+
		"their owners must cancel what they no longer need", func() { e.SSend(2, "b") })
	e.SSend(3, "to another")
	e.Cancel(last)
	e.SSend(2, "b")
	require.Equal(t, 4, e.Kept(2))
}

func TestRT4CancelledMessagesLeaveNothing(t *testing.T) {
	e := newEnd(1)
	e.SSend(2, "stays")
	var tickets []retransmit.Ticket
	for i := range 10_000 {
		tickets = append(tickets, e.SSend(2, i))
		if len(tickets) == 3 {
			e.Cancel(tickets[1]) // From the middle, too.
			e.Cancel(tickets[0])
			e.Cancel(tickets[2])
			tickets = nil
		}
		queue, _ := e.Held(2)
		require.LessOrEqual(t, queue, 2*e.Kept(2))
	}
}

// What is cancelled is taken out once it is the majority, so that a cancel costs little.
func TestCancelledMessagesAreTakenOutTogether(t *testing.T) {
	e := newEnd(1)
	var tickets []retransmit.Ticket
	for i := range 4 {
		tickets = append(tickets, e.SSend(2, i))
	}
	for i, want := range []int{4, 4, 1} {
		e.Cancel(tickets[i+1])
		queue, _ := e.Held(2)
		require.Equal(t, want, queue, "of 4 messages, %d are cancelled", i+1)
	}
}

// A process that was not there at first has a link once it is.
func TestOneMore(t *testing.T) {
	e := newEnd(1)
	require.Panics(t, func() { e.SSend(4, "early") })
	e.net.Add(4)
	e.SSend(4, "m")
	sent := e.net.Take()
	require.Len(t, sent, 1)
	require.Equal(t, process.ID(4), sent[0].To)
	e.Receive(4, retransmit.Packet{From: 1, To: 1, Seq: 1, Base: 1, Ack: 1, Body: "n"})
	require.Equal(t, []process.Message{"n"}, e.got)
	require.Zero(t, e.Kept(4))
}
