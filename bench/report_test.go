package bench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func spreadAt(v float64) Spread { return Spread{v, v, v} }

func sampleLimits() Limits {
	return Limits{
		ForcedWrite: Spread{1.5e-4, 1.4e-4, 1.6e-4}, ForcedPage: spreadAt(2e-4),
		RoundTrip: Spread{2e-5, 1.9e-5, 2.1e-5},
	}
}

func sampleBandwidths() Bandwidths {
	return Bandwidths{
		Logs: 3, ForcedOne: spreadAt(9e8), ForcedEach: Spread{4e8, 3e8, 5e8},
		Loopback: spreadAt(6e9), Copy: spreadAt(1.5e10), CRC32C: spreadAt(1e10), XXH3: spreadAt(3e10),
	}
}

// sampleReport has a closed loop of 1 outstanding, and an open loop that fell behind.
func sampleReport() Report {
	c := goodConfig()
	one, rate := goodSetting().withDefaults(), goodSetting().withDefaults()
	one.Outstanding = 1
	rate.Outstanding, rate.Rate = 0, 100_000
	return Report{conditionsOf(c), []Point{
		pointOf(one, []Repetition{
			{Messages: 6, PerSecond: 2000, MBPerSecond: 0.032, P50: 4e-4, CPU: 1500, Forces: 3},
			{Messages: 7, PerSecond: 2200, MBPerSecond: 0.035, P50: 5e-4, CPU: 1400, Forces: 3},
		}, sampleLimits(), sampleBandwidths()),
		pointOf(rate, []Repetition{{
			Messages: 9, PerSecond: 90_000, MBPerSecond: 40, P50: 0.011, Late: 12, LeaderChanged: true,
			Allocations: 2.5e6, PeakMemory: 300 << 20, PeakLargest: 120 << 20, WireBytes: 271.5,
		}}, sampleLimits(), sampleBandwidths()),
	}}
}

func TestPointOf(t *testing.T) {
	r := sampleReport()
	p := r.Points[0]
	require.Equal(t, Spread{2100, 2000, 2200}, p.PerSecond)
	require.Equal(t, Spread{1450, 1400, 1500}, p.CPU)
	require.NotNil(t, p.LatencyRatio)
	require.InEpsilon(t, 4.5/1.7, *p.LatencyRatio, 1e-9, "over a forced write and a round trip")
	require.Nil(t, r.Points[1].LatencyRatio, "not of an open loop")
	require.InEpsilon(t, 0.1, r.Points[1].BandwidthShare, 1e-9)
}

func TestLimitsOfSettings(t *testing.T) {
	l, b := sampleLimits(), sampleBandwidths()
	s := goodSetting()
	require.InEpsilon(t, 1.7e-4, LeastLatency(s, l), 1e-9)
	require.InEpsilon(t, 4e8, MostBandwidth(s, b), 1e-9)
	s.At = AtOther
	require.InEpsilon(t, 1.9e-4, LeastLatency(s, l), 1e-9)
	s.Fsync = false
	require.InEpsilon(t, 4e-5, LeastLatency(s, l), 1e-9)
	require.InEpsilon(t, 3e9, MostBandwidth(s, b), 1e-9, "it crosses the loopback twice")
	s.Processes, s.At, s.Outstanding = 1, AtAll, 1
	require.Zero(t, LeastLatency(s, l))
	require.InEpsilon(t, 1.5e10, MostBandwidth(s, b), 1e-9)
	require.Nil(t, pointOf(s, []Repetition{{P50: 1}}, l, b).LatencyRatio)
}

// TestRepetition adds up what two broadcasters in two processes measured.
func TestRepetition(t *testing.T) {
	m := measurement{
		before: []reply{{Used: usage{CPU: 5, Allocs: 10, Forces: 1, WireBytes: 100}}, {}},
		after: []reply{
			{Used: usage{CPU: 5 + 2*time.Second, Allocs: 30, Forces: 3, WireBytes: 400}},
			{Used: usage{CPU: time.Second, Allocs: 80, Forces: 8, WireBytes: 700}},
		},
		stopped: []reply{{Peak: 7}, {Peak: 5}},
		loads: []loadResult{
			{At: 1, Given: 20, Counted: 1, Elapsed: 2 * time.Second, Latency: [][2]int64{{2e9, 1}}},
			{At: 2, Given: 20, Counted: 9, Elapsed: time.Second, Latency: [][2]int64{{1e6, 9}}, Late: 3},
		},
		settled:       []settledReply{{1, 40, 0xabc}, {2, 40, 0xabc}},
		leaderChanged: true,
	}
	r, err := m.repetition(Setting{Size: 1000, Fsync: true})
	require.NoError(t, err)
	require.EqualValues(t, 10, r.Messages)
	require.InDelta(t, 9.5, r.PerSecond, 1e-9, "each broadcaster's own rate")
	require.InDelta(t, 9.5e-3, r.MBPerSecond, 1e-9)
	require.InEpsilon(t, 2, r.Elapsed, 1e-9)
	require.InEpsilon(t, 1e-3, r.P50, 1e-2)
	require.InEpsilon(t, 2, r.Max, 1e-2)
	require.InEpsilon(t, 3e5, r.CPU, 1e-9)
	require.InEpsilon(t, 1e7, r.Allocations, 1e-9)
	require.InEpsilon(t, 1, r.Forces, 1e-9)
	require.InEpsilon(t, 100, r.WireBytes, 1e-9)
	require.EqualValues(t, 12, r.PeakMemory)
	require.EqualValues(t, 7, r.PeakLargest)
	require.EqualValues(t, 3, r.Late)
	require.Equal(t, "0000000000000abc", r.Digest)
	require.True(t, r.LeaderChanged)

	m.loads[1].Counted = 0
	_, err = m.repetition(Setting{Size: 1000, Fsync: true})
	require.ErrorContains(t, err, "p2 measured 0 messages")
}
