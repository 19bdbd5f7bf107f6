package explore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/explore"
	"paxon/explore/setting"
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
