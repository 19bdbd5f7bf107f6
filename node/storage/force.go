package storage

import (
	"sync"
	"sync/atomic"
)

const (
	// keptEntries bounds the buffers of entries that are kept for the next force.
	keptEntries = 1 << 14
	// handEntries and handBytes are how many entries, and bytes of batches, wait for a force
	// at most: then they are written without one.
	handEntries = 1 << 10
	handBytes   = 128 << 10
	// maxUnwritten is how many bytes may wait to be written before a batch that is appended
	// waits as well. A host pushes back long before, by Backlog.
	maxUnwritten = 64 << 20
)

// forcer is the group force: work gathers here while earlier work is written and forced.
type forcer struct {
	log     *forcedLog
	keeper  *keeper
	failure *failure
	stored  map[byte][]found // what Open found; nil after the first force
	backlog atomic.Int64
	adding  *work // not yet in the queue; the loop's

	mu      sync.Mutex
	changed sync.Cond // the goroutine may have something to do
	written sync.Cond // the backlog shrank, or the storage failed
	queue   []*work
	free    []*work
	busy    bool // somebody writes
	closing bool
	stats   Stats
	ended   chan struct{}
	current []*work // what the goroutine has taken from the queue
}

// work is entries to be written, and whom to tell once they are durable.
type work struct {
	entries []entry
	small   []byte // heads and tails of the entries
	bytes   int64
	batches int // bytes of batches that no Put has
	done    func(error)
}

func startForcer(log *forcedLog, keeper *keeper, failure *failure) *forcer {
	f := &forcer{
		log: log, keeper: keeper, failure: failure, stored: log.live.sorted(),
		adding: &work{}, ended: make(chan struct{}),
	}
	f.changed.L, f.written.L = &f.mu, &f.mu
	f.publish(false)
	go f.run()
	return f
}

// add buffers an entry.
func (f *forcer) add(e entry) {
	w := f.adding
	e.head, e.tail = w.keep(e.head), w.keep(e.tail)
	w.entries = append(w.entries, e)
	if e.kind == kindRow {
		return // Its value counts as that of a put.
	}
	w.bytes += int64(e.bytes())
	f.backlog.Add(int64(e.bytes()))
	if e.kind == kindBatch {
		w.batches += len(e.value)
	}
}

// keep copies what the caller may change.
func (w *work) keep(p []byte) []byte {
	if len(p) == 0 {
		return nil
	}
	w.small = append(w.small, p...)
	return w.small[len(w.small)-len(p):]
}

// force has what was added forced, and then calls done.
func (f *forcer) force(done func(error)) {
	f.stored = nil
	f.adding.done = done
	f.mu.Lock()
	f.enqueue()
	f.mu.Unlock()
	f.changed.Signal()
}

// enqueue puts what was added into the queue.
func (f *forcer) enqueue() {
	f.queue = append(f.queue, f.adding)
	if n := len(f.free); n > 0 {
		f.adding, f.free = f.free[n-1], f.free[:n-1]
	} else {
		f.adding = &work{}
	}
}

// hand has what was added written if it is much. It waits while far too much is not.
func (f *forcer) hand() {
	if len(f.adding.entries) < handEntries && f.adding.batches < handBytes {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.enqueue()
	f.changed.Signal()
	for f.backlog.Load() > maxUnwritten && f.failure.get() == nil {
		f.written.Wait()
	}
}

// now does what force does before it returns, unless other work waits or is being done.
func (f *forcer) now() (forced bool, err error) {
	f.mu.Lock()
	if f.busy || len(f.queue) > 0 {
		f.mu.Unlock()
		return false, nil
	}
	f.busy = true
	f.mu.Unlock()
	f.stored = nil
	one := [1]*work{f.adding}
	synced, err := f.write(one[:], true)
	if err == nil {
		err = f.settle()
	}
	f.mu.Lock()
	f.busy = false
	f.publish(synced)
	f.mu.Unlock()
	f.adding.reset()
	return true, err
}

// reset makes w empty, to be used again, and lets go of what it points to.
func (w *work) reset() {
	*w = work{entries: emptied(w.entries), small: emptied(w.small)}
}

// emptied returns s without elements, to be used again, and lets go of what they point to.
func emptied[T any](s []T) []T {
	if cap(s) > keptEntries {
		return nil
	}
	clear(s)
	return s[:0]
}

// close waits for the work that was handed over.
func (f *forcer) close() {
	f.mu.Lock()
	f.closing = true
	f.mu.Unlock()
	f.changed.Signal()
	<-f.ended
}
