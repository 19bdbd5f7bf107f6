package tob_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/register"
	"paxon/tob"
)

var k = register.Round{Number: 3, Process: 2, Incarnation: 1}

// Trap 9: a decision by reference is the value accepted in its round, or in a later one.
func TestDecisionByReference(t *testing.T) {
	higher := register.Round{Number: 4, Process: 1, Incarnation: 1}
	for name, in := range map[string]register.Round{"that round": k, "a later round": higher} {
		t.Run(name, func(t *testing.T) {
			e := newEnd(t)
			e.consensus.accepted[1] = accepted{in, batch(stranger(0), 1, "a")}
			e.Receive(2, tob.Decision{Instance: 1, Round: k})
			require.Empty(t, e.delivered, "it is delivered at the end of the turn")
			e.Launch()
			require.Equal(t, []string{"1/0 a"}, e.delivered)
			require.EqualValues(t, 2, e.consensus.settled)
		})
	}
}

func TestDecisionBeforeTheWrite(t *testing.T) {
	e := newEnd(t)
	e.Receive(2, tob.Decision{Instance: 1, Round: k})
	e.Launch()
	require.Empty(t, e.delivered)
	lower := register.Round{Number: 2, Process: 2, Incarnation: 1}
	e.consensus.accepted[1] = accepted{lower, batch(stranger(0), 1, "not it")}
	e.Launch()
	require.Empty(t, e.delivered, "what was accepted in a lower round may not be the decision")
	require.EqualValues(t, 1, e.consensus.settled)
	e.consensus.accepted[1] = accepted{k, batch(stranger(0), 1, "a")}
	e.Launch()
	require.Equal(t, []string{"1/0 a"}, e.delivered)
}

func TestTO4DecisionsWaitForTheirTurn(t *testing.T) {
	e := newEnd(t)
	for l := register.Instance(4); l > 1; l-- {
		e.consensus.accepted[l] = accepted{k, batch(stranger(uint64(l)), 1, fmt.Sprint(l))}
		e.Receive(2, tob.Decision{Instance: l, Round: k})
		e.Launch()
	}
	require.Empty(t, e.delivered)
	e.learn(1, batch(stranger(1), 1, "1"))
	require.Equal(t, []string{"1/0 1", "2/0 2", "3/0 3", "4/0 4"}, e.delivered)
	require.EqualValues(t, 5, e.consensus.settled)
}

func TestDecisionsFarAheadAreNotKept(t *testing.T) {
	e := newEnd(t)
	for l := register.Instance(1); l <= 6; l++ {
		e.consensus.accepted[l] = accepted{k, batch(stranger(uint64(l)), 1, "x")}
	}
	for _, l := range []register.Instance{5, 4, 3, 2, 1} {
		e.Receive(2, tob.Decision{Instance: l, Round: k})
	}
	require.EqualValues(t, 4, e.Progress().Highest, "Ahead is 4")
	e.Launch()
	require.EqualValues(t, 5, e.Next())
	e.Receive(2, tob.Decision{Instance: 5, Round: k})
	e.Receive(2, tob.Decision{Instance: 1, Round: k})
	e.Launch()
	require.EqualValues(t, 6, e.Next())
	require.Len(t, e.delivered, 5)
}

// A decision that is known is not replaced by one whose value is unknown.
func TestKnownDecisionsStay(t *testing.T) {
	e := newEnd(t)
	e.learnLater(2, batch(stranger(0), 1, "b"))
	e.Receive(2, tob.Decision{Instance: 2, Round: k})
	e.learn(1, register.Value{})
	require.Equal(t, []string{"2/0 b"}, e.delivered)
}

// TO3: what is delivered or out of order is passed over, and leaves no trace.
func TestTO3DuplicatesArePassedOver(t *testing.T) {
	e := newEnd(t)
	c, d := stranger(0), stranger(1)
	e.learn(1, join(batch(c, 1, "a", "b"), batch(c, 1, "a"), batch(d, 2, "y"), batch(c, 3, "c"),
		batch(d, 1, "x")))
	require.Equal(t, []string{"1/0 a", "1/1 b", "1/2 c", "1/3 x"}, e.delivered)
	e.learn(2, join(batch(c, 3, "c"), batch(d, 1, "x"), batch(d, 2, "y")))
	require.Equal(t, []string{"2/0 y"}, e.delivered[4:])
	e.learn(3, batch(c, 1, "a", "b"))
	e.learnOnly(4, register.Value{0xc0})
	require.Len(t, e.delivered, 5)
	require.Equal(t, []register.Value{
		join(batch(c, 1, "a", "b", "c"), batch(d, 1, "x")), batch(d, 2, "y"), nil,
	}, e.history.Batches[:3])
	require.Empty(t, e.history.Batches[3], "a no-op delivers nothing")
}

// The batch is not copied when all of it is delivered.
func TestWholeBatchesAreNotCopied(t *testing.T) {
	e := newEnd(t)
	whole := batch(stranger(0), 1, "a", "b")
	e.learn(1, whole)
	require.Same(t, &whole[0], &e.history.Batches[0][0])
}

// Nothing is kept of an instance once it is delivered.
func TestDeliveredInstancesLeaveNothing(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	for _, p := range []string{"a", "b"} {
		e.broadcast(p)
		e.decide(e.consensus.last())
	}
	awaiting, open, numbers := e.Held()
	require.Equal(t, []int{0, 0, 0}, []int{awaiting, open, numbers})
}

// A message that was decided before its turn is proposed again when that comes.
func TestTO1PassedOverIsSentAgain(t *testing.T) {
	e := newEnd(t)
	e.lead(3)
	o := e.broadcast("a", "b")
	e.sent()
	e.learn(1, batch(e.own(), 2, "b"))
	require.Empty(t, e.delivered)
	require.Equal(t, []string{"p3 FORWARD[a b]"}, e.sent())
	e.learn(2, batch(e.own(), 1, "a"))
	require.Equal(t, delivered(2, 0), *o[0])
	e.learn(3, batch(e.own(), 2, "b"))
	require.Equal(t, delivered(3, 0), *o[1])
}

// A message that waited for one that another process broadcast is proposed when that is delivered.
func TestTO5WhatWaitedFollows(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	c := stranger(0)
	for sequence := uint64(2); sequence <= 3; sequence++ {
		m := tob.Broadcast{Client: c, Sequence: sequence, Payload: []byte{'a' + byte(sequence-1)}}
		require.Equal(t, tob.Pending, e.BroadcastAs(m, func(tob.Outcome) {}).Status)
	}
	e.Launch()
	require.Empty(t, e.consensus.take())
	e.learnOnly(1, batch(c, 1, "a"))
	require.Equal(t, []string{"L2 in 1.p1.1: [b c]"}, e.consensus.take())
}

// Only what is ahead of its turn has the rest of its client sent again, not a duplicate.
func TestDuplicatesHaveNothingSentAgain(t *testing.T) {
	e := newEnd(t)
	e.lead(3)
	e.broadcast("a", "b", "c")
	e.sent()
	e.learnOnly(1, batch(e.own(), 1, "a", "b"))
	e.learnOnly(2, batch(e.own(), 2, "b"))
	e.learnOnly(3, batch(e.own(), 1, "a"))
	require.Empty(t, e.sent())
	require.Equal(t, 1, e.Waiting())
}

// idle forgets clients after 2 instances.
func idle(l *tob.Limits) { l.ClientIdle = 2 }

// noops is n instances in which nothing happens.
func noops(n int) []register.Value { return make([]register.Value, n) }

// The message of a client that is forgotten before it is decided is given up.
func TestExpired(t *testing.T) {
	e := newEnd(t, idle)
	e.lead(1)
	c := stranger(0)
	var o tob.Outcome
	e.BroadcastAs(tob.Broadcast{Client: c, Sequence: 1, Payload: []byte("a")}, once(t, &o))
	e.learnOnly(1, noops(3)...)
	e.learnOnly(4, batch(c, 1, "a"))
	require.Equal(t, tob.Outcome{Status: tob.Expired}, o)
	require.Empty(t, e.delivered)
	require.Zero(t, e.Waiting())
	require.Equal(t, tob.Outcome{Status: tob.Expired},
		e.BroadcastAs(tob.Broadcast{Client: c, Sequence: 1, Payload: []byte("a")}, func(tob.Outcome) {}))
}

// learnOnly learns of instances as decisions, so that it counts as no catching up.
func (e *end) learnOnly(l register.Instance, batches ...register.Value) {
	for i, b := range batches {
		at := l + register.Instance(i)
		e.consensus.accepted[at] = accepted{k, b}
		e.Receive(2, tob.Decision{Instance: at, Round: k})
		e.Launch()
	}
}

// A message that another process forwarded waits until it is passed over, so that its process
// hears of the end.
func TestExpiredWithAForwardedCopy(t *testing.T) {
	e := newEnd(t, idle)
	c := stranger(0)
	var o tob.Outcome
	e.BroadcastAs(tob.Broadcast{Client: c, Sequence: 1, Payload: []byte("a")}, once(t, &o))
	e.Receive(2, tob.Forward{Frames: batch(c, 1, "a")})
	e.learn(1, noops(4)...)
	require.Equal(t, tob.Outcome{Status: tob.Expired}, o)
	require.Zero(t, e.Waiting())
	e.lead(1)
	p := e.consensus.last()
	require.Equal(t, []string{"L5 in 1.p1.1: [a]"}, e.consensus.take())
	e.decide(p)
	require.Empty(t, e.delivered)
	e.lead(3)
	e.lead(1)
	require.Empty(t, e.consensus.take(), "it has told what it was to tell")
}

// The process's own client is renamed when it is forgotten, and its messages go on.
func TestOwnClientIsRenamedAfterExpiry(t *testing.T) {
	e := newEnd(t, idle)
	e.lead(3)
	o := e.broadcast("a", "b")
	e.sent()
	e.learnOnly(1, noops(3)...)
	require.Empty(t, e.sent())
	e.learnOnly(4, batch(e.own(), 1, "a", "b"))
	require.Empty(t, e.delivered)
	require.Equal(t, []string{"p3 FORWARD[a b]"}, e.sent())
	require.Equal(t, 2, e.Waiting())

	renamed := tob.Client{Process: 1, Incarnation: 1, Number: 1, Born: 4}
	o = append(o, e.broadcast("c")...)
	e.learnOnly(5, batch(renamed, 1, "a", "b", "c"))
	require.Equal(t, []string{"5/0 a", "5/1 b", "5/2 c"}, e.delivered)
	for i := range o {
		require.Equal(t, delivered(5, uint32(i)), *o[i])
	}
}

func TestOwnClientIsRenamedWhenItCatchesUp(t *testing.T) {
	e := newEnd(t, idle)
	e.lead(3)
	o := e.broadcast("a")
	e.sent()
	e.learn(1, noops(4)...)
	require.Equal(t, []string{"p3 FORWARD[a]"}, e.sent())
	e.learn(5, batch(tob.Client{Process: 1, Incarnation: 1, Number: 1, Born: 5}, 1, "a"))
	require.Equal(t, delivered(5, 0), *o[0])
}

func TestOwnClientIsRenamedWhenItBroadcastsAfterALongTime(t *testing.T) {
	e := newEnd(t, idle)
	e.lead(3)
	e.broadcast("a")
	e.learn(1, batch(e.own(), 1, "a"))
	e.learnOnly(2, noops(4)...)
	e.sent()
	o := e.broadcast("b")
	e.learnOnly(6, batch(tob.Client{Process: 1, Incarnation: 1, Number: 1, Born: 6}, 1, "b"))
	require.Equal(t, delivered(6, 0), *o[0])
}

// A decision that carries its value needs no copy of the register.
func TestDecisionsWithValues(t *testing.T) {
	e := newEnd(t)
	e.Receive(2, tob.Decision{Instance: 2, Round: k, Value: batch(stranger(0), 2, "b")})
	e.Receive(2, tob.Decision{Instance: 1, Round: k, Value: batch(stranger(0), 1, "a")})
	e.Launch()
	require.Equal(t, []string{"1/0 a", "2/0 b"}, e.delivered)
}

func TestValuesAreSent(t *testing.T) {
	e := newEnd(t)
	e.SendValues = true
	e.lead(1)
	e.broadcast("a")
	p := e.consensus.last()
	e.decide(p)
	m := fmt.Sprintf("DECISION(L1,1.p1.1,%d bytes)", len(p.value))
	require.Equal(t, []string{"p2 " + m, "p3 " + m}, e.sent())
}
