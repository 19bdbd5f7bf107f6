package setting_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/explore"
	"paxon/explore/setting"
	"paxon/sim/flawed"
)

// What is broken on purpose falls, after the fewest choices there are, and again in a replay. The first
// states of the same search of what is sound show nothing.
func TestFallen(t *testing.T) {
	all := map[string]bool{}
	for _, f := range setting.AllFallen() {
		all[f.Violates] = true
		if f.Large {
			continue
		}
		t.Run(strings.TrimPrefix(f.Variant, flawed.Prefix), func(t *testing.T) {
			c, err := f.Config()
			require.NoError(t, err)
			c.Workers = 2
			r, err := explore.Run(t.Context(), c)
			require.NoError(t, err)
			require.NoError(t, f.Check(r))
			s := setting.Schedule{Setting: f.Setting, Violates: f.Violates, Choices: r.Schedule}
			violation, err := s.Replay(nil)
			require.NoError(t, err)
			require.Equal(t, r.Violation, violation)

			f.Variant = "paxos"
			sound, err := f.Config()
			require.NoError(t, err)
			sound.Workers, sound.States = 2, 20_000
			r, err = explore.Run(t.Context(), sound)
			require.NoError(t, err)
			require.Nil(t, r.Violation)
			require.ErrorContains(t, f.Check(r), "nothing is violated")
		})
	}
	for _, p := range setting.CASPaxosProperties() {
		require.True(t, all[p], "%s falls nowhere", p)
	}
}

// What takes long to find is kept as a schedule.
func TestFallenLarge(t *testing.T) {
	var names []string
	for _, f := range setting.AllFallen() {
		if !f.Large {
			continue
		}
		name := strings.TrimPrefix(f.Variant, flawed.Prefix)
		names = append(names, name)
		s, err := setting.ReadFile("../testdata/" + name + ".txt")
		require.NoError(t, err)
		require.Equal(t, f.Setting, s.Setting)
		require.Len(t, s.Choices, f.Choices)
	}
	for _, name := range names {
		setting.Falls(t, "../testdata/"+name+".txt")
	}
}
