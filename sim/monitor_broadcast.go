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
	sent      map[string]*broadcast // By payload, which no two broadcasts share.
	waited    []*broadcast          // Those that may still have somebody waiting.
	orders    map[waiter]*order     // Of what each incarnation broadcast with its own client.
	batches   []register.Value      // Delivered in instance 1, 2, …
	next      []register.Instance   // That each process delivers next, by ID − 1.
	sequences map[tob.Client]uint64 // Delivered last.
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
	process process.ID
	life    int
}

func newBroadcastLog(n int) *broadcastLog {
	b := &broadcastLog{
		sent: map[string]*broadcast{}, next: make([]register.Instance, n),
		sequences: map[tob.Client]uint64{}, orders: map[waiter]*order{},
	}
	for i := range b.next {
		b.next[i] = 1
	}
	return b
}

// Broadcast notes that p broadcasts a payload, with a client that the caller named or with the
// process's own. Its return value is for tob's done; the outcome of the call itself goes there
// too, unless it is Pending.
func (m *Monitor) Broadcast(p process.ID, payload string, named bool) func(tob.Outcome) {
	b := m.broadcast.sent[payload]
	if b == nil {
		b = &broadcast{payload: payload, named: named}
		m.broadcast.sent[payload] = b
	}
	w := waiter{p, m.world.Host(p).life}
	if !named {
		m.ordered(b, w)
	}
	b.waiting = append(b.waiting, w)
	m.broadcast.waited = append(m.broadcast.waited, b)
	m.record("broadcast", p, 0, "%q", payload)
	return func(o tob.Outcome) {
		m.record("outcome", p, 0, "%q %v at %v", payload, o.Status, o.Position)
		if i := slices.Index(b.waiting, w); i >= 0 {
			b.waiting = slices.Delete(b.waiting, i, i+1)
		}
		m.checkOutcome(p, b, o)
	}
}

// ordered notes which of its own messages an incarnation broadcasts.
func (m *Monitor) ordered(b *broadcast, w waiter) {
	if m.broadcast.orders[w] == nil {
		m.broadcast.orders[w] = &order{}
	}
	b.order = m.broadcast.orders[w]
	b.order.sent++
	b.number = b.order.sent
}

func (m *Monitor) checkOutcome(p process.ID, b *broadcast, o tob.Outcome) {
	switch o.Status {
	case tob.Delivered:
		if !b.delivered || b.at != o.Position {
			m.fail(Validity, "%v was told that %q is delivered at %v; it is at %v (%v)",
				p, b.payload, o.Position, b.at, b.delivered)
		}
	case tob.Forgotten:
		if !b.delivered {
			m.fail(Validity, "%v was told that %q was delivered, but it never was", p, b.payload)
		}
	case tob.Expired:
		b.expired = !b.delivered
		if !b.named {
			m.fail(Termination, "%v was told that its own message %q expired", p, b.payload)
		}
	case tob.Pending, tob.Full, tob.TooLarge:
	}
}

// recovered notes from which instance on an incarnation of p delivers.
func (m *Monitor) recovered(p process.ID, next register.Instance) {
	if before := m.broadcast.next[p-1]; next > before {
		m.fail(TotalOrder, "%v recovers with all below L%d delivered, but had come to L%d only",
			p, next, before)
	}
	m.broadcast.next[p-1] = next
}

// delivered checks a delivery against what others have delivered in the same instance, and if
// it is the first there, against what was delivered before.
func (m *Monitor) delivered(p process.ID, l register.Instance, batch register.Value) {
	log := m.broadcast
	m.record("deliver", p, l, "%s", tob.Describe(batch))
	if l != log.next[p-1] {
		m.fail(TotalOrder, "%v delivers instance L%d, but L%d is next", p, l, log.next[p-1])
		return
	}
	log.next[p-1]++
	if int(l) <= len(log.batches) {
		if !bytes.Equal(log.batches[l-1], batch) {
			m.fail(TotalOrder, "in L%d %v delivers %v where %v was delivered",
				l, p, batch, log.batches[l-1])
		}
		return
	}
	log.batches = append(log.batches, batch)
	var offset uint32
	for message := range tob.Unpack(batch) {
		m.first(p, message, tob.Position{Instance: l, Offset: offset})
		offset++
	}
}

// first checks the first delivery of a message.
func (m *Monitor) first(p process.ID, message tob.Broadcast, at tob.Position) {
	log := m.broadcast
	b := log.sent[string(message.Payload)]
	switch {
	case b == nil:
		m.fail(Validity, "%v delivers %q at %v, which nobody broadcast", p, message.Payload, at)
		return
	case b.delivered:
		m.fail(Validity, "%v delivers %q at %v, which was delivered at %v",
			p, message.Payload, at, b.at)
	case b.expired:
		m.fail(Validity, "%v delivers %q at %v, whose sender was told that it expired",
			p, message.Payload, at)
	}
	b.delivered, b.at = true, at
	if o := b.order; o != nil {
		if b.number <= o.delivered {
			m.fail(ClientOrder, "%v delivers %q at %v after what was broadcast later", p, b.payload, at)
		}
		o.delivered = b.number
	}
	if last := log.sequences[message.Client]; message.Sequence != last+1 {
		m.fail(ClientOrder, "%v delivers message %d of client %v at %v after its message %d",
			p, message.Sequence, message.Client, at, last)
	}
	log.sequences[message.Client] = message.Sequence
}

// Finished says whether nothing is owed: what was delivered anywhere is delivered at all
// processes that are up, and so is what was broadcast by incarnations that are up.
func (m *Monitor) Finished() bool {
	if _, behind := m.behind(); behind {
		return false
	}
	log := m.broadcast
	for len(log.waited) > 0 {
		if _, waits := m.waits(log.waited[0]); waits {
			return false
		}
		log.waited = log.waited[1:]
	}
	return true
}

// Demand fails if anything is owed: it is called once all that happens eventually should have.
func (m *Monitor) Demand() {
	for _, b := range m.broadcast.waited {
		if p, waits := m.waits(b); waits {
			m.fail(Termination, "%v broadcast %q and has not delivered it", p, b.payload)
		}
	}
	if p, behind := m.behind(); behind {
		m.fail(Agreement, "%v has delivered all below L%d, others all below L%d",
			p, m.broadcast.next[p-1], len(m.broadcast.batches)+1)
	}
}

// behind finds a process that is up and has not delivered what another has.
func (m *Monitor) behind() (process.ID, bool) {
	for i, next := range m.broadcast.next {
		if int(next) <= len(m.broadcast.batches) && m.world.hosts[i].up {
			return process.ID(i + 1), true
		}
	}
	return 0, false
}

// waits finds an incarnation that is up and broadcast a message that it has not delivered.
func (m *Monitor) waits(b *broadcast) (process.ID, bool) {
	for _, w := range b.waiting {
		if h := m.world.Host(w.process); h.up && h.life == w.life {
			return w.process, true
		}
	}
	return 0, false
}
