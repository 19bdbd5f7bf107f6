package process

// Derived is what a part keeps to be faster and could do without: memory to use again, or the last
// thing that it looked up. It is no state: with any other content that it may have, the part does
// the same. Exhaustive search passes over it.
type Derived[T any] struct{ Value T }

// Push appends v to a queue that is taken from at its front, queue = queue[1:], and is the end of
// memory, which belongs to it alone. Where memory is half free before the queue, the queue moves
// there, so that one of bounded length comes to rest in memory of twice that. What is taken
// should be cleared first.
func Push[T any](queue []T, memory *Derived[[]T], v T) []T {
	n := len(queue)
	switch {
	case n < cap(queue):
		return append(queue, v)
	case cap(memory.Value) >= 2*max(n, 1):
		moved := memory.Value[:n]
		copy(moved, queue)
		clear(queue)
		return append(moved, v)
	}
	grown := append(make([]T, 0, max(2*n, leastPushed)), queue...)
	memory.Value = grown[:0]
	return append(grown, v)
}

// leastPushed is the room of the first memory.
const leastPushed = 8
