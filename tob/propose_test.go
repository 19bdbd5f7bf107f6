package tob_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/omega"
	"paxon/register"
	"paxon/tob"
)

// What waits goes together, in as many instances as the window has room for.
func TestWindowAndBatching(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	var outcomes []*tob.Outcome
	for _, p := range []string{"a", "b", "c", "d"} {
		outcomes = append(outcomes, e.broadcast(p)...)
	}
	first, second := e.consensus.proposals[0], e.consensus.proposals[1]
	require.Equal(t, []string{"L1 in 1.p1.1: [a]", "L2 in 1.p1.1: [b]"}, e.consensus.take())

	e.decide(second)
	require.Empty(t, e.delivered, "instance 1 is open")
	require.Empty(t, e.consensus.take())
	e.decide(first)
	require.Equal(t, []string{"1/0 a", "2/0 b"}, e.delivered)
	require.EqualValues(t, 3, e.consensus.settled)
	require.Equal(t, []string{"L3 in 1.p1.1: [c d]"}, e.consensus.take())
	require.Equal(t, delivered(2, 0), *outcomes[1])
	require.Equal(t, tob.Outcome{}, *outcomes[2])
}

func TestBatchesAreLimited(t *testing.T) {
	e := newEnd(t, func(l *tob.Limits) { l.Batch = len(batch(tob.Client{}, 1, "a")) * 2 })
	e.lead(1)
	e.broadcast("a", "b", "c")
	require.Equal(t, []string{"L1 in 1.p1.1: [a b]", "L2 in 1.p1.1: [c]"}, e.consensus.take())
}

// The first of many instances have shorter batches than a window that is open wide.
func TestFirstBatchesAreShort(t *testing.T) {
	const large = 1 << 17
	e := newEnd(t, func(l *tob.Limits) {
		l.Payload, l.Pending, l.PendingBytes, l.Batch, l.Window = large, 100, 100*large, 1<<20, 8
	})
	e.lead(1)
	e.broadcast(slices.Repeat([]string{strings.Repeat("a", large-100)}, 40)...)
	var messages []int
	for _, p := range e.consensus.proposals {
		messages = append(messages, len(slices.Collect(tob.Unpack(p.value))))
	}
	few := tob.PieceBytes / large
	require.Equal(t, []int{few, few, 8, 8, 8, 8, 4}, messages)
}

// Trap 4: a new leader fills every instance that is known to be begun, in its window.
func TestHolesAreFilled(t *testing.T) {
	e := newEnd(t)
	e.consensus.highest = 3
	e.Launch()
	require.Empty(t, e.consensus.take(), "it does not lead")
	e.lead(1)
	first, second := e.consensus.proposals[0], e.consensus.proposals[1]
	require.Equal(t, register.Value{0xc0}, first.value, "⊥ cannot be written")
	require.Equal(t, []string{"L1 in 1.p1.1: []", "L2 in 1.p1.1: []"}, e.consensus.take())
	e.broadcast("a")
	require.Empty(t, e.consensus.take(), "the window is full")

	second.done(batch(stranger(0), 1, "locked"), true, register.Round{})
	e.decide(first)
	require.Equal(t, []string{"2/0 locked"}, e.delivered)
	require.Equal(t, []string{"L3 in 1.p1.1: []", "L4 in 1.p1.1: [a]"}, e.consensus.take())
}

func TestHolesThatOthersKnowOfAreFilled(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	e.Heard(3, omega.Progress{Next: 1, Highest: 1})
	e.Launch()
	require.Equal(t, []string{"L1 in 1.p1.1: []"}, e.consensus.take())
}

func TestNoHoleIsFilledThatIsDecided(t *testing.T) {
	e := newEnd(t)
	e.learnLater(2, batch(stranger(0), 1, "b"))
	e.lead(1)
	require.Equal(t, []string{"L1 in 2.p1.1: []"}, e.consensus.take())
}

// learnLater has a decision accepted here whose turn has not come, by proposing as a leader.
func (e *end) learnLater(l register.Instance, value register.Value) {
	e.lead(1)
	e.consensus.highest = l
	e.Launch()
	for _, p := range e.consensus.proposals {
		if p.instance == l {
			p.done(value, true, register.Round{})
		}
	}
	e.lead(3)
	e.consensus.take()
	e.sent()
}

// A decision by reference may never find its value: the leader does not rely on it.
func TestHolesWhoseValueIsUnknownAreFilled(t *testing.T) {
	e := newEnd(t)
	e.Receive(2, tob.Decision{Instance: 1, Round: register.Round{Number: 3, Process: 2}})
	e.lead(1)
	require.Equal(t, []string{"L1 in 1.p1.1: []"}, e.consensus.take())
}

// An abort tells which round won: the next attempt goes past it.
func TestAbortJumpsPastTheRoundThatWon(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	e.broadcast("a")
	p := e.consensus.last()
	e.consensus.take()
	p.done(nil, false, register.Round{Number: 7, Process: 3})
	p = e.consensus.last()
	require.Equal(t, []string{"L1 in 8.p1.1: [a]"}, e.consensus.take())
	p.done(nil, false, register.Round{Number: 8, Process: 3})
	p = e.consensus.last()
	require.Equal(t, []string{"L1 in 9.p1.1: [a]"}, e.consensus.take())
	p.done(nil, false, register.Round{Number: 2, Process: 3})
	require.Equal(t, []string{"L1 in 10.p1.1: [a]"}, e.consensus.take(), "a round is for one propose")
}

func TestAbortOfWhoLeadsNoMore(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	e.broadcast("a")
	p := e.consensus.last()
	e.consensus.take()
	e.leader = 3
	p.done(nil, false, register.Round{Number: 7, Process: 3})
	require.Empty(t, e.consensus.take())
	e.Launch()
	require.Equal(t, []string{"p3 FORWARD[a]"}, e.sent())
}

// An abort may come when the leader has changed and changed back within one turn.
func TestAbandonedProposalsAreSentAgain(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	e.broadcast("a")
	p := e.consensus.last()
	e.consensus.take()
	e.leader = 3
	p.done(nil, false, register.Round{Number: 7, Process: 3})
	e.leader = 1
	e.Launch()
	require.Equal(t, []string{"L1 in 2.p1.1: []", "L2 in 1.p1.1: [a]"}, e.consensus.take())
}

// Who leads no more stops, and when it leads again uses rounds that it has not used.
func TestLosingTheLeadStopsProposals(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	e.broadcast("a")
	e.broadcast("b")
	first, second := e.consensus.proposals[0], e.consensus.proposals[1]
	e.lead(3)
	require.True(t, first.cancelled)
	require.True(t, second.cancelled)
	require.Equal(t, []string{"p3 FORWARD[a b]"}, e.sent())
	e.consensus.take()

	first.done(first.value, true, register.Round{})
	second.done(nil, false, register.Round{Number: 9})
	e.Launch()
	require.Empty(t, e.delivered, "an outcome of a cancelled propose counted")
	require.Empty(t, e.consensus.take())
	e.lead(1)
	require.Equal(t, []string{"L1 in 2.p1.1: []", "L2 in 2.p1.1: []"}, e.consensus.take())
}

func TestStayingTheLeaderStopsNothing(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	e.broadcast("a")
	e.Launch()
	require.False(t, e.consensus.last().cancelled)
	require.Len(t, e.consensus.take(), 1)
}

// Who proposed a value that did not win proposes it again.
func TestTO1WhatDidNotWinIsProposedAgain(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	o := e.broadcast("a")
	p := e.consensus.last()
	e.consensus.take()
	p.done(batch(stranger(0), 1, "locked"), true, register.Round{})
	e.Launch()
	require.Equal(t, []string{"1/0 locked"}, e.delivered)
	p = e.consensus.last()
	require.Equal(t, []string{"L2 in 1.p1.1: [a]"}, e.consensus.take())
	e.decide(p)
	require.Equal(t, delivered(2, 0), *o[0])
}

// Deciding in an instance that was delivered meanwhile changes nothing.
func TestLateOutcomesAreIgnored(t *testing.T) {
	e := newEnd(t)
	e.lead(1)
	e.broadcast("a")
	p := e.consensus.last()
	e.consensus.take()
	e.learn(1, batch(e.own(), 1, "a"))
	e.sent()
	p.done(p.value, true, register.Round{})
	p.done(nil, false, register.Round{})
	e.Launch()
	require.Empty(t, e.sent())
	require.Empty(t, e.consensus.take())
	require.Equal(t, []string{"1/0 a"}, e.delivered)
}
