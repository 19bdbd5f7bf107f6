package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons/catalog"
	"paxon/sim"
)

// covered does runs of total order broadcast until all marks are made that must be, or it has
// done as many as most.
func covered(t *testing.T, c sim.Config, most uint64) (missing []sim.Mark) {
	t.Helper()
	c.Coverage = true
	var marks sim.Marks
	required := sim.Sometimes(c.Variant, sim.OfBroadcast)
	require.NotEmpty(t, required)
	for seed := range most {
		r := sim.Run(c, seed, nil)
		marks.Add(&r.Marks)
		if missing = marks.Missing(required); len(missing) == 0 {
			return nil
		}
	}
	return missing
}

// TestSometimes shows that runs make the marks of each variant, and do so well within the
// thousand that are promised.
func TestSometimes(t *testing.T) {
	for _, v := range catalog.Variants() {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, covered(t, sim.DefaultConfig(v.Variant, 3), 600))
		})
	}
}

// TestSometimesFails shows that runs which cannot make some marks are seen not to.
func TestSometimesFails(t *testing.T) {
	v, err := catalog.ByName("fall+spring")
	require.NoError(t, err)
	c := sim.DefaultConfig(v, 3)
	c.Faults = sim.Faults{Loss: true}
	missing := covered(t, c, 50)
	require.Contains(t, missing, sim.Restarted)
	require.Contains(t, missing, sim.CrashedWriting)
	require.NotContains(t, missing, sim.Resent)
}

// TestCoverageChangesNothing shows that a run is the same whether marks are counted or not.
func TestCoverageChangesNothing(t *testing.T) {
	for _, v := range catalog.Variants() {
		c := sim.DefaultConfig(v.Variant, 3)
		for seed := range uint64(5) {
			without := sim.Run(c, seed, nil)
			require.Zero(t, without.Marks)
			c.Coverage = true
			with := sim.Run(c, seed, nil)
			require.NotZero(t, with.Marks)
			with.Marks = sim.Marks{}
			require.Equal(t, without, with)
			c.Coverage = false
		}
	}
}

func TestMarksHaveNames(t *testing.T) {
	var marks sim.Marks
	names := map[string]bool{}
	for _, m := range marks.All() {
		require.NotEmpty(t, m.String())
		names[m.String()] = true
	}
	require.Len(t, names, len(marks))
}
