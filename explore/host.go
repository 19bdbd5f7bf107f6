package explore

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/sim"
	"paxon/tob"
)

// Host is the searched host of one incarnation: the capabilities that it offers to the parts,
// and what they have asked of it.
type Host struct {
	model       *Model
	self        process.ID
	all         []process.ID
	incarnation process.Incarnation
	part        Part

	known    map[process.ID]process.Incarnation // Heard of.
	leader   process.ID
	store    store
	history  history
	disks    [][]*diskOperation // Asked of each disk and not done.
	timers   []*timer
	underWay []Operation

	cause  cause // What is being taken.
	outbox []outgoing
	seen   []sim.Observation
	trace  *tracer // Nil but in replays.
}

// outgoing is a message that the parts have sent in the present step.
type outgoing struct {
	to   process.ID
	body process.Message
}

// timer is one that was set, has not fired and was not cancelled.
type timer struct {
	after time.Duration
	cause cause
	fire  func()
}

// Self is the process.
func (h *Host) Self() process.ID { return h.self }

// All is every process.
func (h *Host) All() []process.ID { return h.all }

// Incarnation is how often the process has started.
func (h *Host) Incarnation() process.Incarnation { return h.incarnation }

// Part is what Model.Build made of this host.
func (h *Host) Part() Part { return h.part }

// Store is the stable storage.
func (h *Host) Store() process.Store { return storeOf{h} }

// History is the delivered history.
func (h *Host) History() tob.History { return historyOf{h} }

// Disks are the shared disks.
func (h *Host) Disks() process.Disks[register.Copy] { return disksOf{h} }

// Clock is a clock on which timers fire at any time, or never: see Model.Timers.
func (h *Host) Clock() process.Clock { return clockOf{h} }

// Leader is whom the process believes to lead (leader.Leader).
func (h *Host) Leader() (process.ID, bool) { return h.leader, h.leader != 0 }

// Observe takes an observation (sim.Observer).
func (h *Host) Observe(o sim.Observation) {
	o.Incarnation = h.incarnation
	h.note(o)
	h.trace.observation(o)
	h.seen = append(h.seen, o)
}

// note keeps account of the operations that are under way.
func (h *Host) note(o sim.Observation) {
	begins := o.Kind == sim.InvokeRead || o.Kind == sim.InvokeWrite
	if !begins && o.Kind != sim.ReturnRead && o.Kind != sim.ReturnWrite {
		return
	}
	h.underWay = slices.DeleteFunc(slices.Clone(h.underWay), func(u Operation) bool {
		return u.Instance == o.Instance
	})
	if begins {
		h.underWay = append(h.underWay, Operation{o.Kind, o.Instance, o.Round})
		slices.SortFunc(h.underWay, func(a, b Operation) int {
			return cmp.Compare(a.Instance, b.Instance)
		})
	}
}

func (*Host) capability() {}

// Links are the links of the process for one part, as package retransmit gives them: what is
// sent may arrive at any time, any number of times, or never.
func Links[M process.Message](h *Host) retransmit.Net[M] { return linksOf[M]{h} }

type linksOf[M process.Message] struct{ *Host }

// Send is process.Net.
func (n linksOf[M]) Send(to process.ID, m M) {
	if n.model.Lost == nil || !n.model.Lost(m) {
		n.outbox = append(n.outbox, outgoing{to, m})
	}
}

// SSend is retransmit.Net. What is s-sent need not arrive: a run may end before.
func (n linksOf[M]) SSend(to process.ID, m M) retransmit.Ticket {
	n.Send(to, m)
	return retransmit.Ticket{}
}

// Cancel is retransmit.Net. What was cancelled may still arrive.
func (linksOf[M]) Cancel(retransmit.Ticket) {}

// Waits is retransmit.Net.
func (linksOf[M]) Waits(retransmit.Ticket) bool { return false }

type clockOf struct{ *Host }

// After is process.Clock.
func (c clockOf) After(d time.Duration, fire func()) (cancel func()) {
	if !c.model.Timers {
		return func() {}
	}
	t := &timer{d, c.cause, fire}
	c.timers = append(c.timers, t)
	return func() {
		c.timers = slices.DeleteFunc(c.timers, func(o *timer) bool { return o == t })
	}
}

// take has an input happen. What has been sent, and seen, is in the outbox and in seen after it.
func (h *Host) take(in input, x *search) {
	h.cause = x.causeOf(in)
	h.outbox, h.seen = nil, nil
	switch in.kind {
	case receive:
		m := x.messages.at(in.a)
		h.trace.receive(m)
		h.receive(m.from, m.incarnation, m.body)
	case durable:
		h.store.commit(h)
	case forced:
		h.history.complete()
	case call:
		c := h.model.Calls[h.self-1][in.a]
		c.Do(h)
	case lead:
		h.leader = process.ID(in.a)
		h.trace.lead(h)
	case fire:
		t := h.timers[in.a]
		h.timers = slices.Delete(h.timers, int(in.a), int(in.a)+1)
		t.fire()
	case disk:
		h.completeDisk(in, x)
	case crash, start:
		panic(fmt.Sprintf("explore: input %v is for the process, not for its parts", in.kind))
	}
	h.turn(x)
}

// turn ends a turn, and receives what the process has sent itself if that is done at once.
func (h *Host) turn(x *search) {
	h.part.Turn()
	if !x.reductions.Self {
		return
	}
	for {
		i := slices.IndexFunc(h.outbox, func(o outgoing) bool { return o.to == h.self })
		if i < 0 {
			return
		}
		body := h.outbox[i].body
		h.outbox = slices.Delete(h.outbox, i, i+1)
		h.trace.self(h, body)
		h.cause = cause{x.messages.at(x.message(h, h.self, body)).hashes}
		h.receive(h.self, h.incarnation, body)
		h.part.Turn()
	}
}

// receive takes a message as the links of package retransmit do: none of an earlier incarnation
// after one of a later, and the restart is announced before the first of a new one. Those below them,
// of Model.Raw, do nothing of that.
func (h *Host) receive(from process.ID, i process.Incarnation, body process.Message) {
	if h.model.Raw {
		h.part.Receive(from, body)
		return
	}
	if i < h.known[from] {
		return
	}
	if i > h.known[from] {
		h.known[from] = i
		if i > 1 && from != h.self {
			h.part.Restarted(from)
		}
	}
	if body != nil {
		h.part.Receive(from, body)
	}
}
