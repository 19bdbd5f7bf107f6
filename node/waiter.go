package node

import (
	"context"
	"sync"
)

// waiter is a goroutine that waits for an outcome. It is used again once it got it.
type waiter[O any] struct {
	outcome chan O
	tell    func(O)
}

// waiters are those that are not in use.
type waiters[O any] struct{ pool sync.Pool }

func (ws *waiters[O]) take() *waiter[O] {
	if w, ok := ws.pool.Get().(*waiter[O]); ok {
		return w
	}
	c := make(chan O, 1)
	return &waiter[O]{c, func(o O) { c <- o }}
}

// give takes back one that has got its outcome, or will not get any.
func (ws *waiters[O]) give(w *waiter[O]) { ws.pool.Put(w) }

// await waits for the outcome of something that was taken by a process. The error is ctx's or that of
// a stopped process, and then nobody knows what became of it.
func (ws *waiters[O]) await(ctx context.Context, r *running, w *waiter[O]) (o O, err error) {
	select {
	case o = <-w.outcome:
		ws.give(w)
		return o, nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-r.Done():
		err = r.Err()
	}
	select {
	case o = <-w.outcome: // It came just before.
		return o, nil
	default:
		return o, err
	}
}
