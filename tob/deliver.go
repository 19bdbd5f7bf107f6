package tob

import (
	"bytes"
	"slices"

	"paxon/register"
)

// finished is broadcasts of this process whose outcome is known.
type finished struct {
	done         Done
	first, count int
	outcome      Outcome
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
		f.done(f.first, f.count, f.outcome)
	}
	t.finished = t.finished[:0]
}

// admit finds out which messages of a batch are delivered, and how many, and settles accounts with
// the pool. Without those that are passed over, it returns the batch itself as long as it is whole.
func (t *TOB) admit(
	l register.Instance, batch register.Value,
) (delivered register.Value, messages int) {
	t.clients.begin(l)
	at := Position{Instance: l}
	whole, read := true, 0
	for s := runsOf(batch); s.next(); {
		r := s.run
		from, some := t.clients.deliver(&r, at)
		if whole && (!some || from > r.first) {
			whole = false
			delivered = append(delivered, batch[:read]...)
		}
		read += len(r.frame)
		if !some {
			t.passOver(&r, l)
			continue
		}
		if from > r.first {
			r = r.from(from)
		}
		t.deliverRun(&r, at)
		at = at.plus(r.count)
		if !whole {
			delivered = append(delivered, r.frame...)
		}
	}
	if whole && at.Offset > 0 {
		return batch, int(at.Offset)
	}
	return delivered, int(at.Offset)
}

// deliverRun takes messages that are delivered out of the pool.
func (t *TOB) deliverRun(r *run, at Position) {
	q := t.pool.of(r.client)
	if q == nil {
		return
	}
	// All before them were delivered, and have gone.
	for len(q.entries) > 0 && q.entries[0].last() <= r.last() {
		e := t.pool.remove(q)
		from := max(e.first, r.first)
		t.finish(e, from, Outcome{Delivered, at.plus(from - r.first)})
	}
	if len(q.entries) > 0 {
		t.pool.enqueue(q) // What had to wait for these may follow.
	}
}

// finish notes the outcome of messages. It is that of the one with the sequence from; those before it
// were delivered earlier.
func (t *TOB) finish(e entry, from uint64, o Outcome) {
	if e.done == nil {
		return
	}
	forgotten := int(from - e.first)
	if forgotten > 0 {
		t.finished = append(t.finished, finished{e.done, 0, forgotten, Outcome{Status: Forgotten}})
	}
	t.finished = append(t.finished, finished{e.done, forgotten, int(e.count) - forgotten, o})
}

// passOver sees to messages that were decided in instance l and are not delivered: if their turn
// may still come, they are sent again. The messages of a client are broadcast after it was born, so
// one that claims a later birth than l is a forgery.
func (t *TOB) passOver(r *run, l register.Instance) {
	q := t.pool.of(r.client)
	switch {
	case q == nil || r.last() <= t.clients.last(r.client):
	case t.clients.forgotten(r.client) || r.client.Born > l:
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
	for _, e := range t.pool.disown(q) {
		t.finish(e, e.first, Outcome{Status: Expired})
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
		r, err := parseRun(e.frame)
		if err != nil {
			panic("tob: the pool holds what is no frame: " + err.Error())
		}
		r.client, r.first = t.own, t.sequence+1
		e.first, e.frame = r.first, r.append(nil)
		t.sequence += r.count
		t.pool.add(t.own, e)
	}
}
