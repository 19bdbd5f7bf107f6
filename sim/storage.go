package sim

import (
	"maps"
	"slices"
	"time"

	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

// Store is the simulated stable storage of a process. What is put becomes durable later, in
// order; a crash takes what has not yet, but for what the driver lets survive.
type Store struct {
	host    *Host
	durable []map[uint64]process.Record // By space.
	pending []operation
	last    time.Duration // When the last pending operation will be durable.
}

// operation is a Put, or with a nil record a Forget of what is below key.
type operation struct {
	space  process.Space
	key    uint64
	record process.Record
	since  time.Duration
}

// hanging is how long a Put may take before its disk counts as one that hangs.
const hanging = 50 * time.Millisecond

// Put is process.Store.
func (s *Store) Put(space process.Space, key uint64, record process.Record, done func()) {
	w := s.host.world
	s.pending = append(s.pending, operation{space, key, record, w.now})
	w.Trace.put(w.now, s.host.id, key, record)
	took := w.driver.Disk(s.host.id)
	if w.Marks != nil && took > hanging && s.host.leader == s.host.id {
		w.Marks.Make(StalledLeading)
	}
	s.last = max(s.last, w.now+took)
	s.host.later(s.last-w.now, func() {
		for s.commit().record == nil { // A Forget goes with the Put that follows it.
		}
		w.Trace.durable(w.now, s.host.id, key, record)
		if _, ok := record.(tob.Checkpoint); ok {
			w.Marks.Make(Checkpointed)
		}
		if done != nil {
			done()
		}
	})
}

// Forget is process.Store.
func (s *Store) Forget(space process.Space, below uint64) {
	s.pending = append(s.pending, operation{space, below, nil, s.host.world.now})
}

// Stored is process.Store.
func (s *Store) Stored(space process.Space, yield func(key uint64, record process.Record) bool) {
	if int(space) >= len(s.durable) {
		return
	}
	records := s.durable[space]
	for _, key := range slices.Sorted(maps.Keys(records)) {
		if !yield(key, records[key]) {
			return
		}
	}
}

// Healthy says whether no Put has been under way for longer than the limit.
func (s *Store) Healthy(limit time.Duration) bool {
	for _, o := range s.pending {
		if o.record != nil {
			return s.host.world.now-o.since <= limit
		}
	}
	return true
}

// commit makes the oldest pending operation durable.
func (s *Store) commit() operation {
	o := s.pending[0]
	s.pending = slices.Delete(s.pending, 0, 1)
	for len(s.durable) <= int(o.space) {
		s.durable = append(s.durable, map[uint64]process.Record{})
	}
	records := s.durable[o.space]
	if o.record != nil {
		records[o.key] = o.record
	} else {
		maps.DeleteFunc(records, func(key uint64, _ process.Record) bool { return key < o.key })
	}
	return o
}

func (s *Store) crash() {
	survived := s.host.world.driver.Survives(s.host.id, len(s.pending))
	s.markCrash(survived)
	for range survived {
		s.commit()
	}
	s.pending, s.last = s.pending[:0], 0
}

// History is the simulated history of a process (tob.History). A crash takes batches from its
// end that were not forced, but for what the driver lets survive.
type History struct {
	host    *Host
	first   register.Instance
	batches []register.Value
	forced  int // Of batches, from the first.
}

// Bounds is tob.History.
func (h *History) Bounds() (first, next register.Instance) {
	return h.first, h.first + register.Instance(len(h.batches))
}

// Append is tob.History.
func (h *History) Append(batch register.Value) { h.batches = append(h.batches, batch) }

// Force is tob.History.
func (h *History) Force(done func()) {
	_, next := h.Bounds()
	h.host.later(h.host.world.driver.Disk(h.host.id), func() {
		h.forced = max(h.forced, int(next-h.first))
		done()
	})
}

// Read is tob.History.
func (h *History) Read(
	from register.Instance, maxBytes int, done func(batches []register.Value),
) {
	h.host.later(h.host.world.driver.Disk(h.host.id), func() { done(h.read(from, maxBytes)) })
}

func (h *History) read(from register.Instance, maxBytes int) []register.Value {
	first, next := h.Bounds()
	if from < first || from >= next {
		return nil
	}
	return Fitting(h.batches[from-first:], maxBytes)
}

// Fitting is what a tob.History reads of batches, at least one: as many as fit into maxBytes.
func Fitting(batches []register.Value, maxBytes int) []register.Value {
	n, size := 1, len(batches[0])
	for n < len(batches) && size+len(batches[n]) <= maxBytes {
		size += len(batches[n])
		n++
	}
	return slices.Clone(batches[:n])
}

// Stored is tob.History.
func (h *History) Stored(
	from register.Instance, yield func(l register.Instance, batch register.Value) bool,
) {
	for i, batch := range h.batches {
		if l := h.first + register.Instance(i); l >= from && !yield(l, batch) {
			return
		}
	}
}

// Truncate is tob.History.
func (h *History) Truncate(below register.Instance) {
	first, next := h.Bounds()
	if below = min(below, next); below > first {
		n := int(below - first)
		h.host.world.Marks.Make(Truncated)
		h.batches, h.first, h.forced = h.batches[n:], below, max(0, h.forced-n)
	}
}

func (h *History) crash() {
	unforced := len(h.batches) - h.forced
	kept := h.forced + h.host.world.driver.Survives(h.host.id, unforced)
	h.batches = slices.Clip(h.batches[:kept])
	h.forced = kept
}
