package storage

import (
	"sync"
	"sync/atomic"

	"paxon/register"
)

// History keeps the delivered batches. It means what tob.History does, except that the done
// callbacks of Force and Read run on goroutines of the storage, for the caller to post to its
// loop. ReadAt and Stored are safe for concurrent use; one goroutine calls all other methods,
// the same as the Storage's.
type History struct {
	forcer  *forcer
	table   *rowTable
	tail    *tail
	files   *handles
	failure *failure

	first, next atomic.Uint64
	readers     sync.WaitGroup
}

func newHistory(f *forcer) *History {
	k := f.keeper
	h := &History{forcer: f, table: k.table, tail: k.tail, files: f.log.files, failure: f.failure}
	h.first.Store(f.log.first)
	h.next.Store(k.next)
	return h
}

// Bounds gives the oldest instance kept and the one that the next Append is for.
func (h *History) Bounds() (first, next register.Instance) {
	return register.Instance(h.first.Load()), register.Instance(h.next.Load())
}

// Append adds the batch delivered in instance next, which may be empty and must not change any
// more. If put is set, it is byte for byte the value of the newest Put or PutValue in
// BatchSpace at the key next, which is not forgotten: then the bytes there are the batch.
// Otherwise they are written for the history. Append waits only while 64 MiB are not yet
// written.
func (h *History) Append(batch register.Value, put bool) {
	if h.failure.get() != nil {
		return
	}
	next := h.next.Load()
	e := entry{kind: kindBatch, key: next, value: batch}
	if put {
		e.kind = kindRow
	}
	h.tail.add(batch)
	h.next.Store(next + 1)
	h.forcer.add(e)
	h.forcer.hand()
}

// Truncate drops the batches below an instance; a crash may bring them back. Their place on the
// disk is free once Force has made as much of the history durable, and no record needs it.
func (h *History) Truncate(below register.Instance) {
	to := min(uint64(below), h.next.Load())
	if h.failure.get() != nil || to <= h.first.Load() {
		return
	}
	h.first.Store(to)
	h.forcer.add(entry{kind: kindTruncate, key: to})
}

// Force calls done, on a goroutine of the storage, once everything appended before the call is
// durable, or with a *FailedError. It forces what was put with it, in one group force.
func (h *History) Force(done func(error)) {
	h.forcer.add(entry{kind: kindRecord})
	h.forcer.force(done)
}

// Read calls done, on a goroutine of the storage, with what ReadAt returns.
func (h *History) Read(
	from register.Instance, maxBytes int, done func(batches []register.Value, err error),
) {
	h.readers.Go(func() { done(h.ReadAt(from, maxBytes)) })
}

// Stored calls yield with the batches from instance from on, in order, until yield returns
// false. A batch must not be changed.
func (h *History) Stored(
	from register.Instance, yield func(l register.Instance, batch register.Value) bool,
) error {
	const atOnce = 1 << 20 // Bytes.
	for {
		batches, err := h.ReadAt(from, atOnce)
		if err != nil || len(batches) == 0 {
			return err
		}
		for _, b := range batches {
			if !yield(from, b) {
				return nil
			}
			from++
		}
	}
}
