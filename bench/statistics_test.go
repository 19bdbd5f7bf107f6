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
