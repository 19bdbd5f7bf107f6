package storage

import (
	"sync"
	"sync/atomic"
)

// keptEntries bounds the buffers of entries that are kept for the next force.
const keptEntries = 1 << 14

// forcer is the group force: entries gather here while the goroutine forces earlier ones.
type forcer struct {
	log     *forcedLog
	failure *failure
	stored  map[byte][]stored // what Open found; nil after the first force
	backlog atomic.Int64
	stats   atomic.Pointer[Stats]
	added   []entry // not yet forced; the loop's

	mu      sync.Mutex
	changed sync.Cond
	batch   batch // what the next force takes
	closing bool
	ended   chan struct{}
}

// batch is the entries of one force and whom to tell.
type batch struct {
	entries []entry
	dones   []func(error)
}

func startForcer(log *forcedLog, failure *failure) *forcer {
	f := &forcer{
		log: log, failure: failure, stored: log.live.sorted(), ended: make(chan struct{}),
	}
	f.changed.L = &f.mu
	f.publish(0)
	go f.run()
	return f
}

// add buffers an entry for the next call of force.
func (f *forcer) add(e entry) {
	f.added = append(f.added, e)
	f.backlog.Add(int64(len(e.rec)))
}

func (f *forcer) force(done func(error)) {
	f.stored = nil
	f.mu.Lock()
	if len(f.batch.entries) == 0 {
		f.batch.entries, f.added = f.added, f.batch.entries
	} else {
		f.batch.entries = append(f.batch.entries, f.added...)
	}
	f.batch.dones = append(f.batch.dones, done)
	f.mu.Unlock()
	f.changed.Signal()
	f.added = emptied(f.added)
}

// emptied returns s without elements, to be used again, and lets go of what they point to.
func emptied[T any](s []T) []T {
	if cap(s) > keptEntries {
		return nil
	}
	clear(s)
	return s[:0]
}

// run forces one batch after the other until close.
func (f *forcer) run() {
	defer close(f.ended)
	var b batch
	for forces := uint64(1); ; forces++ {
		f.mu.Lock()
		for len(f.batch.dones) == 0 && !f.closing {
			f.changed.Wait()
		}
		if len(f.batch.dones) == 0 {
			f.mu.Unlock()
			return
		}
		b, f.batch = f.batch, b
		f.mu.Unlock()

		err := f.write(b.entries)
		f.publish(forces)
		for _, done := range b.dones {
			done(err)
		}
		b = batch{emptied(b.entries), emptied(b.dones)}
	}
}

// write makes entries durable unless the storage failed before.
func (f *forcer) write(entries []entry) error {
	if err := f.failure.get(); err != nil {
		return err
	}
	if len(entries) == 0 {
		return nil // All that came before was durable when the last force ended.
	}
	if err := f.log.force(entries); err != nil {
		f.failure.set(err)
		return f.failure.get()
	}
	size := int64(0)
	for _, e := range entries {
		size += int64(len(e.rec))
	}
	f.backlog.Add(-size)
	return nil
}

func (f *forcer) publish(forces uint64) {
	stats := Stats{
		Segments: len(f.log.older) + 1, Bytes: f.log.w.position(),
		Records: f.log.live.count, RecordBytes: f.log.live.bytes, Forces: forces,
	}
	for _, s := range f.log.older {
		stats.Bytes += s.end
	}
	f.stats.Store(&stats)
}

// close waits for the forces that were asked for and closes the log.
func (f *forcer) close() error {
	f.mu.Lock()
	f.closing = true
	f.mu.Unlock()
	f.changed.Signal()
	<-f.ended
	return f.log.Close()
}
