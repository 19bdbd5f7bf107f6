package keys_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/history/keys"
)

// history is operations one after the other, each of a tick.
func history(all ...keys.Operation) []keys.Operation {
	for i := range all {
		all[i].Call, all[i].Return = int64(2*i), int64(2*i+1)
	}
	return all
}

func told(k keys.Kind, name string, version uint64, value string) keys.Operation {
	return keys.Operation{
		Kind: k, Name: name, Answered: true, Exists: true, Version: version, Value: value, Fits: true,
	}
}

func deleted(fits bool) keys.Operation {
	return keys.Operation{Kind: keys.Delete, Answered: true, Fits: fits}
}

func compared(expect uint64, o keys.Operation) keys.Operation {
	o.Expect = expect
	return o
}

func refused(o keys.Operation) keys.Operation {
	o.Fits = false
	return o
}

func unanswered(o keys.Operation) keys.Operation {
	return keys.Operation{Kind: o.Kind, Name: o.Name, Expect: o.Expect}
}

func seen(version uint64, value string) keys.Operation {
	return refused(told(keys.Read, "", version, value))
}

func nothing() keys.Operation { return keys.Operation{Kind: keys.Read, Answered: true} }

func TestInOrder(t *testing.T) {
	for name, h := range map[string][]keys.Operation{
		"nothing": nil,
		"one after the other": history(
			told(keys.Append, "a", 1, "a"), told(keys.Append, "b", 2, "ab"), told(keys.Set, "c", 3, "c"),
			compared(3, told(keys.CompareAndSet, "d", 4, "d")),
			compared(3, refused(told(keys.CompareAndSet, "e", 4, "d"))),
			refused(told(keys.Initialise, "f", 4, "d")), seen(4, "d"), deleted(true), deleted(false),
			nothing(), compared(0, told(keys.CompareAndSet, "g", 6, "g"))),
		"collected meanwhile": history(
			told(keys.Set, "a", 1, "a"), deleted(true), told(keys.Initialise, "b", 9, "b")),
		"one took effect that was not answered": history(
			unanswered(told(keys.Set, "a", 0, "")), nothing(), told(keys.Append, "b", 8, "ab")),
		"one had none": history(
			unanswered(told(keys.Set, "a", 0, "")), nothing(), told(keys.Append, "b", 1, "b")),
		"one may have found what it asked for": history(
			unanswered(told(keys.Set, "a", 0, "")),
			compared(7, unanswered(told(keys.CompareAndSet, "b", 0, ""))), seen(8, "b")),
	} {
		reason, decided := keys.Check(h, 10_000)
		require.True(t, decided)
		require.Empty(t, reason, name)
	}
}

func TestNotInOrder(t *testing.T) {
	for name, h := range map[string][]keys.Operation{
		"a lost update":   history(told(keys.Append, "a", 1, "a"), told(keys.Append, "b", 2, "b")),
		"done twice":      history(told(keys.Append, "a", 1, "a"), seen(2, "aa")),
		"a version twice": history(told(keys.Set, "a", 1, "a"), told(keys.Set, "b", 1, "b")),
		"a version less":  history(told(keys.Set, "a", 5, "a"), deleted(true), told(keys.Set, "b", 2, "b")),
		"an old read":     history(told(keys.Set, "a", 1, "a"), told(keys.Set, "b", 2, "b"), seen(1, "a")),
		"back again":      history(told(keys.Set, "a", 1, "a"), deleted(true), seen(1, "a")),
		"a lost deletion": history(
			told(keys.Set, "a", 1, "a"), deleted(true), told(keys.Append, "b", 3, "ab")),
		"one that does not fit": history(
			told(keys.Set, "a", 1, "a"), compared(2, told(keys.CompareAndSet, "b", 2, "b"))),
		"one that fits and was refused": history(
			told(keys.Set, "a", 1, "a"), compared(1, refused(told(keys.CompareAndSet, "b", 1, "a")))),
	} {
		reason, decided := keys.Check(h, 10_000)
		require.True(t, decided)
		require.NotEmpty(t, reason, name)
	}
}

// A search ends.
func TestBudget(t *testing.T) {
	took := unanswered(told(keys.Append, "a", 0, ""))
	took.Took = true
	h := history(took, told(keys.Append, "b", 2, "ab"))
	reason, decided := keys.Check(h, 100)
	require.True(t, decided)
	require.Empty(t, reason)
	_, decided = keys.Check(h, 1)
	require.False(t, decided)
}

// TestOneReason shows that a history has one reason, of however many that are as good: the text is part
// of what a seed determines.
func TestOneReason(t *testing.T) {
	h := history(told(keys.Append, "a", 1, "a"), told(keys.Append, "b", 1, "b"))
	h[1].Call = h[0].Call
	first, decided := keys.Check(h, 10_000)
	require.True(t, decided)
	require.Contains(t, first, "1 of 2 operations")
	for range 100 {
		again, _ := keys.Check(h, 10_000)
		require.Equal(t, first, again)
	}
}
