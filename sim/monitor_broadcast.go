package sim

import (
	"bytes"
	"slices"

	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

// The names of the properties of total order broadcast (package tob).
const (
	Termination = "TO1 Termination"
	Agreement   = "TO2 Agreement"
	Validity    = "TO3 Validity"
	TotalOrder  = "TO4 Total order"
	ClientOrder = "TO5 Client order"
)

// broadcastLog is what was broadcast, and the one sequence that all processes must deliver.
type broadcastLog struct {
	sent      map[string]*broadcast            // By payload, which no two broadcasts share.
	waited    []*broadcast                     // Those that may still have somebody waiting.
	orders    map[waiter]*order                // Of what each incarnation broadcast with its own client.
	batches   []register.Value                 // Delivered in instance 1, 2, …
	next      map[process.ID]register.Instance // That each process delivers next.
	sequences map[tob.Client]uint64            // Delivered last.
}

// broadcast is one message that was broadcast, perhaps at several processes.
type broadcast struct {
	payload   string
	named     bool // It has a client of its own, which may expire.
	at        tob.Position
	delivered bool // By anyone.
	expired   bool // Somebody was told that it never will be.
	waiting   []waiter
	order     *order // Nil for a named client.
	number    int    // In the order.
}

// order is how many messages an incarnation broadcast, and which of them was delivered last.
type order struct{ sent, delivered int }

// waiter is an incarnation of a process that broadcast a message and was not answered.
type waiter struct {
	process     process.ID
	incarnation process.Incarnation
}

func newBroadcastLog(n int) *broadcastLog {
	b := &broadcastLog{
		sent: map[string]*broadcast{}, next: map[process.ID]register.Instance{},
		sequences: map[tob.Client]uint64{}, orders: map[waiter]*order{},
	}
	for i := range n {
		b.next[process.ID(i+1)] = 1
	}
	return b
}

// begun notes a broadcast.
func (log *broadcastLog) begun(o Observation) {
	b := log.sent[o.Payload]
	if b == nil {
		b = &broadcast{payload: o.Payload, named: o.Named}
		log.sent[o.Payload] = b
	}
	w := waiter{o.Process, o.Incarnation}
	if !o.Named {
		log.ordered(b, w)
	}
	b.waiting = append(b.waiting, w)
	log.waited = append(log.waited, b)
}

// ordered notes which of its own messages an incarnation broadcasts.
func (log *broadcastLog) ordered(b *broadcast, w waiter) {
	if log.orders[w] == nil {
		log.orders[w] = &order{}
	}
	b.order = log.orders[w]
	b.order.sent++
	b.number = b.order.sent
}

func (p *Properties) broadcastEnded(o Observation) {
	b := p.broadcast.sent[o.Payload]
	if i := slices.Index(b.waiting, waiter{o.Process, o.Incarnation}); i >= 0 {
		b.waiting = slices.Delete(b.waiting, i, i+1)
	}
	p.checkOutcome(o.Process, b, o.Outcome)
}

func (p *Properties) checkOutcome(q process.ID, b *broadcast, o tob.Outcome) {
	switch o.Status {
	case tob.Delivered:
		if !b.delivered || b.at != o.Position {
			p.fail(Validity, "%v was told that %q is delivered at %v; it is at %v (%v)",
				q, b.payload, o.Position, b.at, b.delivered)
		}
	case tob.Forgotten:
		if !b.delivered {
			p.fail(Validity, "%v was told that %q was delivered, but it never was", q, b.payload)
		}
	case tob.Expired:
		b.expired = !b.delivered
		if !b.named {
			p.fail(Termination, "%v was told that its own message %q expired", q, b.payload)
		}
	case tob.Pending, tob.Full, tob.TooLarge:
	}
}

// recovered notes from which instance on an incarnation of q delivers.
func (p *Properties) recovered(q process.ID, next register.Instance) {
	if before := p.broadcast.next[q]; next > before {
		p.fail(TotalOrder, "%v recovers with all below L%d delivered, but had come to L%d only",
			q, next, before)
	}
	p.broadcast.next[q] = next
}

// delivered checks a delivery against what others have delivered in the same instance, and if
// it is the first there, against what was delivered before.
func (p *Properties) delivered(q process.ID, l register.Instance, batch register.Value) {
	log := p.broadcast
	if l != log.next[q] {
		p.fail(TotalOrder, "%v delivers instance L%d, but L%d is next", q, l, log.next[q])
		return
	}
	log.next[q]++
	if int(l) <= len(log.batches) {
		if !bytes.Equal(log.batches[l-1], batch) {
			p.fail(TotalOrder, "in L%d %v delivers %v where %v was delivered",
				l, q, batch, log.batches[l-1])
		}
		return
	}
	log.batches = append(log.batches, batch)
	var offset uint32
	for message := range tob.Unpack(batch) {
		p.first(q, message, tob.Position{Instance: l, Offset: offset})
		offset++
	}
}

// first checks the first delivery of a message.
func (p *Properties) first(q process.ID, message tob.Broadcast, at tob.Position) {
	log := p.broadcast
	b := log.sent[string(message.Payload)]
	switch {
	case b == nil:
		p.fail(Validity, "%v delivers %q at %v, which nobody broadcast", q, message.Payload, at)
		return
	case b.delivered:
		p.fail(Validity, "%v delivers %q at %v, which was delivered at %v",
			q, message.Payload, at, b.at)
	case b.expired:
		p.fail(Validity, "%v delivers %q at %v, whose sender was told that it expired",
			q, message.Payload, at)
	}
	b.delivered, b.at = true, at
	if o := b.order; o != nil {
		if b.number <= o.delivered {
			p.fail(ClientOrder, "%v delivers %q at %v after what was broadcast later", q, b.payload, at)
		}
		o.delivered = b.number
	}
	if last := log.sequences[message.Client]; message.Sequence != last+1 {
		p.fail(ClientOrder, "%v delivers message %d of client %v at %v after its message %d",
			q, message.Sequence, message.Client, at, last)
	}
	log.sequences[message.Client] = message.Sequence
}
