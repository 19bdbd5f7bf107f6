package storage

import (
	"sync"

	"paxon/register"
)

const (
	// tailOverhead is what a batch in the tail counts besides its bytes.
	tailOverhead = 32
	// tailBatches is how many batches with rows stay in the tail at most: so many small ones are read
	// from the disk as fast as they come.
	tailBatches = 256
)

// tail is the end of the history in memory: the batches whose rows are not yet in the table,
// and the last ones before these. It is safe for concurrent use.
type tail struct {
	limit int // of bytes, but for what has no row

	mu    sync.Mutex
	ring  []register.Value // of a length that is a power of two; batch l is at l modulo that
	first uint64           // the batches from first to next - 1 are in it
	next  uint64
	bytes int
}

// add adds batch next. It keeps the batch.
func (t *tail) add(batch register.Value) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next-t.first == uint64(len(t.ring)) {
		t.grow()
	}
	t.ring[t.next&uint64(len(t.ring)-1)] = batch
	t.next++
	t.bytes += len(batch) + tailOverhead
}

func (t *tail) grow() {
	ring := make([]register.Value, max(2*len(t.ring), 64))
	for l := t.first; l < t.next; l++ {
		ring[l&uint64(len(ring)-1)] = t.ring[l&uint64(len(t.ring)-1)]
	}
	t.ring = ring
}

// settle lets go of batches below an instance, all of which have rows, down to the limits.
func (t *tail) settle(below uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.first < below && (t.bytes > t.limit || t.next-t.first > tailBatches) {
		slot := &t.ring[t.first&uint64(len(t.ring)-1)]
		t.bytes -= len(*slot) + tailOverhead
		*slot = nil
		t.first++
	}
}

// begins is the oldest instance in it, or the one that the next add is for.
func (t *tail) begins() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.first
}

// read appends batches from instance from on, as ReadAt returns them, and reports whether from
// is not below the tail. At least one is appended if atLeastOne says so.
func (t *tail) read(
	to []register.Value, from uint64, maxBytes int, atLeastOne bool,
) ([]register.Value, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if from < t.first {
		return to, false
	}
	end, left := from, maxBytes
	for end < t.next {
		size := len(t.ring[end&uint64(len(t.ring)-1)])
		if size > left && (end > from || !atLeastOne) {
			break
		}
		left -= size
		end++
		if left <= 0 {
			break
		}
	}
	if end == from {
		return to, true
	}
	if to == nil {
		to = make([]register.Value, 0, end-from)
	}
	for l := from; l < end; l++ {
		to = append(to, t.ring[l&uint64(len(t.ring)-1)])
	}
	return to, true
}
