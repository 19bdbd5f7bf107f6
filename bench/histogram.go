package bench

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// NewHistogram is a histogram that takes latencies in nanoseconds from 1 µs to an hour, to three digits.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(int64(time.Microsecond), int64(time.Hour), 3)
}

// Record adds a latency, which no cluster drives above the hour that NewHistogram allows.
func Record(h *hdrhistogram.Histogram, d time.Duration) error {
	return h.RecordValue(min(int64(d), h.HighestTrackableValue()))
}
