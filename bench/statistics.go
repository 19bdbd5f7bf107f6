package bench

import (
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Spread is where the values of some repetitions lie.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// SpreadOf gives the spread of at least one value. The median of an even number of values is
// the mean of the two in the middle.
func SpreadOf(values []float64) Spread {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return Spread{
		Median: (sorted[(n-1)/2] + sorted[n/2]) / 2,
		Min:    sorted[0],
		Max:    sorted[n-1],
	}
}

// spreadBy gives the spread of one figure of all repetitions.
func spreadBy(repetitions []Repetition, figure func(Repetition) float64) Spread {
	var values []float64
	for _, r := range repetitions {
		values = append(values, figure(r))
	}
	return SpreadOf(values)
}

// Quantile is a percentile of latencies, in seconds.
func Quantile(h *hdrhistogram.Histogram, percent float64) float64 {
	return time.Duration(h.ValueAtQuantile(percent)).Seconds()
}
