package node

import (
	"context"
	"iter"
	"sync"

	"paxon/register"
	"paxon/tob"
)

// Delivery is a message that was TO-delivered, and where. Its payload is memory of the history, and
// perhaps of what is still to be written or sent: it may be kept, but must not be changed.
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

const (
	// readBytes is how much of the history a reader takes at a time, but for a batch that is
	// larger.
	readBytes = 1 << 20
	// readDeliveries is how many deliveries Next returns at most: so many that a call costs
	// little for each, and so few that they stay in the cache of a core.
	readDeliveries = 512
)

// Cursor reads what the process delivers, in order: from memory as far as that was delivered
// lately, and from the disk otherwise. A reader that is slow, or many of them, cost the process
// nothing. A Cursor belongs to one goroutine.
type Cursor struct {
	node    *Node
	from    tob.Position // Nothing before is returned.
	batches []register.Value
	scan    tob.Scanner
	at      tob.Position // Of what scan finds next; batches follow in the instances after it.
	read    []Delivery
}

// Cursor begins to read at a position: the zero Position stands for 1/0, the first of all.
func (n *Node) Cursor(from tob.Position) *Cursor {
	if from.Instance == 0 {
		from = tob.Position{Instance: 1}
	}
	return &Cursor{node: n, from: from, at: tob.Position{Instance: from.Instance - 1}}
}

// Next returns some of the deliveries that follow, and none if there are no more yet. The slice is
// valid until the next call; what is in it may be kept, but a payload may keep the whole batch
// that it came in. The error is a *TruncatedError, ErrClosed or the failure of the process.
func (c *Cursor) Next() ([]Delivery, error) {
	c.read = c.read[:0]
	for len(c.read) < readDeliveries {
		if c.scan.Next() {
			if !c.at.Less(c.from) {
				c.read = append(c.read, Delivery{c.at, c.scan.Message()})
			}
			c.at.Offset++
			continue
		}
		if len(c.batches) == 0 {
			if len(c.read) > 0 {
				break
			}
			if err := c.load(); err != nil || len(c.batches) == 0 {
				return nil, err
			}
		}
		c.at = tob.Position{Instance: c.at.Instance + 1}
		c.scan = tob.Scan(c.batches[0])
		c.batches[0], c.batches = nil, c.batches[1:]
	}
	return c.read, nil
}

// load reads the batches that follow.
func (c *Cursor) load() error {
	next := tob.Position{Instance: c.at.Instance + 1}
	batches, first, err := c.node.readHistory(next.Instance)
	switch {
	case err != nil:
		return err
	case next.Instance < first:
		if next.Less(c.from) {
			next = c.from
		}
		return &TruncatedError{From: next, First: first}
	}
	c.batches = batches
	return nil
}

// Wait returns once Next has more, nil then. The error is ctx's, ErrClosed or the failure of
// the process.
func (c *Cursor) Wait(ctx context.Context) error {
	for {
		growth := c.node.feed.watch()
		if _, next := c.node.storage.History.Bounds(); c.at.Instance+1 < next {
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
	return ask(ctx, n.running, func() register.Instance { return n.loop.parts.TOB().Truncate(below) })
}

// Bounds gives the oldest instance that is kept and the first that is not delivered yet.
func (n *Node) Bounds() (first, next register.Instance) { return n.storage.History.Bounds() }
