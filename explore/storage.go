package explore

import (
	"maps"
	"slices"

	"paxon/process"
	"paxon/register"
	"paxon/sim"
)

// store is the stable storage of a process. What is put becomes durable in order, each at a time
// of its own.
type store struct {
	durable []map[uint64]process.Record // By space.
	pending []put
}

// put is a Put, or with a nil record a Forget of what is below key.
type put struct {
	space  process.Space
	key    uint64
	record process.Record
	done   func()
	cause  cause
}

func (s *store) clone() store {
	c := store{}
	for _, records := range s.durable {
		c.durable = append(c.durable, maps.Clone(records))
	}
	return c
}

// commit makes the oldest put durable, with the Forgets before it.
func (s *store) commit(h *Host) {
	for {
		o := s.pending[0]
		s.pending = s.pending[1:]
		s.apply(o)
		if o.record == nil {
			continue
		}
		h.trace.durable(h, o)
		if o.done != nil {
			o.done()
		}
		return
	}
}

func (s *store) apply(o put) {
	for len(s.durable) <= int(o.space) {
		s.durable = append(s.durable, map[uint64]process.Record{})
	}
	if o.record == nil {
		maps.DeleteFunc(s.durable[o.space], func(key uint64, _ process.Record) bool {
			return key < o.key
		})
		return
	}
	s.durable[o.space][o.key] = o.record
}

// puts is how many records wait to be durable.
func (s *store) puts() int {
	n := 0
	for _, o := range s.pending {
		if o.record != nil {
			n++
		}
	}
	return n
}

type storeOf struct{ *Host }

// Put is process.Store.
func (s storeOf) Put(space process.Space, key uint64, record process.Record, done func()) {
	o := put{space, key, record, done, s.cause}
	s.trace.put(s.Host, o)
	s.store.pending = append(s.store.pending, o)
}

// Forget is process.Store.
func (s storeOf) Forget(space process.Space, below uint64) {
	s.store.pending = append(s.store.pending, put{space: space, key: below})
}

// Stored is process.Store.
func (s storeOf) Stored(space process.Space, yield func(key uint64, r process.Record) bool) {
	if int(space) >= len(s.store.durable) {
		return
	}
	records := s.store.durable[space]
	for _, key := range slices.Sorted(maps.Keys(records)) {
		if !yield(key, records[key]) {
			return
		}
	}
}

// history is the delivered history of a process. A crash may take batches from its end that
// were not forced.
type history struct {
	first   register.Instance
	batches []register.Value
	forced  int // Of batches, from the first.
	pending []historyOperation
}

// historyOperation is a Force of what is below an instance, or a Read.
type historyOperation struct {
	below register.Instance
	done  func()
	cause cause
}

func (s *history) clone() history {
	return history{s.first, slices.Clone(s.batches), s.forced, nil}
}

func (s *history) next() register.Instance {
	return s.first + register.Instance(len(s.batches))
}

// complete does the oldest operation.
func (s *history) complete() {
	o := s.pending[0]
	s.pending = s.pending[1:]
	if o.below > s.first {
		s.forced = max(s.forced, int(o.below-s.first))
	}
	o.done()
}

type historyOf struct{ *Host }

// Bounds is tob.History.
func (s historyOf) Bounds() (first, next register.Instance) {
	return s.history.first, s.history.next()
}

// Append is tob.History.
func (s historyOf) Append(batch register.Value) {
	s.history.batches = append(s.history.batches, batch)
}

// Force is tob.History.
func (s historyOf) Force(done func()) {
	s.history.pending = append(s.history.pending,
		historyOperation{s.history.next(), done, s.cause})
}

// Read is tob.History.
func (s historyOf) Read(
	from register.Instance, maxBytes int, done func(batches []register.Value),
) {
	s.history.pending = append(s.history.pending, historyOperation{
		done: func() { done(s.history.read(from, maxBytes)) }, cause: s.cause,
	})
}

func (s *history) read(from register.Instance, maxBytes int) []register.Value {
	if from < s.first || from >= s.next() {
		return nil
	}
	return sim.Fitting(s.batches[from-s.first:], maxBytes)
}

// Stored is tob.History.
func (s historyOf) Stored(
	from register.Instance, yield func(l register.Instance, batch register.Value) bool,
) {
	for i, batch := range s.history.batches {
		if l := s.history.first + register.Instance(i); l >= from && !yield(l, batch) {
			return
		}
	}
}

// Truncate is tob.History.
func (s historyOf) Truncate(below register.Instance) {
	below = min(below, s.history.next())
	if below > s.history.first {
		n := int(below - s.history.first)
		s.history.batches = slices.Clone(s.history.batches[n:])
		s.history.first, s.history.forced = below, max(0, s.history.forced-n)
	}
}
