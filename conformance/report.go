package conformance

import "errors"

// Report collects the failures that a suite finds, the first for each property and layer.
type Report struct{ failures []*Failure }

// Add adds a failure, unless its property has failed in its layer already. It ignores nil.
func (r *Report) Add(f *Failure) {
	if f == nil {
		return
	}
	for _, known := range r.failures {
		if known.Property == f.Property && known.Layer == f.Layer {
			return
		}
	}
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
