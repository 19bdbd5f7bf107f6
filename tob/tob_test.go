package tob_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/omega"
	"paxon/tob"
)

// TO1: what the leader broadcasts is proposed, decided and delivered.
func TestTO1AtTheLeader(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	o := e.broadcast("a")
	require.Equal(t, 1, e.Waiting())
	require.Equal(t, tob.Outcome{}, *o[0])
	p := e.consensus.last()
	require.Equal(t, []string{"L1 in 1.p1.1: [a]"}, e.consensus.take())

	e.decide(p)
	require.Equal(t, []string{"1/0 a"}, e.delivered)
	require.Equal(t, delivered(1, 0), *o[0])
	require.Zero(t, e.Waiting())
	require.Equal(t, []string{"p2 DECISION(L1,1.p1.1)", "p3 DECISION(L1,1.p1.1)"}, e.sent())
	require.Empty(t, e.links.Stubborn(2), "a decision is sent once: who misses it pulls")
	require.Empty(t, e.consensus.take())
	require.EqualValues(t, 2, e.consensus.settled)
	require.EqualValues(t, 2, e.Next())
}

// TO1: what another process broadcasts is s-sent to the leader.
func TestTO1ElsewhereIsForwarded(t *testing.T) {
	e := newEnd(t)
	o := e.broadcast("a", "b")
	require.Empty(t, e.sent(), "there is no leader")
	e.lead(3)
	require.Equal(t, []string{"p3 FORWARD[a b]"}, e.sent())
	require.Len(t, e.links.Stubborn(3), 1)
	e.Launch()
	require.Empty(t, e.sent())

	e.lead(2)
	require.Equal(t, []string{"p2 FORWARD[a b]"}, e.sent())
	require.Empty(t, e.links.Stubborn(3), "p3 leads no more")
	require.Empty(t, e.consensus.take())
	e.lead(0)
	require.Empty(t, e.links.Stubborn(2))
	e.lead(1)
	require.Equal(t, []string{"L1 in 1.p1.1: [a b]"}, e.consensus.take())
	e.learn(1, batch(e.own(), 1, "a", "b"))
	require.Equal(t, delivered(1, 0), *o[0])
	require.Equal(t, delivered(1, 1), *o[1])
}

// own is the client that the process broadcasts with at first.
func (e *end) own() tob.Client { return tob.Client{Process: 1, Incarnation: 1, Born: 1} }

func TestForwardsAreLimited(t *testing.T) {
	e := newEnd(t)
	e.lead(3)
	e.broadcast("a")
	e.broadcast("b")
	e.broadcast("c")
	e.broadcast("d")
	require.Equal(t, []string{"p3 FORWARD[a]", "p3 FORWARD[b]"}, e.sent())
	e.links.Received(3)
	e.Launch()
	require.Equal(t, []string{"p3 FORWARD[c d]"}, e.sent(), "what waits goes together")
}

func TestForwardsAreNoLongerThanABatch(t *testing.T) {
	e := newEnd(t, func(l *tob.Limits) { l.Batch = len(batch(tob.Client{}, 1, "12345678")) * 2 })
	e.broadcast("12345678", "abcdefgh", "x")
	e.lead(3)
	require.Equal(t, []string{"p3 FORWARD[12345678 abcdefgh]", "p3 FORWARD[x]"}, e.sent())
}

// A leader that runs as a new incarnation has forgotten what was forwarded to it.
func TestRestarted(t *testing.T) {
	e := newEnd(t)
	e.lead(3)
	e.broadcast("a")
	e.links.Received(3)
	e.sent()
	e.Restarted(2)
	e.Launch()
	require.Empty(t, e.sent())
	e.Restarted(3)
	e.Restarted(3)
	e.Launch()
	require.Equal(t, []string{"p3 FORWARD[a]"}, e.sent())
	e.Restarted(3)
	require.Empty(t, e.links.Stubborn(3), "it would be sent twice")
}

func TestBroadcastTooLarge(t *testing.T) {
	e := newEnd(t)
	require.Equal(t, tob.Outcome{Status: tob.TooLarge},
		e.Broadcast([]byte("123456789"), func(tob.Outcome) {}))
	e.lead(1)
	e.broadcast("12345678")
	require.Equal(t, []string{"L1 in 1.p1.1: [12345678]"}, e.consensus.take(),
		"what was not taken has used up a sequence number")
}

func TestBroadcastFull(t *testing.T) {
	e := newEnd(t)
	var o tob.Outcome
	for range 8 {
		require.Equal(t, tob.Pending, e.Broadcast([]byte("a"), func(tob.Outcome) {}).Status)
	}
	require.Equal(t, tob.Outcome{Status: tob.Full}, e.Broadcast([]byte("b"), once(t, &o)))
	require.Equal(t, 8, e.Waiting())
	e.learn(1, batch(e.own(), 1, "a"))
	require.Equal(t, tob.Pending, e.Broadcast([]byte("b"), once(t, &o)).Status)
	e.learn(2, batch(e.own(), 2, "a", "a", "a", "a", "a", "a", "a", "b"))
	require.Equal(t, delivered(2, 7), o)
}

func TestBroadcastFullOfBytes(t *testing.T) {
	frame := len(batch(tob.Client{}, 1, "a"))
	e := newEnd(t, func(l *tob.Limits) { l.PendingBytes = 2 * frame })
	for _, want := range []tob.Status{tob.Pending, tob.Pending, tob.Full} {
		require.Equal(t, want, e.Broadcast([]byte("a"), func(tob.Outcome) {}).Status)
	}
}

// A message that was delivered already, or never will be, is answered at once.
func TestBroadcastAsOfWhatIsSettled(t *testing.T) {
	e := newEnd(t)
	c := stranger(0)
	e.learn(1, batch(c, 1, "a", "b"))
	as := func(c tob.Client, sequence uint64) tob.Outcome {
		return e.BroadcastAs(tob.Broadcast{Client: c, Sequence: sequence}, func(tob.Outcome) {})
	}
	require.Equal(t, delivered(1, 1), as(c, 2))
	require.Equal(t, tob.Outcome{Status: tob.Forgotten}, as(c, 1))
	require.Equal(t, tob.Outcome{Status: tob.Expired}, as(stranger(1), 0))
	require.Equal(t, tob.Outcome{Status: tob.Pending}, as(c, 3))
	require.Equal(t, tob.Outcome{Status: tob.Pending}, as(stranger(1), 1))
}

// TO5: a message waits for those before it, wherever they are broadcast.
func TestBroadcastAsKeepsTheOrder(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	c := stranger(0)
	var o tob.Outcome
	e.BroadcastAs(tob.Broadcast{Client: c, Sequence: 2, Payload: []byte("b")}, once(t, &o))
	e.Launch()
	require.Empty(t, e.consensus.take())
	e.Receive(2, tob.Forward{Frames: batch(c, 1, "a")})
	e.Launch()
	p := e.consensus.last()
	require.Equal(t, []string{"L1 in 1.p1.1: [a b]"}, e.consensus.take())
	e.decide(p)
	require.Equal(t, delivered(1, 1), o)
}

// TO3: a client may hand its message to two processes, or to one twice.
func TestTO3OnceThoughBroadcastTwice(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	c := stranger(0)
	var first, second tob.Outcome
	m := tob.Broadcast{Client: c, Sequence: 1, Payload: []byte("a")}
	e.BroadcastAs(m, once(t, &first))
	e.BroadcastAs(m, once(t, &second))
	e.Receive(2, tob.Forward{Frames: batch(c, 1, "a")})
	e.Launch()
	p := e.consensus.last()
	require.Equal(t, []string{"L1 in 1.p1.1: [a]"}, e.consensus.take())
	e.decide(p)
	require.Equal(t, []string{"1/0 a"}, e.delivered)
	require.Equal(t, delivered(1, 0), first)
	require.Equal(t, delivered(1, 0), second)
	e.Receive(2, tob.Forward{Frames: batch(c, 1, "a")})
	e.Launch()
	require.Empty(t, e.consensus.take(), "it is delivered already")
}

// A message that was delivered while this process missed it counts as forgotten.
func TestForgottenWhenALaterOneIsDelivered(t *testing.T) {
	e := newEnd(t)
	c := stranger(0)
	var first, second, third tob.Outcome
	for i, o := range []*tob.Outcome{&first, &second, &third} {
		e.BroadcastAs(tob.Broadcast{Client: c, Sequence: uint64(i + 1), Payload: []byte("x")}, once(t, o))
	}
	e.learn(1, batch(c, 1, "x", "x"))
	require.Equal(t, []tob.Outcome{delivered(1, 0), delivered(1, 1), {}}, []tob.Outcome{first, second, third})
}

func TestForwardPushesBack(t *testing.T) {
	frame := batch(stranger(0), 1, "a")
	e := newEnd(t, func(l *tob.Limits) { l.PendingBytes = len(frame) })
	for sequence := uint64(1); sequence <= 2; sequence++ {
		require.True(t, e.Receive(2, tob.Forward{Frames: batch(stranger(0), sequence, "a")}))
	}
	require.False(t, e.Receive(3, tob.Forward{Frames: batch(stranger(1), 1, "a")}))
	e.learn(1, frame)
	require.True(t, e.Receive(3, tob.Forward{Frames: batch(stranger(1), 1, "a")}))
}

// A leader never holds what it cannot propose: a message whose predecessor is missing is pushed back.
func TestForwardWaitsForWhatComesBefore(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	c := stranger(0)
	require.False(t, e.Receive(2, tob.Forward{Frames: batch(c, 2, "b")}))
	require.True(t, e.Receive(2, tob.Forward{Frames: batch(c, 1, "a")}))
	require.True(t, e.Receive(2, tob.Forward{Frames: batch(c, 2, "b")}), "the first is here")
	require.False(t, e.Receive(2, tob.Forward{Frames: batch(c, 4, "d")}))
	e.Launch()
	require.Equal(t, []string{"L1 in 1.p1.1: [a b]"}, e.consensus.take())
	e.learnOnly(1, batch(c, 1, "a", "b"))
	require.False(t, e.Receive(2, tob.Forward{Frames: batch(c, 4, "d")}))
	require.True(t, e.Receive(2, tob.Forward{Frames: batch(c, 3, "c", "d")}), "the second is delivered")
}

// What is delivered already is not held, where it would be in the way of what follows.
func TestForwardOfWhatIsDelivered(t *testing.T) {
	e := newEnd(t)
	c := stranger(0)
	e.learn(1, batch(c, 1, "a", "b"))
	e.lead(1)
	for _, sequence := range []uint64{2, 1, 2} {
		require.True(t, e.Receive(2, tob.Forward{Frames: batch(c, sequence, "x")}))
	}
	require.True(t, e.Receive(2, tob.Forward{Frames: batch(c, 3, "c")}))
	e.Launch()
	require.Equal(t, []string{"L2 in 1.p1.1: [c]"}, e.consensus.take())
}

func TestForwardOfGarbage(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	for _, frames := range []string{"abc", "\xc0", string(batch(stranger(0), 1, "a")) + "x"} {
		require.True(t, e.Receive(2, tob.Forward{Frames: []byte(frames)}))
	}
	e.Launch()
	require.Empty(t, e.consensus.take())
}

// done is called after the whole batch is delivered, and may broadcast.
func TestDoneMayBroadcast(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	var seen []string
	e.Broadcast([]byte("a"), func(tob.Outcome) {
		seen = append(seen, e.delivered...)
		e.Broadcast([]byte("c"), func(tob.Outcome) {})
	})
	e.broadcast("b")
	e.decide(e.consensus.last())
	require.Equal(t, []string{"1/0 a", "1/1 b"}, seen)
	require.Equal(t, []string{"L1 in 1.p1.1: [a b]", "L2 in 1.p1.1: [c]"}, e.consensus.take())
}

func TestClientNamesNewClients(t *testing.T) {
	e := newEnd(t)
	require.Equal(t, tob.Client{Process: 1, Incarnation: 1, Number: 1, Born: 1}, e.Client())
	e.learn(1, batch(stranger(0), 1, "a"))
	require.Equal(t, tob.Client{Process: 1, Incarnation: 1, Number: 2, Born: 2}, e.Client())
}

func TestProgress(t *testing.T) {
	e := newEnd(t)
	require.Equal(t, omega.Progress{Next: 1, Stable: 1}, e.Progress())
	e.learn(1, batch(stranger(0), 1, "a"), batch(stranger(0), 2, "b"))
	require.Equal(t, omega.Progress{Next: 3, Highest: 2, Stable: 1}, e.Progress())
	e.consensus.highest = 7
	require.Equal(t, omega.Progress{Next: 3, Highest: 7, Stable: 1}, e.Progress())
	e.consensus.highest = 0
	e.Heard(2, omega.Progress{Highest: 9})
	require.EqualValues(t, 9, e.Progress().Highest)
}
