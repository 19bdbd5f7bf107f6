package flawed_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons"
	"paxon/seasons/winter"
	"paxon/sim"
	"paxon/sim/flawed"
)

// TestFalls shows that the monitors see each flaw.
func TestFalls(t *testing.T) {
	for _, c := range flawed.All() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			for seed := range c.Seeds {
				if r := sim.Run(c.Config(), seed, nil); c.Kills(r) {
					t.Logf("seed %d: %v", seed, r.Violation)
					return
				}
			}
			require.Fail(t, "it survives", "%d seeds", c.Seeds)
		})
	}
}

// TestSoundWinter shows that the runs which are narrower than the default find nothing in what is
// sound.
func TestSoundWinter(t *testing.T) {
	sound, err := seasons.Compose(winter.Season(1))
	require.NoError(t, err)
	narrowed := 0
	for _, c := range flawed.All() {
		if c.Narrow == nil {
			continue
		}
		narrowed++
		require.True(t, strings.HasPrefix(c.Name, "winter-"), c.Name)
		config := c.Config()
		config.Variant = sound
		for seed := range uint64(150) {
			require.Nil(t, sim.Run(config, seed, nil).Violation, "%s, seed %d", c.Name, seed)
		}
	}
	require.Positive(t, narrowed)
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range flawed.All() {
		require.False(t, seen[c.Name], "%s is there twice", c.Name)
		seen[c.Name] = true
		require.Regexp(t, `^[a-z0-9+-]+$`, c.Name)
		require.NotEmpty(t, c.Broken, c.Name)
		require.NotEmpty(t, c.Properties, c.Name)
		require.NoError(t, c.Variant.Check(c.Processes), c.Name)
		require.Equal(t, flawed.Prefix+c.Name, c.Variant.Name)
		for _, name := range []string{c.Name, c.Variant.Name} {
			found, err := flawed.ByName(name)
			require.NoError(t, err)
			require.Equal(t, c.Flaw, found.Flaw)
		}
	}
	_, err := flawed.ByName("broken/nothing")
	require.ErrorContains(t, err, `unknown broken variant "broken/nothing": expected one of broken/`)
}

// TestKills shows that what a flaw does not break is not taken for it.
func TestKills(t *testing.T) {
	c, err := flawed.ByName("minority")
	require.NoError(t, err)
	require.False(t, c.Kills(sim.Result{}))
	require.False(t, c.Kills(sim.Result{Violation: &sim.Violation{Property: sim.Validity}}))
	require.True(t, c.Kills(sim.Result{Violation: &sim.Violation{Property: sim.WriteCommit}}))
	require.Nil(t, sim.Run(sim.DefaultConfig(seasons.Paxos(), 3), 0, nil).Violation)
}
