package model

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/bench"
)

// setting is a cluster under as much load as it takes.
func setting(variant string, processes int) Setting {
	return Setting{
		Variant: variant, Processes: processes, Window: 10, Messages: 10, Size: 1024, At: bench.AtAll,
		Costs: Paper(), Seed: 1, Outstanding: 100,
	}
}

func burst(s Setting, messages int) Setting {
	s.Outstanding, s.Burst = 0, messages
	return s
}

func perSecond(t *testing.T, s Setting) float64 {
	t.Helper()
	v, err := Run(s)
	require.NoError(t, err)
	return v
}

func TestM1Determinism(t *testing.T) {
	s := burst(setting("fall", 4), 50)
	first := perSecond(t, s)
	require.InDelta(t, first, perSecond(t, s), 0)
	s.Seed = 2
	require.NotEqual(t, first, perSecond(t, s), "jitter is drawn from the seed")
	s.Costs.Jitter = 0
	same := perSecond(t, s)
	s.Seed = 3
	require.InDelta(t, same, perSecond(t, s), 0, "without jitter nothing is drawn")
}

func TestM3Conservation(t *testing.T) {
	for _, variant := range []string{"paxos", "fall", "winter+fall", "spring", "crash-stop"} {
		c, err := newCluster(burst(setting(variant, 5), 123))
		require.NoError(t, err)
		_, err = c.burst(c.broadcasters())
		require.NoError(t, err)
		c.run(c.now + 5*heartbeat)
		for _, m := range c.machines {
			require.EqualValues(t, 123, m.process.TOB().Delivered(), "%s, %v", variant, m.id)
			require.Equal(t, c.machines[0].history.batches, m.history.batches, variant)
			require.Zero(t, m.waiting, "%s, %v", variant, m.id)
		}
	}
}

func TestFastIsAboveRegularAndBothFall(t *testing.T) {
	before := map[string]float64{}
	for _, n := range []int{4, 8, 16} {
		regular, fast := perSecond(t, setting("paxos", n)), perSecond(t, setting("fall", n))
		require.Greater(t, fast, 1.2*regular, "%d processes", n)
		if n > 4 {
			require.Less(t, fast, 0.7*before["fall"], "%d processes", n)
			require.Less(t, regular, 0.7*before["paxos"], "%d processes", n)
		}
		before["fall"], before["paxos"] = fast, regular
	}
}

func TestWhoBroadcasts(t *testing.T) {
	s := setting("fall", 8)
	var got []float64
	for _, at := range []bench.At{bench.AtLeader, bench.AtOther, bench.AtOthers} {
		s.At = at
		got = append(got, perSecond(t, s))
	}
	require.IsIncreasing(t, got)
}

func TestConcurrentInstancesGainWhereThereAreFewProcesses(t *testing.T) {
	gain := func(n int) float64 {
		s := burst(setting("fall", n), 200)
		s.Messages = 1
		concurrent := perSecond(t, s)
		s.Window = 1
		return concurrent / perSecond(t, s)
	}
	require.Greater(t, gain(4), 1.5)
	require.InDelta(t, 1, gain(12), 0.1)
}

func TestALaunchThatLooksAtAllSlowsDown(t *testing.T) {
	s := burst(setting("fall", 4), 1000)
	s.Messages = 1
	plain := perSecond(t, s)
	s.Costs.Launch = 20 * time.Microsecond
	require.Less(t, perSecond(t, s), 0.8*plain)
}

func TestThroughputGoesWithTheRateUpToAPeak(t *testing.T) {
	s := setting("fall", 6)
	s.Messages, s.Outstanding = 1, 0
	for _, rate := range []float64{2, 8} {
		s.Rate = rate
		require.InDelta(t, 6*rate, perSecond(t, s), 0.5)
	}
	s.Rate = 10
	peak := perSecond(t, s)
	s.Rate = 30
	require.Less(t, perSecond(t, s), peak)
}

func TestForcedLogsCostLittleInBatchesAndMuchOneByOne(t *testing.T) {
	share := func(s Setting) float64 {
		forced := perSecond(t, s)
		s.Costs = s.Costs.WithoutForce()
		return forced / perSecond(t, s)
	}
	s := setting("fall", 4)
	require.Greater(t, share(s), 0.95)
	s.Window, s.Messages = 1, 1
	require.Less(t, share(s), 0.7)
}

func TestRecoveryGrowsWithTheLogAndCheckpointsBoundIt(t *testing.T) {
	after := func(messages int, checkpoint uint64) Recovery {
		s := burst(setting("fall", 3), messages)
		s.Messages, s.Checkpoint = 1, checkpoint
		r, err := Recover(s)
		require.NoError(t, err)
		require.GreaterOrEqual(t, r.Total, r.Read)
		return r
	}
	few, many := after(50, 0), after(200, 0)
	require.GreaterOrEqual(t, few.Records, 50)
	require.Greater(t, many.Read, 2*few.Read)
	require.Less(t, after(200, 60).Read, few.Read)
}

func TestCosts(t *testing.T) {
	c := Costs{
		Message: time.Millisecond, Byte: time.Microsecond, Record: time.Second,
		Bandwidth: 8e6, Frame: 100, FrameHeader: 10,
		Force: time.Second, DiskBandwidth: 1000, Seek: time.Minute,
	}
	require.Equal(t, 110*time.Microsecond, c.wire(100))
	require.Equal(t, 121*time.Microsecond, c.wire(101))
	require.Equal(t, 1100*time.Microsecond, c.handle(100))
	require.Equal(t, 1500*time.Millisecond, c.write(500))
	require.Equal(t, time.Minute+3500*time.Millisecond+500*time.Microsecond, c.read(3, 500))
	c.ReadEach = true
	require.Equal(t, 3*time.Minute+3500*time.Millisecond+500*time.Microsecond, c.read(3, 500))
	require.Zero(t, c.WithoutForce().write(500))
}

func TestRunSaysWhatItCannotRun(t *testing.T) {
	_, err := Run(setting("autumn", 3))
	require.ErrorContains(t, err, "autumn")
	s := setting("fall", 1)
	s.At = bench.AtOther
	_, err = Run(s)
	require.ErrorContains(t, err, "more processes")
	_, err = Run(burst(setting("fall", 3), 0))
	require.ErrorContains(t, err, "no load")
}
