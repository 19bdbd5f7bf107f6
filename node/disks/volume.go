package disks

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"paxon/process"
)

// volume is one of the disks: what is asked of it, in order, and the goroutine that does it.
type volume struct {
	path   string
	wanted identity
	self   process.ID
	all    []process.ID
	retry  time.Duration
	report func(err error)

	wake   chan struct{} // Holds a token when the queue has changed.
	closed chan struct{}
	ended  chan struct{}

	mu    sync.Mutex
	queue []*request // The first is being tried if since is not zero.
	since time.Time
	err   error // Why it fails, nil if it does not.

	use *use // Of the goroutine alone; nil while the disk is not in use.
}

// request is an operation.
type request struct {
	try       func(u *use) error
	done      func()
	forgets   bool
	cancelled atomic.Bool
}

// ask puts a request at the end of the queue.
func (v *volume) ask(r *request) (cancel func()) {
	v.mu.Lock()
	v.queue = append(v.queue, r)
	v.mu.Unlock()
	v.signal()
	return func() { v.cancel(r) }
}

// cancel takes a request out of the queue. One that is being tried goes on until that try ends.
func (v *volume) cancel(r *request) {
	r.cancelled.Store(true)
	v.mu.Lock()
	defer v.mu.Unlock()
	if i := slices.Index(v.queue, r); i > 0 || i == 0 && v.since.IsZero() {
		v.queue = slices.Delete(v.queue, i, i+1)
	}
}

// forget asks for the removal of what no process needs, in place of an earlier request for that.
func (v *volume) forget(below uint64) {
	v.mu.Lock()
	earlier := slices.IndexFunc(v.queue, func(r *request) bool { return r.forgets })
	var old *request
	if earlier >= 0 {
		old = v.queue[earlier]
	}
	v.mu.Unlock()
	if old != nil {
		v.cancel(old)
	}
	v.ask(&request{
		forgets: true, try: func(u *use) error { return u.forget(below) }, done: func() {},
	})
}

func (v *volume) signal() {
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// run does what is asked until the volume is closed.
func (v *volume) run() {
	defer close(v.ended)
	defer v.detach()
	for {
		r := v.first()
		if r == nil {
			select {
			case <-v.wake:
				continue
			case <-v.closed:
				return
			}
		}
		err := v.attempt(r)
		v.tried(r, err)
		if err != nil {
			v.detach()
			select {
			case <-time.After(v.retry):
			case <-v.closed:
				return
			}
		}
	}
}

// first gives the first request to try, nil if there is none or the volume is closed.
func (v *volume) first() *request {
	select {
	case <-v.closed:
		return nil
	default:
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.queue) == 0 {
		return nil
	}
	v.since = time.Now()
	return v.queue[0]
}

// attempt tries a request, and makes sure that the disk was there all the time.
func (v *volume) attempt(r *request) error {
	if v.use == nil {
		u, err := attach(v.path, v.wanted, v.self, v.all)
		if err != nil {
			return err
		}
		v.use = u
	}
	if err := r.try(v.use); err != nil {
		return err
	}
	return v.use.check()
}

// tried takes a request that is done or cancelled out of the queue.
func (v *volume) tried(r *request, err error) {
	v.mu.Lock()
	changed := (err == nil) != (v.err == nil)
	v.err, v.since = err, time.Time{}
	if err == nil || r.cancelled.Load() {
		v.queue = slices.Delete(v.queue, 0, 1)
	}
	v.mu.Unlock()
	if changed {
		v.report(err)
	}
	if err == nil && !r.cancelled.Load() {
		r.done()
	}
}

func (v *volume) detach() {
	if v.use != nil {
		v.use.close()
		v.use = nil
	}
}

func (v *volume) status() Status {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := Status{Path: v.path, Err: v.err, Waiting: len(v.queue)}
	if !v.since.IsZero() {
		s.Busy = time.Since(v.since)
	}
	return s
}
