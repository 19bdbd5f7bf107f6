package bench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSpreadOf(t *testing.T) {
	values := []float64{5, 1, 4}
	require.Equal(t, Spread{Median: 4, Min: 1, Max: 5}, SpreadOf(values))
	require.Equal(t, []float64{5, 1, 4}, values, "the order of the repetitions is lost")
	require.Equal(t, Spread{Median: 3, Min: 1, Max: 9}, SpreadOf([]float64{9, 1, 2, 4}))
	require.Equal(t, Spread{Median: 7, Min: 7, Max: 7}, SpreadOf([]float64{7}))
}

func TestQuantile(t *testing.T) {
	h := NewHistogram()
	for i := range 1000 {
		require.NoError(t, Record(h, time.Duration(i+1)*time.Millisecond))
	}
	require.InEpsilon(t, 0.5, Quantile(h, 50), 1e-3)
	require.InEpsilon(t, 0.99, Quantile(h, 99), 1e-3)
	require.InEpsilon(t, 0.999, Quantile(h, 99.9), 1e-3)
	require.InEpsilon(t, 1, Quantile(h, 100), 1e-3)
	require.NoError(t, Record(h, 100*time.Hour))
	require.InEpsilon(t, 3600, Quantile(h, 100), 1e-3, "longer than an hour counts as an hour")
}

func TestRepetitionOf(t *testing.T) {
	slow, fast := newLoad(1, clientOf(1), nil, nil, 1), newLoad(2, clientOf(2), nil, nil, 1)
	slow.elapsed, fast.elapsed = 2*time.Second, time.Second
	require.NoError(t, Record(slow.latency, 2*time.Second))
	for range 10 {
		require.NoError(t, Record(fast.latency, time.Millisecond))
	}
	r := repetitionOf([]*load{slow, fast}, true)
	require.True(t, r.LeaderChanged)
	require.EqualValues(t, 11, r.Messages)
	require.InDelta(t, 10.5, r.PerSecond, 1e-9, "each broadcaster's own rate")
	require.InEpsilon(t, 1e-3, r.P50, 1e-2)
	require.InEpsilon(t, 2, r.Max, 1e-2)
}

func TestReportOf(t *testing.T) {
	c := goodConfig()
	points := [][]Repetition{
		{
			{PerSecond: 10, P50: 3e-4, P99: 1, P999: 2, Max: 3},
			{PerSecond: 30, P50: 5e-4, P99: 3, P999: 4, Max: 5},
		},
		{{PerSecond: 100}},
	}
	limits := Limits{ForcedWrite: Spread{Median: 1.5e-4}, RoundTrip: Spread{Median: 0.5e-4}}
	seen := newObserver(1, nil, nil)
	r := reportOf(c, points, limits, seen)
	require.Len(t, r.Points, 2)
	require.Equal(t, Spread{20, 10, 30}, r.Points[0].PerSecond)
	require.Equal(t, Spread{2, 1, 3}, r.Points[0].P99)
	require.Equal(t, Spread{3, 2, 4}, r.Points[0].P999)
	require.Equal(t, Spread{4, 3, 5}, r.Points[0].Max)
	require.NotNil(t, r.Ratio)
	require.InEpsilon(t, 2, *r.Ratio, 1e-9)

	c.Variant.Recovers = false
	require.Nil(t, reportOf(c, points, limits, seen).Ratio, "nothing is forced")
	c = goodConfig()
	c.Outstanding = []int{2, 8}
	require.Nil(t, reportOf(c, points, limits, seen).Ratio, "1 outstanding was not measured")
}
