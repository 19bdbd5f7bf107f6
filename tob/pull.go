package tob

import (
	"paxon/omega"
	"paxon/process"
	"paxon/register"
)

// peer is what heartbeats told of a process.
type peer struct {
	next    register.Instance
	stable  register.Instance
	serving bool // An UPDATE for it is being read.
}

// pulling is whom this process asks for what it missed. Others get their turn once patience is
// used up by heartbeats that brought nothing.
type pulling struct {
	from     process.ID
	patience int
}

// Heard hears how far another process has come. If it was ahead of where this process is now
// one heartbeat earlier already, then what is missing is not just on its way.
func (t *TOB) Heard(from process.ID, p omega.Progress) {
	t.highest = max(t.highest, register.Instance(p.Highest))
	o := t.peers[from]
	before := o.next
	o.next, o.stable = register.Instance(p.Next), register.Instance(p.Stable)
	if min(before, o.next) <= t.next {
		return
	}
	if from == t.pulling.from {
		t.Net.Send(from, Pull{t.next}) // Again, and with no more patience than there was.
		return
	}
	if t.pulling.patience--; t.pulling.patience <= 0 {
		t.pull(from)
	}
}

func (t *TOB) pull(from process.ID) {
	t.pulling = pulling{from, len(t.Net.All())}
	t.Net.Send(from, Pull{t.next})
}

// onPull sends what another process lacks, as much as an UPDATE holds (Fig. 9, line 41).
func (t *TOB) onPull(from process.ID, m Pull) {
	o := t.peers[from]
	if m.Next >= t.next || o.serving {
		return
	}
	o.serving = true
	t.History.Read(m.Next, t.Limits.Update, func(batches []register.Value) {
		o.serving = false
		if len(batches) > 0 {
			t.Net.Send(from, Update{m.Next, batches, t.next})
		}
	})
}

// onUpdate delivers what this process has missed, and asks for more if there is more.
func (t *TOB) onUpdate(from process.ID, m Update) {
	before := t.next
	for i, batch := range m.Batches {
		if l := m.First + register.Instance(i); l == t.next && valid(batch) {
			t.decided(l, decided{known: true, value: batch})
			t.deliverAwaiting()
		}
	}
	switch {
	case t.next == before:
	case t.next < m.Next:
		t.missed = true
		t.pull(from)
	default:
		t.caughtUp()
	}
}

// caughtUp ends a time of learning from the histories of others. What was passed over in those
// instances is not in them, so everything that still waits here is sent again, but for the
// messages of clients that have been forgotten.
func (t *TOB) caughtUp() {
	t.missed = false
	t.sweep()
	t.pool.rewindAll()
}
