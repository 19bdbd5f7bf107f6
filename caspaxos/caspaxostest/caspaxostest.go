package caspaxostest

import (
	"fmt"
	"testing"
	"time"

	"paxon/conformance"
	"paxon/sim"
)

// Seeds is how many random runs the suite does by default.
const Seeds = 5000

// Run fails the test for each property that does not hold.
func Run(t *testing.T, f Factory, a conformance.Assumptions) {
	t.Helper()
	suite(f, a).Tell(t)
}

// Check joins a *conformance.Failure for each property that does not hold, at most one for each
// property and layer. It is nil if all hold.
func Check(f Factory, a conformance.Assumptions) error { return suite(f, a).Err() }

func suite(f Factory, a conformance.Assumptions) *conformance.Report {
	if a.Seeds == 0 {
		a.Seeds = Seeds
	}
	report := conformance.NewReport(a)
	if report.Begin(conformance.Script) {
		for _, script := range scripts() {
			report.Tried(1)
			for _, failure := range script.run(f) {
				report.Tried(-1)
				report.Add(failure)
			}
		}
	}
	if report.Begin(conformance.Exhaustive) {
		exhaustive(f, a, report)
	}
	if report.Begin(conformance.Seeds) {
		for seed := uint64(0); seed < uint64(a.Seeds) && !report.Over(); seed++ {
			o := Hunt(f, a, seed, nil)
			if len(o.Failures) == 0 {
				report.Add(nil)
			}
			for i, failure := range o.Failures {
				if i > 0 {
					report.Tried(-1) // They are of one run.
				}
				report.Add(failure)
			}
		}
	}
	if report.Begin(conformance.Hygiene) {
		report.Add(conformance.Twice(Deterministic, 1, func(seed uint64, trace *sim.Trace) {
			Hunt(f, a, seed, trace)
		}))
	}
	return report
}

// Outcome is what one random run showed.
type Outcome struct {
	Failures []*conformance.Failure
	Events   uint64 // That happened.
	Received uint64 // Messages that processes received.
	Time     time.Duration
	Marks    sim.Marks // Zero without coverage.
}

// Hunt does one random run; the seed determines it. The trace may be nil.
func Hunt(f Factory, a conformance.Assumptions, seed uint64, trace *sim.Trace) Outcome {
	return hunt(newStage(f, a, seed, trace), seed)
}

// Cover is Hunt with marks.
func Cover(f Factory, a conformance.Assumptions, seed uint64, trace *sim.Trace) Outcome {
	s := newStage(f, a, seed, trace)
	s.World.Marks = &sim.Marks{}
	o := hunt(s, seed)
	o.Marks = *s.World.Marks
	return o
}

func hunt(s *stage, seed uint64) Outcome {
	s.protect(s.run)
	o := Outcome{
		Failures: s.failures, Events: s.World.Steps(), Received: s.World.Received(), Time: s.World.Now(),
	}
	for _, f := range o.Failures {
		f.Layer, f.Replay = conformance.Seeds, fmt.Sprintf("seed %d", seed)
		if f.Property == Progress || f.Property == Membership || f.Property == Collection {
			f.Layer = conformance.Progress
		}
		s.World.Trace.Event(s.World.Now(), sim.TraceEvent{
			Event: "violation", Text: f.Property + ": " + f.Detail,
		})
	}
	return o
}

// protect notes a panic as what it is.
func (s *stage) protect(run func()) {
	defer func() {
		if r := recover(); r != nil {
			s.fail(NoPanic, "%v", r)
		}
	}()
	run()
}
