package tob

import (
	"slices"

	"paxon/register"
	"paxon/retransmit"
)

// proposal is the task propose of one instance (Fig. 9, lines 28–35).
type proposal struct {
	instance register.Instance
	batch    register.Value
}

// fillHoles proposes a no-op for every open instance up to the highest that is known to be
// begun. An earlier leader may have left it with a value locked, which then wins, or with none.
func (t *TOB) fillHoles() {
	t.highest = max(t.highest, t.Consensus.Highest())
	for l := t.next; l <= t.highest && l < t.next+register.Instance(t.Limits.Window); l++ {
		if t.open[l] == nil && !t.awaiting[l].known {
			t.start(l, noop())
		}
	}
}

// pieceBytes is how long a batch is at most while less than a fourth of the window is open: so much that
// another instance costs little beside it, and so little that the others begin early. Later ones have up
// to Limits.Batch, so that the window bounds no bandwidth.
const pieceBytes = 256 << 10

// propose starts instances while messages wait and the window has room (lines 22–25).
func (t *TOB) propose() {
	for {
		l := max(t.highest+1, t.next)
		if l >= t.next+register.Instance(t.Limits.Window) {
			return
		}
		if len(t.pool.ready) == 0 {
			return
		}
		limit := t.Limits.Batch
		if uint64(len(t.open)) < t.Limits.Window/4 {
			limit = min(limit, pieceBytes)
		}
		batch := t.pool.take(limit, t.batched.Value, t.clients)
		if len(batch) == 0 {
			return
		}
		t.batched.Value = len(batch)
		t.frames.taken(len(batch))
		t.start(l, batch)
	}
}

func (t *TOB) start(l register.Instance, batch register.Value) {
	t.highest = max(t.highest, l)
	p := &proposal{instance: l, batch: batch}
	t.open[l] = p
	t.attempt(p, register.Round{})
}

// attempt proposes in a round of this process's own above the one that won (lines 30–34).
func (t *TOB) attempt(p *proposal, above register.Round) {
	last, begun := t.numbers[p.instance]
	number := max(last, above.Number) + 1
	if !begun && t.Consensus.Permitted(p.instance) {
		number = 0
	}
	t.numbers[p.instance] = number
	round := register.Round{Number: number, Process: t.self, Incarnation: t.Incarnation}
	t.Consensus.At(p.instance).Propose(round, p.batch,
		func(decision register.Value, ok bool, higher register.Round) {
			switch {
			case t.open[p.instance] != p:
			case !ok && t.isLeader():
				t.attempt(p, higher)
			case !ok:
				t.abandon(p)
			default:
				t.sendDecision(p.instance, round, decision)
				t.decided(p.instance, decided{known: true, value: decision})
			}
		})
}

func (t *TOB) isLeader() bool {
	now, _ := t.Leader.Leader()
	return now == t.self
}

// sendDecision sends the decision to all others (line 35). Where the registers have copies it is
// by reference: those who accepted it have the value.
func (t *TOB) sendDecision(l register.Instance, k register.Round, decision register.Value) {
	if !t.SendValues {
		decision = nil
	}
	var m Message = Decision{l, k, decision} // One for all, rather than one for each.
	for _, p := range t.Net.All() {
		if p != t.self {
			t.Net.Send(p, m)
		}
	}
}

// stopProposals ends all proposals of this process.
func (t *TOB) stopProposals() {
	for l := t.next; l <= t.highest && len(t.open) > 0; l++ {
		if p := t.open[l]; p != nil {
			t.Consensus.At(l).Cancel()
			t.abandon(p)
		}
	}
}

// abandon forgets a proposal; what it held is sent to whoever leads.
func (t *TOB) abandon(p *proposal) {
	delete(t.open, p.instance)
	t.release(p.batch)
}

// release has the messages of a batch that did not get through sent again.
func (t *TOB) release(batch register.Value) {
	for s := runsOf(batch); s.next(); {
		if q := t.pool.of(s.run.client); q != nil {
			t.pool.rewind(q)
		}
	}
}

// forward s-sends the messages broadcast here to the leader (line 27), while it has not too
// many to receive.
func (t *TOB) forward() {
	for {
		if uint64(len(t.tickets)) >= t.Limits.Window {
			t.tickets = slices.DeleteFunc(t.tickets, func(ticket retransmit.Ticket) bool {
				return !t.Net.Waits(ticket)
			})
		}
		if uint64(len(t.tickets)) >= t.Limits.Window {
			return
		}
		frames := t.pool.takeOwn(t.Limits.Batch, t.batched.Value, t.clients)
		if len(frames) == 0 {
			return
		}
		t.batched.Value = len(frames)
		t.frames.taken(len(frames))
		t.tickets = append(t.tickets, t.Net.SSend(t.leader, Forward{frames}))
	}
}

// onForward adds messages that another process broadcast to the pool if those before them are
// there or delivered, so that the pool of a leader can always be proposed. A leader takes all that
// has its turn: a FORWARD that is refused for long holds up the answers that the leader needs to
// make room. What comes is bounded by what the others may have waiting.
func (t *TOB) onForward(m Forward) bool {
	if !valid(m.Frames) {
		return true // No process sends this; nothing is gained by having it come again.
	}
	if t.leader != t.self && t.pool.others.bytes >= t.Limits.PendingBytes*(len(t.Net.All())-1) {
		return false
	}
	for s := runsOf(m.Frames); s.next(); {
		r := &s.run
		last := t.clients.last(r.client)
		if r.first > last+1 && !t.pool.has(r.client, r.first-1) && !t.clients.forgotten(r.client) {
			return false
		}
		if r.last() > last {
			t.pool.add(r.client, entry{first: r.first, count: r.count, frame: r.frame, forwarded: true})
		}
	}
	return true
}

// cancelForwards drops what a leader that leads no more has not received.
func (t *TOB) cancelForwards() {
	for _, ticket := range t.tickets {
		t.Net.Cancel(ticket)
	}
	t.tickets = nil
}
