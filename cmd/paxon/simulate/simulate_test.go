package simulate_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/cmd/paxon/simulate"
	"paxon/seasons"
	"paxon/sim"
)

func config(seeds uint64) simulate.Config {
	return simulate.Config{
		Kind: simulate.Broadcast(sim.DefaultConfig(seasons.Paxos(), 3)), First: 7, Seeds: seeds,
		Workers: 2,
	}
}

func TestRunsAllSeeds(t *testing.T) {
	c := config(40)
	var highest atomic.Uint64
	c.Progress = func(done uint64) {
		for {
			seen := highest.Load()
			if done <= seen || highest.CompareAndSwap(seen, done) {
				return
			}
		}
	}
	report, err := simulate.Run(context.Background(), c)
	require.NoError(t, err)
	require.EqualValues(t, 40, report.Runs)
	require.EqualValues(t, 40, highest.Load())
	require.Positive(t, report.Delivered)
	require.GreaterOrEqual(t, report.Steps, report.Batches)
}

func TestReportsTheViolation(t *testing.T) {
	c := config(1000)
	run := sim.DefaultConfig(seasons.Paxos(), 3)
	run.Steps = 50 // No run is done that soon.
	c.Kind = simulate.Broadcast(run)
	report, err := simulate.Run(context.Background(), c)
	var violation *simulate.ViolationError
	require.ErrorAs(t, err, &violation)
	require.Less(t, violation.Seed, c.First+10)
	require.Less(t, report.Runs, uint64(10), "it goes on after a violation")
	var property *sim.Violation
	require.ErrorAs(t, err, &property)
	require.Equal(t, sim.Termination, property.Property)
}

func TestStopsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c := config(1 << 40)
	c.Progress = func(done uint64) {
		if done == 5 {
			cancel()
		}
	}
	report, err := simulate.Run(ctx, c)
	require.True(t, errors.Is(err, context.Canceled))
	require.Less(t, report.Runs, uint64(20))
}
