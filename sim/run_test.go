package sim_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim"
)

// TestRuns is the small seeds budget of go test; paxon sim runs larger ones.
func TestRuns(t *testing.T) {
	for _, v := range catalog.Variants() {
		for _, n := range []int{1, 2, 3, 4, 5} {
			t.Run(fmt.Sprintf("%s of %d", v.Name, n), func(t *testing.T) {
				t.Parallel()
				c := sim.DefaultConfig(v.Variant, n)
				delivered := 0
				for seed := range uint64(100) {
					r := sim.Run(c, seed, nil)
					require.Nil(t, r.Violation, "seed %d", seed)
					delivered += r.Delivered
				}
				require.Greater(t, delivered, 100, "the runs deliver too little to show anything")
			})
		}
	}
}

// TestSameSeedSameTrace shows that a seed determines a run to the byte.
func TestSameSeedSameTrace(t *testing.T) {
	for _, v := range catalog.Variants() {
		c := sim.DefaultConfig(v.Variant, 3)
		for seed := range uint64(20) {
			var traces [2]bytes.Buffer
			for i := range traces {
				trace := sim.NewTrace(&traces[i])
				sim.Run(c, seed, trace)
				require.NoError(t, trace.Err())
			}
			require.NotZero(t, traces[0].Len())
			require.Equal(t, traces[0].String(), traces[1].String(), "%s, seed %d", v.Name, seed)
		}
	}
}

// TestTraceChangesNothing shows that a run with a trace is the run without.
func TestTraceChangesNothing(t *testing.T) {
	c := sim.DefaultConfig(seasons.Paxos(), 3)
	for seed := range uint64(20) {
		require.Equal(t, sim.Run(c, seed, nil), sim.Run(c, seed, sim.NewTrace(&bytes.Buffer{})))
	}
}

// TestSteps shows that a run which takes too many events is a violation.
func TestSteps(t *testing.T) {
	c := sim.DefaultConfig(seasons.Paxos(), 3)
	c.Steps = 100
	r := sim.Run(c, 1, nil)
	require.NotNil(t, r.Violation)
	require.Equal(t, sim.Termination, r.Violation.Property)
	require.LessOrEqual(t, r.Steps, c.Steps+1)
}

// TestMemoryChangesNothing shows that a run is the same with the memory of those before.
func TestMemoryChangesNothing(t *testing.T) {
	var memory sim.Memory
	for _, v := range catalog.Variants() {
		c := sim.DefaultConfig(v.Variant, 3)
		for seed := range uint64(10) {
			require.Equal(t, sim.Run(c, seed, nil), memory.Run(c, seed, nil))
		}
	}
}
