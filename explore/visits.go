package explore

import (
	"cmp"
	"sync"
	"sync/atomic"
)

// visits are the states that were visited, each with a state that leads to it on a shortest way.
type visits struct {
	shards [256]shard
	added  atomic.Uint64
}

type shard struct {
	mu    sync.Mutex
	known map[Hash]visit
}

type visit struct {
	from  Hash
	depth int32
}

// add notes that a state can be reached from another, and says whether it is new. Of several ways
// of the same length the one that is found first is kept, because the state that was found on it
// is the one that is searched: with a single worker that is always the same.
func (v *visits) add(h, from Hash, depth int) bool {
	s := &v.shards[h.Hi>>56]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[Hash]visit{}
	}
	if _, ok := s.known[h]; ok {
		return false
	}
	s.known[h] = visit{from, int32(depth)}
	v.added.Add(1)
	return true
}

// parent is the state before, on a shortest way, and how many choices it takes to h.
func (v *visits) parent(h Hash) (from Hash, depth int) {
	s := &v.shards[h.Hi>>56]
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[h].from, int(s.known[h].depth)
}

// count is how many states were visited.
func (v *visits) count() uint64 { return v.added.Load() }

func compare(a, b Hash) int {
	if c := cmp.Compare(a.Hi, b.Hi); c != 0 {
		return c
	}
	return cmp.Compare(a.Lo, b.Lo)
}
