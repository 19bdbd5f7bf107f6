package explore_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/caspaxos/caspaxostest"
	"paxon/explore"
	"paxon/explore/setting"
	"paxon/history/keys"
	"paxon/sim/flawed"
)

// changes is a search of CASPaxos with two processes.
func changes(t *testing.T, of string, crashes, waits int, quorums ...int) explore.Config {
	t.Helper()
	c, err := setting.Setting{
		Variant: "paxos", Part: setting.CASPaxos, Processes: 2, Instances: 1, Changes: of,
		Crashes: crashes, Recoveries: crashes, Waits: waits, Quorums: quorums,
	}.Config()
	require.NoError(t, err)
	return c
}

// The properties come to the same states whatever messages are dropped because they can change nothing, and,
// where nobody crashes, whenever processes receive what they send themselves.
func TestReductionsOfCASPaxosSeeTheSame(t *testing.T) {
	for _, search := range []struct {
		explore.Config
		self bool
	}{
		{changes(t, "append;cas", 1, 0), false},
		{changes(t, "append;cas", 0, 0), true},
		{changes(t, "append;append", 0, 1), true},
		{changes(t, "set,proposers=2;read", 0, 0), false},
	} {
		c := search.Config
		expected, reduced, cut := explore.Verdicts(c)
		require.Empty(t, cut)
		more := func() {
			found, states, cut := explore.Verdicts(c)
			require.Empty(t, cut)
			require.Greater(t, states, reduced)
			require.Equal(t, expected, found)
		}
		c.Reductions.Dead = false
		more()
		c.Reductions.Dead, c.Reductions.Self = true, false
		if search.self {
			more()
		}
	}
}

// Two histories of a process of CASPaxos that are taken for one have the same future.
func TestTwinsOfCASPaxos(t *testing.T) {
	for _, c := range []explore.Config{
		changes(t, "append,append;cas", 1, 1), changes(t, "append,look;set", 0, 2),
		changes(t, "set;delete,collect", 1, 0, 2, 1), changes(t, "set,members=1,read;set", 0, 0),
	} {
		c.Twins, c.States = true, 800
		require.Nil(t, search(t, c).Violation)
	}
}

// What a client of the same process has made is not what another has.
func TestMarkOfOthers(t *testing.T) {
	m := changes(t, "set,read;set,delete", 0, 0).Model
	i := slices.IndexFunc(m.Sometimes, func(m explore.Mark) bool {
		return m.Name == "a call is answered with what another has made"
	})
	for _, of := range []struct {
		number int
		kind   keys.Kind
		exists bool
		value  string
		seen   bool
	}{
		{1, keys.Set, true, "1;|/1", false},
		{2, keys.Read, true, "1;|/1", false},
		{2, keys.Read, true, "3;|/3", true},
		{2, keys.Read, true, "1;|/3/1", true},
		{2, keys.Read, true, "1;|4/1", false}, // 4 is the version of a tombstone.
		{4, keys.Delete, false, "", false},    // It may have deleted what its own process has made.
	} {
		s := caspaxostest.Sight{
			Kind: caspaxostest.Answered, Status: caspaxos.Done, Exists: of.exists, Version: 4,
			Value: of.value, Result: true, Call: caspaxostest.Call{Number: of.number, Kind: of.kind},
		}
		require.Equal(t, of.seen, m.Sometimes[i].Seen(s.By(1), false), "%+v", of)
	}
}

// broken is a search of what is broken on purpose, with two processes.
func broken(t *testing.T, name, of string, crashes, waits int, quorums ...int) explore.Config {
	t.Helper()
	c, err := setting.Setting{
		Variant: flawed.Prefix + name, Part: setting.CASPaxos, Processes: 2, Instances: 1, Changes: of,
		Crashes: crashes, Recoveries: crashes, Waits: waits, Quorums: quorums,
	}.Config()
	require.NoError(t, err)
	return c
}

// What answers for proposers that were added does so in a search as well.
func TestAddedNotAwaitedCanBeSearched(t *testing.T) {
	c := broken(t, "added-not-awaited", "proposers=12,set,delete,collect", 0, 1, 2, 1)
	c.States = 30_000
	r := search(t, c)
	require.Nil(t, r.Violation)
	require.NotContains(t, r.Never, "a copy is removed")
}
