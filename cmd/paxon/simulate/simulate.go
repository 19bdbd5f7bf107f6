package simulate

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"paxon/sim"
)

// Config says which runs to do: those of Seeds seeds from First on.
type Config struct {
	Kind    Kind
	First   uint64
	Seeds   uint64
	Workers int // How many runs at a time, at least 1.
	// Coverage has marks counted.
	Coverage bool
	// Progress hears after each run how many are done; it may be nil. Calls may overlap.
	Progress func(done uint64)
}

// Report is what the runs showed.
type Report struct {
	Runs      uint64
	Steps     uint64
	Received  uint64
	Batches   uint64
	Delivered uint64
	Marks     sim.Marks
	Time      time.Duration // Of the clock on the wall.
}

// Add adds the result of a run.
func (r *Report) Add(o Result) {
	r.Runs++
	r.Steps += o.Steps
	r.Received += o.Received
	r.Batches += o.Batches
	r.Delivered += o.Delivered
	r.Marks.Add(&o.Marks)
}

// PerSecond is how many of something there were in a second of the clock on the wall.
func (r *Report) PerSecond(count uint64) float64 {
	return float64(count) / max(r.Time.Seconds(), 1e-9)
}

// ViolationError says which seed violated which property.
type ViolationError struct {
	Seed      uint64
	Violation *sim.Violation
	Log       string // The last events, if a part alone violates a property.
}

// Error names the seed and the property.
func (e *ViolationError) Error() string {
	text := fmt.Sprintf("seed %d: %v", e.Seed, e.Violation)
	if e.Log != "" {
		text += "; the events before:\n" + e.Log
	}
	return text
}

// Unwrap gives the violation.
func (e *ViolationError) Unwrap() error { return e.Violation }

// hunt is the state that the workers share.
type hunt struct {
	config Config
	next   atomic.Uint64 // The next seed, from First.
	done   atomic.Uint64
	stop   atomic.Bool

	mu     sync.Mutex
	report Report
	worst  *ViolationError // The one with the lowest seed.
}

// Run does the runs. It ends early, with a *ViolationError, at a violation: of those that it saw
// it reports the one with the lowest seed. When the context ends, it returns its error and
// what was done until then.
func Run(ctx context.Context, c Config) (Report, error) {
	h := &hunt{config: c}
	begun := time.Now()
	var workers sync.WaitGroup
	for range c.Workers {
		workers.Go(func() { h.work(ctx) })
	}
	workers.Wait()
	h.report.Time = time.Since(begun)
	if h.worst != nil {
		return h.report, h.worst
	}
	return h.report, ctx.Err()
}

func (h *hunt) work(ctx context.Context) {
	for ctx.Err() == nil && !h.stop.Load() {
		i := h.next.Add(1) - 1
		if i >= h.config.Seeds {
			return
		}
		seed := h.config.First + i
		h.add(seed, h.config.Kind.Do(seed, h.config.Coverage))
		done := h.done.Add(1)
		if h.config.Progress != nil {
			h.config.Progress(done)
		}
	}
}

func (h *hunt) add(seed uint64, r Result) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.report.Add(r)
	if r.Violation != nil {
		h.stop.Store(true)
		if h.worst == nil || seed < h.worst.Seed {
			h.worst = &ViolationError{seed, r.Violation, r.Log}
		}
	}
}
