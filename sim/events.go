package sim

import (
	"math/bits"
	"time"

	"paxon/process"
	"paxon/retransmit"
)

type kind uint8

const (
	external kind = iota // A driver's own event.
	arrival              // A message arrives.
	local                // A timer fires or a disk operation completes at a process.
)

type event struct {
	kind     kind
	from, to process.ID
	life     int // Of process to, for events that a crash takes away.
	id       uint64
	packet   retransmit.Packet
	fire     func() // Nil once it is cancelled.
	sequence uint64 // That of its key.
}

// ticket names an event that may be cancelled.
type ticket struct {
	slot     uint32
	sequence uint64
}

// calendar is the events to come. Their order is a heap of keys without pointers, four children
// to a node, so that little moves; the events themselves stay where they are.
type calendar struct {
	order    []key
	slots    []event
	free     []uint32 // Slots that hold no event.
	sequence uint64   // Of the last event put in.
}

// key is when an event happens. Events of one time happen in the order in which they were put in.
type key struct {
	at       time.Duration
	sequence uint64
	slot     uint32
}

// before compares without a branch, which nobody could predict.
func (k key) before(o key) bool {
	_, borrow := bits.Sub64(k.sequence, o.sequence, 0)
	_, borrow = bits.Sub64(uint64(k.at), uint64(o.at), borrow)
	return borrow != 0
}

// children is how many each node of the heap has.
const children = 4

// push puts in an event, and returns what names it to cancel.
func (c *calendar) push(at time.Duration, e event) ticket {
	c.sequence++
	e.sequence = c.sequence
	slot := uint32(len(c.slots))
	if last := len(c.free) - 1; last >= 0 {
		slot, c.free = c.free[last], c.free[:last]
		c.slots[slot] = e
	} else {
		c.slots = append(c.slots, e)
	}
	k := key{at, c.sequence, slot}
	c.order = append(c.order, k)
	i := len(c.order) - 1
	for i > 0 {
		parent := (i - 1) / children
		if !k.before(c.order[parent]) {
			break
		}
		c.order[i] = c.order[parent]
		i = parent
	}
	c.order[i] = k
	return ticket{slot, k.sequence}
}

// cancel makes an event void, if it has not happened.
func (c *calendar) cancel(t ticket) {
	if e := &c.slots[t.slot]; e.sequence == t.sequence {
		e.fire = nil
	}
}

// pop takes out the event that happens next.
func (c *calendar) pop() (at time.Duration, e event) {
	top, last := c.order[0], len(c.order)-1
	k := c.order[last]
	c.order = c.order[:last]
	for i := 0; last > 0; {
		least := children*i + 1
		if least >= last {
			c.order[i] = k
			break
		}
		for child := least + 1; child < min(least+children, last); child++ {
			if c.order[child].before(c.order[least]) {
				least = child
			}
		}
		if !c.order[least].before(k) {
			c.order[i] = k
			break
		}
		c.order[i] = c.order[least]
		i = least
	}
	e = c.slots[top.slot]
	c.slots[top.slot] = event{}
	c.free = append(c.free, top.slot)
	return top.at, e
}
