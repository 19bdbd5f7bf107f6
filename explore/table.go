package explore

import (
	"sync"
	"sync/atomic"
)

// table numbers values that have fingerprints. Values are looked up by number without a lock.
type table[T any] struct {
	mu     sync.Mutex
	known  map[Hash]uint32
	chunks [1 << 14]atomic.Pointer[chunk[T]]
	count  uint32
}

const chunkSize = 1 << 12

type chunk[T any] [chunkSize]*T

// intern gives the number of the value with a fingerprint, creating it if it is new.
func (t *table[T]) intern(h Hash, create func(id uint32) *T) (id uint32, added bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if id, ok := t.known[h]; ok {
		return id, false
	}
	if t.known == nil {
		t.known = map[Hash]uint32{}
	}
	id = t.count
	t.count++
	c := t.chunks[id/chunkSize].Load()
	if c == nil {
		c = new(chunk[T])
		t.chunks[id/chunkSize].Store(c)
	}
	c[id%chunkSize] = create(id)
	t.known[h] = id
	return id, true
}

// at is the value of a number that intern has given.
func (t *table[T]) at(id uint32) *T { return t.chunks[id/chunkSize].Load()[id%chunkSize] }

// size is how many values there are.
func (t *table[T]) size() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return int(t.count)
}
