package tob

import (
	"bytes"
	"slices"

	"paxon/register"
)

// finished is a broadcast of this process whose outcome is known.
type finished struct {
	done    func(Outcome)
	outcome Outcome
}

// onDecision takes a decision, with its value or by reference (Fig. 9, line 37).
func (t *TOB) onDecision(m Decision) {
	if m.Instance < t.next+register.Instance(t.Limits.Ahead) {
		t.decided(m.Instance, decided{m.Round, len(m.Value) > 0, m.Value})
	}
}

// decided keeps a decision until its turn comes (line 43).
func (t *TOB) decided(l register.Instance, d decided) {
	t.highest = max(t.highest, l)
	if l >= t.next && !t.awaiting[l].known {
		t.awaiting[l] = d
	}
}

// deliverAwaiting delivers the decisions whose turn has come (lines 12–14 and 45), and says
// whether there were any.
func (t *TOB) deliverAwaiting() bool {
	if len(t.awaiting) == 0 {
		return false // As after most turns.
	}
	before := t.next
	for {
		d, ok := t.awaiting[t.next]
		if !ok {
			break
		}
		if !d.known {
			if d.value, d.known = t.Consensus.Accepted(t.next, d.round); !d.known {
				break // The value is still on its way, or a heartbeat will have it pulled.
			}
		}
		delete(t.awaiting, t.next)
		t.deliver(t.next, d.value)
	}
	if t.next == before {
		return false
	}
	t.Consensus.Settle(t.next)
	return true
}

// deliver is TO-Deliver of the batch decided in instance l, which is nextBatch (lines 8–11).
func (t *TOB) deliver(l register.Instance, batch register.Value) {
	delivered, messages := t.admit(l, batch)
	t.delivered.Value += uint64(messages)
	t.next = l + 1
	delete(t.numbers, l)
	t.checkpoint.bytes += len(delivered)
	if p := t.open[l]; p != nil { // Line 38: stop propose.
		delete(t.open, l)
		if !bytes.Equal(p.batch, batch) {
			t.release(p.batch)
		}
	}
	t.History.Append(delivered)
	t.Deliver(l, delivered)
	t.tell()
}

// tell calls done of the broadcasts that have finished.
func (t *TOB) tell() {
	for i, f := range t.finished {
		t.finished[i] = finished{}
		f.done(f.outcome)
	}
	t.finished = t.finished[:0]
}

// admit finds out which messages of a batch are delivered, and how many, and settles accounts with
// the pool. Without those that are passed over, it returns the batch itself as long as it is whole.
func (t *TOB) admit(
	l register.Instance, batch register.Value,
) (delivered register.Value, messages int) {
	t.clients.begin(l)
	var offset uint32
	whole, read := true, 0
	for s := Scan(batch); s.Next(); {
		at := Position{l, offset}
		m, frame := &s.Message, s.Frame
		if t.clients.deliver(m.Client, m.Sequence, at) {
			offset++
			t.deliverOne(m, at)
			if !whole {
				delivered = append(delivered, frame...)
			}
		} else {
			t.passOver(m, l)
			if whole {
				whole = false
				delivered = append(delivered, batch[:read]...)
			}
		}
		read += len(frame)
	}
	if whole && offset > 0 {
		return batch, int(offset)
	}
	return delivered, int(offset)
}

// deliverOne takes a message that is delivered out of the pool.
func (t *TOB) deliverOne(m *Broadcast, at Position) {
	q := t.pool.of(m.Client)
	if q == nil {
		return
	}
	if q.entries[0].sequence == m.Sequence { // All before it were delivered, and have gone.
		t.finish(t.pool.remove(q), Outcome{Delivered, at})
	}
	if len(q.entries) > 0 {
		t.pool.enqueue(q) // What had to wait for this one may follow.
	}
}

func (t *TOB) finish(e entry, o Outcome) {
	if e.done != nil {
		t.finished = append(t.finished, finished{e.done, o})
	}
}

// passOver sees to a message that was decided in instance l and is not delivered: if its turn
// may still come, it is sent again. The messages of a client are broadcast after it was born, so
// one that claims a later birth than l is a forgery.
func (t *TOB) passOver(m *Broadcast, l register.Instance) {
	q := t.pool.of(m.Client)
	switch {
	case q == nil || m.Sequence <= t.clients.last(m.Client):
	case t.clients.forgotten(m.Client) || m.Client.Born > l:
		t.expireOwn(q)
		for len(q.entries) > 0 {
			t.pool.remove(q) // Its own process hears of this instance, too.
		}
	default:
		t.pool.rewind(q)
	}
}

// expireOwn gives up what was broadcast here of a client that is forgotten, or if that is this
// process's own client, its name.
func (t *TOB) expireOwn(q *queue) {
	if q.client == t.own {
		t.rename()
		return
	}
	for _, done := range t.pool.disown(q) {
		t.finished = append(t.finished, finished{done, Outcome{Status: Expired}})
	}
}

// sweep gives up all that was broadcast here of clients that are forgotten.
func (t *TOB) sweep() {
	for _, q := range slices.Clone(t.pool.all) {
		if t.clients.forgotten(q.client) {
			t.expireOwn(q)
		}
	}
	t.tell()
}

// rename begins a new client of this process's own, since the present one is forgotten, and
// gives it the messages that wait. None of them was delivered, and none will be under the old
// name.
func (t *TOB) rename() {
	q := t.pool.of(t.own)
	t.renew()
	for q != nil && len(q.entries) > 0 {
		e := t.pool.remove(q)
		m, _, err := ParseFrame(e.frame)
		if err != nil {
			panic("tob: the pool holds what is no frame: " + err.Error())
		}
		t.sequence++
		frame := t.frames.of(Broadcast{t.own, t.sequence, m.Payload})
		t.pool.add(t.own, entry{sequence: t.sequence, frame: frame, done: e.done, calls: e.calls})
	}
}
