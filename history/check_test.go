package history

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

func at(l register.Instance, o uint32) tob.Position { return tob.Position{Instance: l, Offset: o} }

// sent is an answered broadcast by client n at process p.
func sent(n int, p process.ID, value string, l register.Instance, from, to int64) Operation {
	return Operation{
		Kind: Broadcast, Client: n, Process: p, Start: 1, Value: value, At: at(l, 0),
		Call: from, Return: to,
	}
}

// lost is a broadcast without an answer.
func lost(n int, p process.ID, value string, from int64) Operation {
	return Operation{
		Kind: Broadcast, Client: n, Process: p, Start: 1, Value: value, Call: from, Unknown: true,
	}
}

// saw is a read at process p from the start, with the values in instances 1, 2 and so on; one that
// is empty is an instance without a message.
func saw(p process.ID, from, to int64, values ...string) Operation {
	o := Operation{
		Kind: Read, Client: 10 + int(p), Process: p, Start: 1, From: at(1, 0), Call: from, Return: to,
	}
	for i, value := range values {
		if value != "" {
			o.Entries = append(o.Entries, Entry{at(register.Instance(i+1), 0), value})
		}
	}
	return o
}

// nothing is what p2 has delivered in instance 1 at some time.
func nothing(now int64) Operation {
	return Operation{
		Kind: Read, Process: 2, Start: 1, From: at(1, 0), To: at(2, 0), Call: now, Return: now,
	}
}

// restarted is the operation at another start.
func restarted(o Operation, start int) Operation {
	o.Start = start
	return o
}

// TestCheck has a small history for everything that total order broadcast allows and for
// everything that it does not.
func TestCheck(t *testing.T) {
	tail := saw(1, 30, 31, "b")
	tail.From, tail.Entries[0].At = at(2, 0), at(2, 0)
	beyond := saw(1, 30, 31)
	beyond.From = at(9, 0)
	forgotten := sent(0, 1, "a", 0, 0, 9)
	forgotten.At = tob.Position{}
	elsewhere := sent(3, 2, "a", 1, 12, 15)
	for name, c := range map[string]struct {
		want Verdict
		of   []Operation
	}{
		"nothing": {OK, nil},
		"one":     {OK, []Operation{sent(0, 1, "a", 1, 0, 9), saw(2, 10, 11, "a")}},
		"behind":  {OK, []Operation{sent(0, 1, "a", 1, 0, 9), saw(2, 10, 11)}},
		"instances without": {OK, []Operation{
			sent(0, 1, "a", 4, 0, 9), saw(2, 10, 11, "", "", "", "a"),
		}},
		"side by side":           {OK, []Operation{sent(0, 1, "a", 2, 0, 9), sent(1, 2, "b", 1, 0, 9)}},
		"read before the answer": {OK, []Operation{sent(0, 1, "a", 1, 0, 9), saw(2, 3, 4, "a")}},
		"unknown and never":      {OK, []Operation{lost(0, 1, "a", 0), saw(1, 9, 10)}},
		"unknown and late":       {OK, []Operation{lost(0, 1, "a", 0), saw(1, 9, 10), saw(1, 20, 21, "a")}},
		"unknown between": {OK, []Operation{
			lost(0, 1, "a", 0), sent(1, 2, "b", 2, 5, 9), saw(2, 9, 10, "a", "b"),
		}},
		"tail": {OK, []Operation{
			sent(0, 1, "a", 1, 0, 9), sent(0, 1, "b", 2, 10, 19), tail,
		}},
		"asked beyond the end": {OK, []Operation{sent(0, 1, "a", 1, 0, 9), beyond, saw(1, 40, 41, "a")}},
		"less after a restart": {OK, []Operation{sent(0, 1, "a", 1, 0, 9), restarted(saw(1, 20, 21), 2)}},
		"forgotten and seen":   {OK, []Operation{forgotten, saw(2, 10, 11, "a")}},
		"handed over":          {OK, []Operation{lost(0, 1, "a", 0), elsewhere, saw(2, 20, 21, "a")}},
		"handed over, both know": {OK, []Operation{
			sent(0, 1, "a", 1, 0, 13), elsewhere, saw(2, 20, 21, "a"),
		}},
		"acknowledged out of line": {OK, []Operation{
			sent(0, 1, "b", 2, 0, 9), sent(1, 1, "a", 1, 0, 12), saw(1, 10, 11, "a", "b"),
		}},

		"nothing where there is nothing": {OK, []Operation{
			sent(0, 1, "a", 2, 0, 9), nothing(5),
		}},

		"lost":            {Violation, []Operation{sent(0, 1, "a", 1, 0, 9), saw(1, 10, 11)}},
		"lost, forgotten": {Violation, []Operation{forgotten, saw(1, 10, 11)}},
		"lost in between": {Violation, []Operation{
			sent(0, 1, "a", 1, 0, 9), sent(0, 1, "b", 2, 10, 19), saw(2, 30, 31, "", "b"),
		}},
		"lost at the beginning of a tail": {Violation, []Operation{
			sent(0, 1, "a", 1, 0, 9), sent(0, 1, "b", 2, 10, 19), sent(0, 1, "c", 3, 20, 29),
			{
				Kind: Read, Process: 2, Start: 1, From: at(2, 0), Call: 30, Return: 31,
				Entries: []Entry{{at(3, 0), "c"}},
			},
		}},
		"doubled":           {Violation, []Operation{sent(0, 1, "a", 1, 0, 9), saw(2, 10, 11, "a", "a")}},
		"doubled, unknown":  {Violation, []Operation{lost(0, 1, "a", 0), saw(2, 10, 11, "a", "a")}},
		"doubled elsewhere": {Violation, []Operation{sent(0, 1, "a", 1, 0, 9), sent(3, 2, "a", 2, 10, 15)}},
		"two in a place":    {Violation, []Operation{sent(0, 1, "a", 1, 0, 9), sent(1, 2, "b", 1, 0, 9)}},
		"reordered":         {Violation, []Operation{sent(0, 1, "a", 2, 0, 9), sent(1, 2, "b", 1, 10, 19)}},
		"read in another order": {Violation, []Operation{
			sent(0, 1, "a", 1, 0, 9), sent(1, 1, "b", 2, 0, 9), saw(2, 10, 11, "b", "a"),
		}},
		"read backwards": {Violation, []Operation{
			sent(0, 1, "a", 1, 0, 9), sent(1, 1, "b", 2, 0, 9),
			{
				Kind: Read, Process: 2, Start: 1, From: at(1, 0), Call: 10, Return: 11,
				Entries: []Entry{{at(2, 0), "b"}, {at(1, 0), "a"}},
			},
		}},
		"from the future": {Violation, []Operation{saw(2, 0, 1, "a"), sent(0, 1, "a", 1, 5, 9)}},
		"from the future, unknown": {Violation, []Operation{
			saw(2, 0, 1, "a"), lost(0, 1, "a", 5),
		}},
		"answered before it was asked elsewhere": {Violation, []Operation{
			sent(0, 1, "b", 2, 0, 4), sent(1, 2, "a", 1, 5, 9),
		}},
		"forked": {Violation, []Operation{
			lost(0, 1, "a", 0), lost(1, 2, "b", 0), saw(1, 10, 11, "a"), saw(2, 10, 11, "b"),
		}},
		"forked, at other lengths": {Violation, []Operation{
			lost(0, 1, "a", 0), lost(1, 2, "b", 0), lost(2, 3, "c", 0),
			saw(1, 10, 11, "a", "c"), saw(2, 10, 11, "b"),
		}},
		"from nowhere": {Violation, []Operation{saw(2, 10, 11, "a")}},
		"altered":      {Violation, []Operation{sent(0, 1, "a", 1, 0, 9), saw(2, 10, 11, "A")}},
		"less than before": {Violation, []Operation{
			sent(0, 1, "a", 1, 0, 9), saw(2, 10, 11, "a"), saw(2, 12, 13),
		}},
		"less than acknowledged": {Violation, []Operation{
			sent(0, 1, "a", 1, 0, 9), sent(0, 1, "b", 2, 10, 19), saw(1, 20, 21, "a"),
		}},
		"nothing where there is something": {Violation, []Operation{
			sent(0, 1, "a", 1, 0, 9), nothing(20),
		}},
		"more than up to the end": {Violation, []Operation{
			sent(0, 1, "a", 1, 0, 9), {
				Kind: Read, Process: 2, Start: 1, From: at(1, 0), To: at(1, 0), Return: 20,
				Entries: []Entry{{at(1, 0), "a"}},
			},
		}},
		"forked after a restart": {Violation, []Operation{
			lost(0, 1, "a", 0), lost(1, 2, "b", 0), saw(1, 10, 11, "a"),
			restarted(saw(1, 20, 21, "b"), 2),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Check(c.of, time.Minute)
			require.NoError(t, err)
			require.Equal(t, c.want, r.Verdict, r.Reason)
			require.Equal(t, c.want == Violation, r.Reason != "", r.Reason)
		})
	}
}

// long is a history of n messages by three clients, side by side, and reads at three processes that
// are behind by more and more.
func long(n int) []Operation {
	var history []Operation
	var all []Entry
	for i := range n {
		value, l := fmt.Sprint("m", i), register.Instance(i+1)
		history = append(history, sent(i%3, process.ID(i%3+1), value, l, int64(10*i), int64(10*i+29)))
		all = append(all, Entry{at(l, 0), value})
		if i%5 != 0 {
			continue
		}
		for p := range process.ID(3) {
			seen := i - int(p)*i/4
			history = append(history, Operation{
				Kind: Read, Client: 3 + int(p), Process: p + 1, Start: 2, From: at(1, 0),
				Call: int64(10*i + 22), Return: int64(10*i + 25), Entries: all[:seen],
			})
		}
	}
	return history
}

// TestLong wants a long history decided soon, and one that is broken near its end, too.
func TestLong(t *testing.T) {
	history := long(1000)
	r, err := Check(history, time.Minute)
	require.NoError(t, err)
	require.Equal(t, OK, r.Verdict, r.Reason)
	require.Equal(t, Counts{Messages: 1000, Calls: 1000, Reads: 600}, r.Counts)

	last := &history[len(history)-5]
	last.Entries = append([]Entry(nil), last.Entries...)
	last.Entries[400].Value = "m401"
	r, err = Check(history, time.Minute)
	require.NoError(t, err)
	require.Equal(t, Violation, r.Verdict)
	require.Contains(t, r.Reason, "then not p3 (start 2): read from 1/0")
}

// TestManyAnswers has many calls open at one process, while it is read: when it has come to which
// of the messages must not be searched for.
func TestManyAnswers(t *testing.T) {
	const n = 60
	var history []Operation
	var all []Entry
	for i := range n {
		value, l := fmt.Sprint("m", i), register.Instance(i+1)
		history = append(history, sent(i, 1, value, l, int64(i), int64(10*n+i)))
		all = append(all, Entry{at(l, 0), value})
	}
	for i := range n {
		history = append(history, Operation{
			Kind: Read, Client: n, Process: 1, Start: 1, From: at(1, 0),
			Call: int64(n + 2*i), Return: int64(n + 2*i + 1), Entries: all[:i],
		})
	}
	r, err := Check(history, time.Minute)
	require.NoError(t, err)
	require.Equal(t, OK, r.Verdict, r.Reason)

	history = append(history, Operation{ // What the last answer says is there is not read any more.
		Kind: Read, Client: n, Process: 1, Start: 1, From: at(1, 0),
		Call: 20 * n, Return: 20*n + 1, Entries: all[:n-1],
	})
	r, err = Check(history, time.Minute)
	require.NoError(t, err)
	require.Equal(t, Violation, r.Verdict)
}

// TestUndecided gives no time: that is not OK.
func TestUndecided(t *testing.T) {
	r, err := Check(long(10), time.Nanosecond)
	require.NoError(t, err)
	require.Equal(t, Undecided, r.Verdict)
}

func TestCounts(t *testing.T) {
	r, err := Check([]Operation{
		sent(0, 1, "a", 1, 0, 9), lost(1, 1, "b", 0), lost(2, 1, "c", 0), lost(3, 1, "d", 0),
		sent(4, 2, "d", 3, 5, 9), saw(1, 10, 11, "a", "b"),
	}, time.Minute)
	require.NoError(t, err)
	require.Equal(t, Result{
		Verdict: OK,
		Counts:  Counts{Messages: 4, Calls: 5, Reads: 1, Unknown: 2, UnknownSeen: 1},
	}, r)
	sum := r.Counts
	sum.Add(r.Counts)
	require.Equal(t, Counts{8, 10, 2, 4, 2}, sum)
}

func TestDraw(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Draw(&out, []Operation{sent(0, 1, "a", 1, 0, 9), saw(1, 10, 11)}, time.Minute))
	assert.Contains(t, out.String(), "acknowledged: p1 (start 1): broadcast")
	assert.Contains(t, out.String(), "read from 1/0: nothing")
	require.Error(t, Draw(&out, []Operation{{}}, time.Minute))
}

// TestNoSense refuses operations that no process can be blamed for.
func TestNoSense(t *testing.T) {
	backwards := sent(0, 1, "a", 1, 9, 0)
	placed := lost(0, 1, "a", 0)
	placed.At = at(1, 0)
	unanswered := saw(1, 0, 1)
	unanswered.Unknown = true
	nobody := sent(-1, 1, "a", 1, 0, 9)
	both := sent(0, 1, "a", 1, 0, 9)
	both.From = at(1, 0)
	valued := saw(1, 0, 1)
	valued.Value = "a"
	nowhere := saw(1, 0, 1)
	nowhere.From = tob.Position{}
	ended := saw(1, 0, 1)
	ended.From, ended.To = at(2, 0), at(1, 0)
	for _, o := range []Operation{
		ended, backwards, placed, unanswered, nobody, both, valued, nowhere, {}, restarted(nowhere, 0),
	} {
		_, err := Check([]Operation{o}, time.Minute)
		var wrong *OperationError
		require.ErrorAs(t, err, &wrong, "%v", o)
		require.Contains(t, err.Error(), ": expected ")
	}
}
