package model

import (
	"maps"
	"slices"

	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

// store is stable storage: a disk with a queue, and what is on it.
type store struct {
	machine *machine
	durable map[process.Space]map[uint64]process.Record
	waiting []operation // For the disk.
	writing bool

	records, bytes int // That Stored has given since they were set to 0.
}

// operation is a Put, or with a nil record a force without bytes.
type operation struct {
	space  process.Space
	key    uint64
	record process.Record
	done   func()
}

// Put is process.Store.
func (s *store) Put(space process.Space, key uint64, record process.Record, done func()) {
	s.queue(operation{space, key, record, done})
}

// queue has an operation wait for the disk, which takes all that wait at once.
func (s *store) queue(o operation) {
	s.waiting = append(s.waiting, o)
	if !s.writing {
		s.writing = true
		// What the same turn puts after this goes along.
		s.machine.later(0, s.force)
	}
}

func (s *store) force() {
	all, bytes := s.waiting, 0
	s.waiting = nil
	for _, o := range all {
		bytes += sizeOf(o.record)
	}
	m := s.machine
	m.later(m.costs.write(bytes), func() {
		for _, o := range all {
			if o.record != nil {
				s.put(o)
			}
		}
		m.do(m.costs.Completion, func() {
			for _, o := range all {
				if o.done != nil {
					o.done()
				}
			}
		})
		if s.writing = len(s.waiting) > 0; s.writing {
			s.force()
		}
	})
}

func (s *store) put(o operation) {
	if s.durable[o.space] == nil {
		s.durable[o.space] = map[uint64]process.Record{}
	}
	s.durable[o.space][o.key] = o.record
}

// Forget is process.Store.
func (s *store) Forget(space process.Space, below uint64) {
	maps.DeleteFunc(s.durable[space], func(key uint64, _ process.Record) bool { return key < below })
}

// Stored is process.Store.
func (s *store) Stored(space process.Space, yield func(key uint64, record process.Record) bool) {
	for _, key := range slices.Sorted(maps.Keys(s.durable[space])) {
		record := s.durable[space][key]
		s.records++
		s.bytes += sizeOf(record)
		if !yield(key, record) {
			return
		}
	}
}

// sizeOf is how many bytes a record takes, in round numbers.
func sizeOf(r process.Record) int {
	const small = 64
	if c, ok := r.(register.Copy); ok {
		return small + len(c.Value)
	}
	return small
}

// history is the delivered history, which is written beside the work of the process and costs
// nothing but when it is forced or read.
type history struct {
	machine *machine
	batches []register.Value
	forced  int
}

// Bounds is tob.History.
func (h *history) Bounds() (first, next register.Instance) {
	return 1, register.Instance(len(h.batches)) + 1
}

// Append is tob.History.
func (h *history) Append(batch register.Value) { h.batches = append(h.batches, batch) }

// Force is tob.History.
func (h *history) Force(done func()) {
	end := len(h.batches)
	h.machine.store.queue(operation{done: func() {
		h.forced = max(h.forced, end)
		done()
	}})
}

// Read is tob.History.
func (h *history) Read(
	from register.Instance, maxBytes int, done func(batches []register.Value),
) {
	var some []register.Value
	bytes := 0
	for _, b := range h.batches[min(int(from)-1, len(h.batches)):] {
		if len(some) > 0 && bytes+len(b) > maxBytes {
			break
		}
		some = append(some, b)
		bytes += len(b)
	}
	// It was written not long ago: the file system has it in memory.
	h.machine.do(h.machine.costs.Completion, func() { done(some) })
}

// Stored is tob.History.
func (h *history) Stored(
	from register.Instance, yield func(l register.Instance, batch register.Value) bool,
) {
	for i := int(from) - 1; i < len(h.batches); i++ {
		h.machine.store.records++
		h.machine.store.bytes += len(h.batches[i])
		if !yield(register.Instance(i+1), h.batches[i]) {
			return
		}
	}
}

// Truncate is tob.History. No run is so long that it must free space.
func (h *history) Truncate(register.Instance) {}

var _ tob.History = (*history)(nil)
