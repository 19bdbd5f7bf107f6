package storage

import "sync"

// failure remembers the first error of the storage, for all parts of it. It is safe for
// concurrent use.
type failure struct {
	once   sync.Once
	err    *FailedError
	broken chan struct{} // closed once err is set
	report chan error    // gets err, once
}

func newFailure() *failure {
	return &failure{broken: make(chan struct{}), report: make(chan error, 1)}
}

// set takes note of err if it is the first one.
func (f *failure) set(err error) {
	f.once.Do(func() {
		f.err = &FailedError{Err: err}
		close(f.broken)
		f.report <- f.err
	})
}

// get returns the first error as a *FailedError, or nil.
func (f *failure) get() error {
	select {
	case <-f.broken:
		return f.err
	default:
		return nil
	}
}
