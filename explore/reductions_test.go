package explore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/explore"
	"paxon/explore/setting"
	"paxon/sim/flawed"
)

// switches are the reductions without one each. Symmetry has a test of its own.
func switches() map[string]explore.Reductions {
	return map[string]explore.Reductions{
		"without self":    {Dead: true, Storage: true},
		"without dead":    {Self: true, Storage: true},
		"without storage": {Self: true, Dead: true},
		"unreduced":       {},
	}
}

// With symmetry there is one state for all that differ in the names of silent processes.
func TestSymmetry(t *testing.T) {
	for _, c := range []struct {
		variant    string
		processes  int
		recoveries int
	}{{"crash-stop", 4, 0}, {"crash-stop", 5, 0}, {"winter", 4, 1}} {
		b := explore.Bounds{
			Processes: c.processes, Rounds: []int{1}, Instances: 1, Crashes: 1,
			Recoveries: c.recoveries,
		}
		config := explore.Config{
			Model:      explore.Consensus(variant(t, c.variant), b),
			Reductions: explore.Reductions{Self: true, Dead: true, Storage: true}, Workers: 1,
		}
		states, orbits := explore.Orbits(config)
		require.EqualValues(t, states, search(t, config).States)
		config.Reductions.Symmetry = true
		require.EqualValues(t, orbits, search(t, config).States)
		require.Less(t, orbits, states)
	}
}

// With one proposer, the properties come to the same states whatever is reduced.
func TestReductionsSeeTheSame(t *testing.T) {
	b := explore.Bounds{
		Processes: 3, Rounds: []int{1}, Instances: 1, Crashes: 1, Recoveries: 1,
	}
	for _, c := range []struct {
		variant string
		without []string
	}{
		{"crash-stop", []string{"without self", "without dead", "without storage", "unreduced"}},
		{"winter", []string{"without self", "without dead", "without storage", "unreduced"}},
		{"paxos", []string{"without self", "without dead"}},
		{"fall", []string{"without self", "without dead"}},
	} {
		config := explore.Config{
			Model: explore.Consensus(variant(t, c.variant), b), Workers: 1,
			Reductions: explore.Reductions{Self: true, Dead: true, Storage: true},
		}
		expected, reduced, cut := explore.Verdicts(config)
		require.Empty(t, cut)
		for _, name := range c.without {
			config.Reductions = switches()[name]
			found, states, cut := explore.Verdicts(config)
			require.Empty(t, cut)
			require.GreaterOrEqual(t, states, reduced)
			require.Equal(t, expected, found, "%s %s", c.variant, name)
		}
	}
}

// What is broken is found with all reductions, and without each.
func TestReductionsLoseNoFlaw(t *testing.T) {
	without := map[string][]string{
		"minority":     {"without self", "without dead", "without storage", "unreduced"},
		"read-ignored": {"without dead"},
		"promise-lost": {"without dead"},
		"half":         {"without dead"},
	}
	for flaw, names := range without {
		s := setting.Setting{
			Variant: flawed.Prefix + flaw, Part: setting.Consensus, Processes: 3,
			Rounds: []int{1, 1}, Instances: 1,
		}
		switch flaw {
		case "half":
			s.Processes = 4
		case "promise-lost":
			s.Crashes, s.Recoveries = 1, 1
		}
		config, err := s.Config()
		require.NoError(t, err)
		config.States = 400_000
		require.NotNil(t, search(t, config).Violation, flaw)
		for _, name := range names {
			config.Reductions = switches()[name]
			require.NotNil(t, search(t, config).Violation, "%s %s", flaw, name)
		}
	}
}
