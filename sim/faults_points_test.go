package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons"
	"paxon/sim"
)

// TestCrashesMeetPuts shows that runs crash processes while they store, about once each, and that
// it makes a difference: what was under way is lost, or kept and not reported.
func TestCrashesMeetPuts(t *testing.T) {
	c := sim.DefaultConfig(seasons.Paxos(), 3)
	c.Coverage = true
	var marks sim.Marks
	const runs = 200
	for seed := range uint64(runs) {
		r := sim.Run(c, seed, nil)
		require.Nil(t, r.Violation, "seed %d", seed)
		marks.Add(&r.Marks)
	}
	require.Greater(t, marks[sim.CrashedWriting], uint64(runs/2))
	require.Greater(t, marks[sim.PutLost], uint64(runs/2))
	require.Greater(t, marks[sim.PutKept], uint64(runs/2))
	require.Greater(t, marks[sim.SomeGone], uint64(runs/8), "few runs end with less than all")

	c.Faults.Crashes = false
	r := sim.Run(c, 0, nil)
	require.Zero(t, r.Marks[sim.Restarted])
}
