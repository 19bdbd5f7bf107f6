package node

import (
	"context"

	"golang.org/x/sync/semaphore"

	"paxon/tob"
)

// room is what total order broadcast can hold of this process's own broadcasts: each takes its
// bytes, and at least as many that no more than Limits.Pending fit. First come, first served.
type room struct {
	size, least int64
	free        *semaphore.Weighted
}

// frameBytes is the most that a message takes besides its payload.
const frameBytes = 64

func newRoom(l tob.Limits) *room {
	size, most := int64(l.PendingBytes), int64(l.Pending)
	size = max(size, most)
	return &room{size: size, least: (size + most - 1) / most, free: semaphore.NewWeighted(size)}
}

// needs is how much a message takes. One that is larger than all there is goes alone.
func (r *room) needs(payload int) int64 {
	return min(max(int64(payload)+frameBytes, r.least), r.size)
}

// fits is how many messages with some payloads are to be taken together, at least one, and how much
// they need: no more than a fourth of all there is, so that others get their turn.
func (r *room) fits(payloads [][]byte) (count int, needs int64) {
	for _, p := range payloads {
		more := r.needs(len(p))
		if count > 0 && needs+more > r.size/4 {
			break
		}
		count, needs = count+1, needs+more
	}
	return count, needs
}

// take waits until there is room for n, until ctx or stop ends.
func (r *room) take(ctx, stop context.Context, n int64) error {
	if r.free.TryAcquire(n) {
		return nil
	}
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(stop, func() { cancel(context.Cause(stop)) })()
	if r.free.Acquire(waiting, n) != nil {
		return context.Cause(waiting)
	}
	return nil
}

// give gives back what was taken, by one or by several.
func (r *room) give(n int64) { r.free.Release(n) }

// drain takes all the room, which is to say that it waits until no broadcast is pending.
func (r *room) drain(ctx context.Context) error { return r.free.Acquire(ctx, r.size) }
