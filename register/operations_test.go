package register_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
)

// read(k): ask all, wait for a majority, return the value with the highest write round.
func TestReadTakesTheValueWrittenLast(t *testing.T) {
	k := round(5, 1)
	for name, c := range map[string]struct {
		first, second register.AckRead
		want          string
	}{
		"nothing": {ackRead(k, none, ""), ackRead(k, none, ""), ""},
		"one":     {ackRead(k, none, ""), ackRead(k, round(1, 2), "a"), "a"},
		"older":   {ackRead(k, round(2, 2), "b"), ackRead(k, round(1, 2), "a"), "b"},
		"newer":   {ackRead(k, round(1, 2), "a"), ackRead(k, round(2, 2), "b"), "b"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnd(t)
			var o outcome
			e.At(1).Read(k, o.ofRead)
			e.asks(read(k), 1, 2, 3)
			e.receive(3, c.first)
			require.Zero(t, o.calls, "one of three is no majority")
			e.receive(1, c.second)
			require.Equal(t, 1, o.calls)
			require.True(t, o.ok)
			require.True(t, o.higher.IsZero())
			require.Equal(t, c.want, string(o.value))
			e.receive(2, ackRead(k, round(4, 2), "late"))
			require.Equal(t, 1, o.calls)
		})
	}
}

// write(k, v): ask all, and wait for a majority.
func TestWriteWaitsForAMajority(t *testing.T) {
	e := newEnd(t)
	k := round(5, 1)
	var o outcome
	e.At(1).Write(k, register.Value("a"), o.ofWrite)
	e.asks(write(k, "a"), 1, 2, 3)
	e.receive(2, ackWrite(k))
	require.Zero(t, o.calls)
	e.receive(3, ackWrite(k))
	require.Equal(t, outcome{calls: 1, ok: true}, o)
}

// RWA: any nack aborts, and says which round won.
func TestRWAFirstNackEnds(t *testing.T) {
	e := newEnd(t)
	k := round(5, 1)
	o := e.read(1, k)
	e.receive(2, ackRead(k, none, ""))
	e.receive(3, nackRead(k, round(7, 3)))
	require.Equal(t, outcome{calls: 1, higher: round(7, 3)}, *o)
	e.receive(1, ackRead(k, none, ""))
	require.Equal(t, 1, o.calls)

	o = e.write(1, k, "a")
	e.receive(3, nackWrite(k, round(7, 3)))
	require.Equal(t, outcome{calls: 1, higher: round(7, 3)}, *o)
}

// What has returned is not sent any more.
func TestEndedOperationsAreCancelled(t *testing.T) {
	k := round(5, 1)
	for name, end := range map[string]func(e *end){
		"commit": func(e *end) { e.receive(1, ackRead(k, none, "")); e.receive(3, ackRead(k, none, "")) },
		"abort":  func(e *end) { e.receive(3, nackRead(k, round(6, 3))) },
		"cancel": func(e *end) { e.At(1).Cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnd(t)
			e.read(1, k)
			require.Equal(t, []process.Message{read(k)}, e.links.Stubborn(2))
			end(e)
			require.Empty(t, e.links.Stubborn(2))
			require.Empty(t, e.links.Stubborn(3))
			e.Restarted(2)
			require.Empty(t, e.links.Take())
		})
	}
}

// Only answers to the operation under way count, once from each member.
func TestAnswersMatchTheirOperation(t *testing.T) {
	k := round(5, 1)
	before := register.Round{Number: 5, Process: 1, Incarnation: 0}
	strange := map[string]struct {
		from process.ID
		m    register.Message
	}{
		"earlier round":       {3, ackRead(round(4, 1), none, "")},
		"earlier incarnation": {3, ackRead(before, none, "")},
		"nack of earlier":     {3, nackRead(round(4, 1), round(5, 3))},
		"twice":               {2, ackRead(k, none, "")},
		"nack after ack":      {2, nackRead(k, round(6, 3))},
		"ack of a write":      {3, ackWrite(k)},
		"nack of a write":     {3, nackWrite(k, round(6, 3))},
		"no member":           {4, ackRead(k, none, "")},
		"nack of no member":   {4, nackRead(k, round(6, 3))},
		"other instance":      {3, register.AckRead{Instance: 2, Round: k}},
	}
	for name, s := range strange {
		t.Run("read/"+name, func(t *testing.T) {
			e := newEnd(t)
			o := e.read(1, k)
			e.receive(2, ackRead(k, none, ""))
			e.receive(s.from, s.m)
			require.Zero(t, o.calls)
			e.receive(3, ackRead(k, none, ""))
			require.Equal(t, 1, o.calls)
		})
	}
	for name, m := range map[string]register.Message{
		"ack of the read":  ackRead(k, none, ""),
		"nack of the read": nackRead(k, round(6, 3)),
		"earlier round":    ackWrite(round(4, 1)),
	} {
		t.Run("write/"+name, func(t *testing.T) {
			e := newEnd(t)
			o := e.write(1, k, "a")
			e.receive(2, ackWrite(k))
			e.receive(3, m)
			require.Zero(t, o.calls)
			e.receive(3, ackWrite(k))
			require.Equal(t, outcome{calls: 1, ok: true}, *o)
		})
	}
}

func TestAnswersToNothing(t *testing.T) {
	e := newEnd(t)
	e.receive(2, ackRead(round(5, 1), none, ""), nackWrite(round(5, 1), round(6, 2)))
	e.At(1)
	e.receive(2, ackRead(none, none, ""), nackRead(none, round(6, 2)))
	require.Empty(t, e.links.Take())
}

// One operation is under way at a time.
func TestTheNextOperationSupersedes(t *testing.T) {
	e := newEnd(t)
	first := e.read(1, round(5, 1))
	e.receive(2, ackRead(round(5, 1), round(1, 2), "of the first"))
	second := e.read(1, round(6, 1))
	require.Equal(t, []process.Message{read(round(6, 1))}, e.links.Stubborn(2))
	e.receive(3, ackRead(round(6, 1), none, ""))
	require.Zero(t, second.calls, "an answer to the first counted")
	e.receive(2, ackRead(round(6, 1), none, ""))
	require.Equal(t, outcome{calls: 1, ok: true}, *second)
	require.Zero(t, first.calls)
}

func TestCancelledOperationsHaveNoOutcome(t *testing.T) {
	e := newEnd(t)
	k := round(5, 1)
	o := e.read(1, k)
	e.receive(2, ackRead(k, none, ""))
	e.At(1).Cancel()
	e.receive(3, ackRead(k, none, ""), nackRead(k, round(6, 3)))
	require.Zero(t, o.calls)
}

// The done of an operation may begin the next one, as consensus does.
func TestWriteBegunWhenTheReadReturns(t *testing.T) {
	e := newEnd(t)
	k := round(5, 1)
	var o outcome
	reg := e.At(1)
	reg.Read(k, func(register.Value, bool, register.Round) {
		reg.Write(k, register.Value("a"), o.ofWrite)
	})
	e.receive(2, ackRead(k, none, ""))
	e.receive(3, ackRead(k, none, ""))
	require.Equal(t, []process.Message{write(k, "a")}, e.links.Stubborn(3))
	e.receive(2, ackWrite(k))
	e.receive(1, ackWrite(k))
	require.Equal(t, outcome{calls: 1, ok: true}, o)
}

// A majority is one of the instance's own members.
func TestMembersAreThoseOfTheInstance(t *testing.T) {
	k := round(1, 1)
	e := newEnd(t)
	var two, one outcome
	e.At(8).Read(k, two.ofRead)
	e.asks(register.Read{Instance: 8, Round: k}, 2, 3)
	e.At(9).Read(k, one.ofRead)
	e.asks(register.Read{Instance: 9, Round: k}, 1)
	e.receive(1, register.AckRead{Instance: 8, Round: k}, register.AckRead{Instance: 9, Round: k})
	require.Equal(t, 1, one.calls)
	e.receive(2, register.AckRead{Instance: 8, Round: k})
	require.Zero(t, two.calls, "p1 has no copy of instance 8")
	e.receive(3, register.AckRead{Instance: 8, Round: k})
	require.Equal(t, 1, two.calls)
}

// A member may have crashed between receiving the request and forcing it.
func TestRestartedMembersAreAskedAgain(t *testing.T) {
	e := newEnd(t)
	k := round(5, 1)
	e.read(1, k)
	e.write(2, k, "b")
	e.read(8, k)
	e.links.Received(2)
	e.links.Received(3)
	e.receive(3, ackRead(k, none, ""))
	e.Restarted(3)
	e.sends(3, register.Write{Instance: 2, Round: k, Value: register.Value("b")},
		register.Read{Instance: 8, Round: k})
	e.Restarted(1)
	e.sends(1, read(k), register.Write{Instance: 2, Round: k, Value: register.Value("b")})
	require.Empty(t, e.links.Stubborn(2))

	e.Restarted(2)
	e.Restarted(2)
	require.Len(t, e.links.Stubborn(2), 3, "a request is sent twice")
}
