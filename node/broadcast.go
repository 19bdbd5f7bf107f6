package node

import (
	"context"
	"fmt"
	"sync"

	"paxon/tob"
)

// submission is broadcasts on their way to the loop and back. It is used again once they ended.
type submission struct {
	loop *broadcasts
	// Of one message that has its client.
	message tob.Broadcast
	// Of messages under the process's own client; its memory is used again.
	payloads [][]byte
	room     int64
	left     int                 // Outcomes that are to come.
	done     func(tob.Outcome)   // Who hears of it, if it is one message,
	many     tob.Done            // and if there are several, with
	first    int                 // the index of the first.
	ended    tob.Done            // end, made a function value once.
	endedOne func(o tob.Outcome) // endOne, likewise.
}

// begin hands it to the parts, on the loop.
func (s *submission) begin() { s.loop.broadcast(s) }

// end tells the outcome of so many messages, from the i-th on, on the loop.
func (s *submission) end(i, count int, o tob.Outcome) {
	done, many, index := s.done, s.many, s.first+i
	if s.left -= count; s.left == 0 {
		s.loop.done += s.room
		s.message, s.payloads, s.done, s.many = tob.Broadcast{}, emptied(s.payloads), nil, nil
		s.loop.over = append(s.loop.over, s)
	}
	if many != nil {
		many(index, count, o)
		return
	}
	done(o)
}

func (s *submission) endOne(o tob.Outcome) { s.end(0, 1, o) }

// pools hold what is used again, so that a broadcast allocates nothing here. They are safe for
// concurrent use.
type pools struct {
	loop    *broadcasts
	waiters waiters[tob.Outcome]
	mu      sync.Mutex
	free    []*submission
}

// keptSubmissions is how many submissions are kept for use at most.
const keptSubmissions = 1 << 14

// take gives a submission that is not in use.
func (p *pools) take() *submission {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.free) - 1; last >= 0 {
		s := p.free[last]
		p.free[last], p.free = nil, p.free[:last]
		return s
	}
	s := &submission{loop: p.loop}
	s.ended, s.endedOne = s.end, s.endOne
	return s
}

// give takes back what ended.
func (p *pools) give(list []*submission) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, list[:min(len(list), keptSubmissions-len(p.free))]...)
}

// NewClient names a new client of this process. Nothing is broadcast for it. Its messages may
// be handed to any process of the cluster, and to several. The error is ctx's, ErrClosed or the
// failure of the process.
func (n *Node) NewClient(ctx context.Context) (tob.Client, error) {
	return ask(ctx, n.running, func() tob.Client { return n.loop.parts.TOB().Client() })
}

// Broadcast is TO-Broadcast of a message under a client of the process's own: it waits until the
// message is delivered and returns where. The payload has at most Limits.Payload bytes, and must
// not change before Broadcast has returned, or any more if ctx ended it.
//
// The error is a *TooLargeError, ErrExpired, ctx's, ErrClosed, or the failure of the process.
// After the last three nobody knows whether the message will be delivered; BroadcastAs is for
// those who need to know.
func (n *Node) Broadcast(ctx context.Context, payload []byte) (tob.Position, error) {
	return n.BroadcastAs(ctx, tob.Broadcast{Payload: payload})
}

// BroadcastAs is TO-Broadcast of a message that has its client and sequence. The same message
// may be broadcast again, here or at another process, and is delivered once: the position
// returned is the same, or the error is ErrForgotten if a later message of the client was
// delivered meanwhile. A message waits for those of its client with lower sequences. Otherwise
// it is like Broadcast.
func (n *Node) BroadcastAs(ctx context.Context, m tob.Broadcast) (tob.Position, error) {
	w := n.pools.waiters.take()
	if err := n.Submit(ctx, m, w.tell); err != nil {
		n.pools.waiters.give(w)
		return tob.Position{}, err
	}
	o, err := n.pools.waiters.await(ctx, n.running, w)
	if err != nil {
		return tob.Position{}, err
	}
	return o.Position, n.errorOf(o, len(m.Payload))
}

// errorOf is the error of an outcome, nil if it is Delivered.
func (n *Node) errorOf(o tob.Outcome, size int) error {
	switch o.Status {
	case tob.Delivered:
		return nil
	case tob.Forgotten:
		return ErrForgotten
	case tob.Expired:
		return ErrExpired
	case tob.TooLarge:
		return &TooLargeError{Size: size, Limit: n.PayloadLimit()}
	case tob.Pending, tob.Full:
	}
	panic(fmt.Sprintf("node: a broadcast ended with status %q", o.Status))
}

// PayloadLimit is the most bytes that a payload may have.
func (n *Node) PayloadLimit() int { return n.options.Limits.Payload }

// Submit begins TO-Broadcast of a message, under a client of the process's own if it has none,
// and returns once the process has taken it, having waited for room if too much is pending.
// Messages submitted by one goroutine are taken in their order. done gets the outcome, which is
// Delivered, Forgotten, Expired or TooLarge, on the loop: it must not wait, nor call methods of
// the node. It is not called after an error, and never once Done is closed. The payload must
// not change before done is called.
//
// The error is ctx's, ErrClosed or the failure of the process, and says that the message was not
// taken.
func (n *Node) Submit(ctx context.Context, m tob.Broadcast, done func(tob.Outcome)) error {
	needs := n.room.needs(len(m.Payload))
	if err := n.room.take(ctx, n.stopped, needs); err != nil {
		return err
	}
	s := n.pools.take()
	s.room, s.left, s.done = needs, 1, done
	if s.message = m; m.Client == (tob.Client{}) {
		s.message, s.payloads = tob.Broadcast{}, append(s.payloads, m.Payload)
	}
	if n.closing.Load() || !n.inbox.submit(s) {
		n.room.give(needs)
		return n.notTaken()
	}
	return nil
}

// notTaken is why a message was not taken.
func (n *Node) notTaken() error {
	if err := n.Err(); err != nil {
		return err
	}
	return ErrClosed
}

// SubmitAll is Submit of many messages under the client of the process's own, which are taken together
// as far as there is room: that costs less for each. Done is told of many at a time. With an error it
// returns how many messages, from the first on, were taken all the same.
func (n *Node) SubmitAll(
	ctx context.Context, payloads [][]byte, done tob.Done,
) (taken int, err error) {
	for taken < len(payloads) {
		count, needs := n.room.fits(payloads[taken:])
		if err := n.room.take(ctx, n.stopped, needs); err != nil {
			return taken, err
		}
		s := n.pools.take()
		s.payloads = append(s.payloads, payloads[taken:taken+count]...)
		s.room, s.left, s.many, s.first = needs, count, done, taken
		if n.closing.Load() || !n.inbox.submit(s) {
			n.room.give(needs)
			return taken, n.notTaken()
		}
		taken += count
	}
	return taken, nil
}
