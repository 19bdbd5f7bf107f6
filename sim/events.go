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

	key  key
	next uint32 // 1 + the slot of the event before it in its bucket, 0 for none.
}

// ticket names an event that may be cancelled.
type ticket struct {
	slot     uint32
	sequence uint64
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

// Buckets of a calendar: each is for 2^bucketBits ns, a bit more than a millisecond.
const (
	bucketBits = 20
	buckets    = 1 << 10
)

func (k key) bucket() int { return int(k.at >> bucketBits) }

// calendar is the events to come: those of about the next second in buckets, which are sorted
// when their turn comes, and those after that in a heap. The events themselves stay where they
// are.
type calendar struct {
	slots    []event
	free     []uint32 // Slots that hold no event.
	sequence uint64   // Of the last event put in.
	count    int      // Of events.

	now   int             // The number of the bucket whose turn it is.
	due   []key           // Those of that bucket and of earlier times, the first last.
	heads [buckets]uint32 // 1 + the slot of the last event in each bucket after it, 0 for none.
	full  [buckets / 64]uint64
	far   keyHeap // From bucket now + buckets on.
}

// push puts in an event, and returns what names it to cancel.
func (c *calendar) push(at time.Duration, e event) ticket {
	slot := uint32(len(c.slots))
	if last := len(c.free) - 1; last >= 0 {
		slot, c.free = c.free[last], c.free[:last]
	} else {
		c.slots = append(c.slots, event{})
	}
	c.sequence++
	c.count++
	e.key = key{at, c.sequence, slot}
	c.slots[slot] = e
	c.place(e.key)
	return ticket{slot, c.sequence}
}

// place puts the key of an event where it belongs.
func (c *calendar) place(k key) {
	switch b := k.bucket(); {
	case b <= c.now:
		i := len(c.due)
		c.due = append(c.due, k)
		for ; i > 0 && c.due[i-1].before(k); i-- {
			c.due[i] = c.due[i-1]
		}
		c.due[i] = k
	case b < c.now+buckets:
		head := &c.heads[b%buckets]
		c.slots[k.slot].next = *head
		*head = k.slot + 1
		c.full[b%buckets/64] |= 1 << (b % 64)
	default:
		c.far.push(k)
	}
}

// cancel makes an event void, if it has not happened.
func (c *calendar) cancel(t ticket) {
	if e := &c.slots[t.slot]; e.key.sequence == t.sequence {
		e.fire = nil
	}
}

// next is when the next event happens, and false if there is none.
func (c *calendar) next() (at time.Duration, ok bool) {
	if c.count == 0 {
		return 0, false
	}
	if len(c.due) == 0 {
		c.turn()
	}
	return c.due[len(c.due)-1].at, true
}

// pop takes out the event that happens next; there must be one.
func (c *calendar) pop() (at time.Duration, e event) {
	if len(c.due) == 0 {
		c.turn()
	}
	last := len(c.due) - 1
	k := c.due[last]
	c.due = c.due[:last]
	c.count--
	c.free = append(c.free, k.slot)
	slot := &c.slots[k.slot]
	e = *slot
	slot.packet.Body, slot.fire, slot.key = nil, nil, key{}
	return k.at, e
}

// turn goes on to the next bucket that holds events; there must be one.
func (c *calendar) turn() {
	found, ok := c.nextFull()
	if len(c.far) > 0 && (!ok || c.far[0].bucket() < found) {
		found = c.far[0].bucket()
	}
	c.now = found
	head := &c.heads[found%buckets]
	for slot := *head; slot != 0; {
		e := &c.slots[slot-1]
		slot = e.next
		c.place(e.key)
	}
	*head = 0
	c.full[found%buckets/64] &^= 1 << (found % 64)
	for len(c.far) > 0 && c.far[0].bucket() < c.now+buckets {
		c.place(c.far.pop())
	}
}

// nextFull finds the first bucket after the present one that holds events.
func (c *calendar) nextFull() (bucket int, ok bool) {
	for at := c.now + 1; at < c.now+buckets; at += 64 - at%64 {
		word := c.full[at%buckets/64] >> (at % 64)
		if word != 0 {
			return at + bits.TrailingZeros64(word), true
		}
	}
	return 0, false
}

// keyHeap is a binary heap, typed because container/heap allocates for every element.
type keyHeap []key

func (h *keyHeap) push(k key) {
	*h = append(*h, k)
	s := *h
	i := len(s) - 1
	for i > 0 && k.before(s[(i-1)/2]) {
		s[i] = s[(i-1)/2]
		i = (i - 1) / 2
	}
	s[i] = k
}

func (h *keyHeap) pop() key {
	s := *h
	top, last := s[0], len(s)-1
	k := s[last]
	s = s[:last]
	*h = s
	i := 0
	for child := 1; child < last; child = 2*i + 1 {
		if child+1 < last && s[child+1].before(s[child]) {
			child++
		}
		if !s[child].before(k) {
			break
		}
		s[i] = s[child]
		i = child
	}
	if last > 0 {
		s[i] = k
	}
	return top
}
