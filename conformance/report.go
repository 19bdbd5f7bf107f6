package conformance

import (
	"errors"
	"slices"

	"paxon/sim"
)

// Report collects the failures that a suite finds, the first for each property and layer.
type Report struct {
	assumptions Assumptions
	failures    []*Failure
	tried       int  // Runs of the layer.
	over        bool // The layer has found what it was to find.
}

// NewReport makes a report of what a suite finds under some assumptions.
func NewReport(a Assumptions) *Report { return &Report{assumptions: a} }

// Begin begins a layer, and says whether it is to be done.
func (r *Report) Begin(layer string) bool {
	r.tried, r.over = 0, false
	return r.assumptions.Does(layer)
}

// Over says whether the layer begun last need not go on.
func (r *Report) Over() bool { return r.over }

// Tried counts runs of a layer that were done besides those that Add hears of.
func (r *Report) Tried(runs int) { r.tried += runs }

// Storm does the layers Seeds and Hygiene with whole random runs of a part; the one after the first
// seed is done twice, and if that differs it is a failure of the property deterministic.
func (r *Report) Storm(
	deterministic string, run func(seed uint64, trace *sim.Trace) *Failure,
) {
	if r.Begin(Seeds) {
		for seed := uint64(0); seed < uint64(r.assumptions.Seeds) && !r.Over(); seed++ {
			r.Add(run(seed, nil))
		}
	}
	if r.Begin(Hygiene) {
		r.Add(Twice(deterministic, 1, func(seed uint64, trace *sim.Trace) {
			_ = run(seed, trace) // What fails, fails in the layer Seeds as well.
		}))
	}
}

// Known says whether a property has failed in a layer.
func (r *Report) Known(property, layer string) bool {
	return slices.ContainsFunc(r.failures, func(f *Failure) bool {
		return f.Property == property && f.Layer == layer
	})
}

// Add hears how a run ended: with a failure, or with nil. It keeps the failure, unless its property
// has failed in its layer already.
func (r *Report) Add(f *Failure) {
	r.tried++
	if f == nil || r.Known(f.Property, f.Layer) {
		return
	}
	if f.Tried == 0 {
		f.Tried = r.tried
	}
	r.over = r.over || slices.Contains(r.assumptions.Until, f.Property)
	r.failures = append(r.failures, f)
}

// Failures are those collected, in the order in which they were found.
func (r *Report) Failures() []*Failure { return r.failures }

// Tell makes each failure an error of a test, which *testing.T is.
func (r *Report) Tell(t interface {
	Helper()
	Error(args ...any)
},
) {
	t.Helper()
	for _, f := range r.failures {
		t.Error(f)
	}
}

// Err joins what was collected; it is nil if that is nothing.
func (r *Report) Err() error {
	var all []error
	for _, f := range r.failures {
		all = append(all, f)
	}
	return errors.Join(all...)
}
