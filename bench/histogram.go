package bench

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// NewHistogram is a histogram that takes latencies in nanoseconds from 1 µs to an hour, to three digits.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(int64(time.Microsecond), int64(time.Hour), 3)
}

// Record adds a latency, which no cluster drives above the hour that NewHistogram allows.
func Record(h *hdrhistogram.Histogram, d time.Duration) error { return RecordAll(h, d, 1) }

// RecordAll adds a latency so many times.
func RecordAll(h *hdrhistogram.Histogram, d time.Duration, times int) error {
	return h.RecordValues(min(int64(d), h.HighestTrackableValue()), int64(times))
}

// packHistogram gives each value that was recorded, as precisely as it was, and how often.
func packHistogram(h *hdrhistogram.Histogram) [][2]int64 {
	var packed [][2]int64
	for _, bar := range h.Distribution() {
		if bar.Count > 0 {
			packed = append(packed, [2]int64{bar.From, bar.Count})
		}
	}
	return packed
}

// unpackHistogram adds what packHistogram gave. The error says what of it does not fit.
func unpackHistogram(h *hdrhistogram.Histogram, packed [][2]int64) error {
	for _, p := range packed {
		if p[0] < 0 || p[1] <= 0 {
			return fmt.Errorf("latency %d ns, %d times: expected none below 0, each at least once",
				p[0], p[1])
		}
		if err := h.RecordValues(p[0], p[1]); err != nil {
			return err
		}
	}
	return nil
}
