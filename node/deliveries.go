package node

import (
	"context"
	"iter"
	"sync"

	"paxon/register"
	"paxon/tob"
)

// Delivery is a message that was TO-delivered, and where.
type Delivery struct {
	Position tob.Position
	tob.Broadcast
}

// feed lets readers wait for the history to grow.
type feed struct {
	mu     sync.Mutex
	growth chan struct{} // Closed when the history grows; nil while nobody waits.
}

// grown wakes all who wait.
func (f *feed) grown() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.growth != nil {
		close(f.growth)
		f.growth = nil
	}
}

// watch returns what is closed when the history grows after the call.
func (f *feed) watch() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.growth == nil {
		f.growth = make(chan struct{})
	}
	return f.growth
}

// readBytes is how much of the history a reader takes at a time, but for a batch that is
// larger.
const readBytes = 1 << 20

// Cursor reads what the process delivers, in order, from the history on its disk: a reader that
// is slow, or many of them, cost the process nothing. A Cursor belongs to one goroutine.
type Cursor struct {
	node *Node
	next tob.Position
	read []Delivery
}

// Cursor begins to read at a position: the zero Position stands for 1/0, the first of all.
func (n *Node) Cursor(from tob.Position) *Cursor {
	if from.Instance == 0 {
		from = tob.Position{Instance: 1}
	}
	return &Cursor{node: n, next: from}
}

// Next returns the deliveries that follow, about a mebibyte of them at most, and none if there
// are no more yet. The slice is valid until the next call; what is in it may be kept. The
// error is a *TruncatedError, ErrClosed or the failure of the process.
func (c *Cursor) Next() ([]Delivery, error) {
	c.read = c.read[:0]
	for len(c.read) == 0 {
		batches, first, err := c.node.readHistory(c.next.Instance)
		switch {
		case err != nil:
			return nil, err
		case c.next.Instance < first:
			return nil, &TruncatedError{From: c.next, First: first}
		case len(batches) == 0:
			return nil, nil
		}
		for _, batch := range batches {
			c.unpack(batch)
		}
	}
	return c.read, nil
}

// unpack adds the messages of the batch of one instance, from next on.
func (c *Cursor) unpack(batch register.Value) {
	at := tob.Position{Instance: c.next.Instance}
	for m := range tob.Unpack(batch) {
		if !at.Less(c.next) {
			c.read = append(c.read, Delivery{at, m})
		}
		at.Offset++
	}
	c.next = tob.Position{Instance: c.next.Instance + 1}
}

// Wait returns once Next has more, nil then. The error is ctx's, ErrClosed or the failure of
// the process.
func (c *Cursor) Wait(ctx context.Context) error {
	for {
		growth := c.node.feed.watch()
		if _, next := c.node.storage.History.Bounds(); c.next.Instance < next {
			return nil
		}
		select {
		case <-growth:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-c.node.Done():
			return c.node.Err()
		}
	}
}

// Deliveries is TO-Deliver: the messages that the process delivers, in order, from a position
// on, which may lie in the future. It waits for more at the end, and ends with an error: ctx's,
// a *TruncatedError, ErrClosed or the failure of the process. Any number of goroutines may
// read. To go on later, begin at the position after the last one: its Next.
func (n *Node) Deliveries(ctx context.Context, from tob.Position) iter.Seq2[Delivery, error] {
	return func(yield func(Delivery, error) bool) {
		c := n.Cursor(from)
		for {
			deliveries, err := c.Next()
			if err == nil && len(deliveries) == 0 {
				err = c.Wait(ctx)
			}
			if err == nil && ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			if err != nil {
				yield(Delivery{}, err)
				return
			}
			for _, d := range deliveries {
				if !yield(d, nil) {
					return
				}
			}
		}
	}
}

// Next is the position to go on from after this delivery.
func (d Delivery) Next() tob.Position {
	return tob.Position{Instance: d.Position.Instance, Offset: d.Position.Offset + 1}
}

// readHistory reads batches from an instance on, and says where the history begins.
func (n *Node) readHistory(from register.Instance) ([]register.Value, register.Instance, error) {
	n.reading.RLock()
	defer n.reading.RUnlock()
	if err := n.Err(); err != nil {
		return nil, 0, err
	}
	batches, err := n.storage.History.ReadAt(from, readBytes)
	first, _ := n.storage.History.Bounds()
	if err != nil && from >= first {
		return nil, 0, err
	}
	return batches, first, nil
}

// Truncate drops the history below an instance, or below the lowest that some process has not
// delivered durably yet, and returns where it begins now. What is dropped can no longer be read
// from Deliveries. The error is ctx's, ErrClosed or the failure of the process.
func (n *Node) Truncate(ctx context.Context, below register.Instance) (register.Instance, error) {
	return ask(ctx, n, func() register.Instance { return n.loop.parts.TOB().Truncate(below) })
}

// Bounds gives the oldest instance that is kept and the first that is not delivered yet.
func (n *Node) Bounds() (first, next register.Instance) { return n.storage.History.Bounds() }
