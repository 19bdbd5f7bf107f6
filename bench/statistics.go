package bench

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
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

// Text is the median with the spread, if there is one, in so many digits.
func (s Spread) Text(digits int) string {
	if s.Min == s.Max {
		return number(s.Median, digits)
	}
	return fmt.Sprintf("%s (%s to %s)", number(s.Median, digits), number(s.Min, digits),
		number(s.Max, digits))
}

// number is a number in so many digits, more if it is long, and never with an exponent.
func number(v float64, digits int) string {
	text := strconv.FormatFloat(v, 'g', digits, 64)
	if strings.Contains(text, "e") {
		text = strconv.FormatFloat(v, 'f', 0, 64)
	}
	return text
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
