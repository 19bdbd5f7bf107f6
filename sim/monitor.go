package sim

import (
	"fmt"
	"time"

	"paxon/consensus"
	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/tob"
)

// EventualLeadership is the property of Ω (package omega), and through it of leader election.
const EventualLeadership = "OM1 Eventual leadership"

// Violation is a property that does not hold in a run.
type Violation struct {
	Property string // Its name, such as "TO4 Total order".
	Detail   string // What was seen.
	At       time.Duration
}

func (v *Violation) Error() string {
	return fmt.Sprintf("%s is violated after %v: %s", v.Property, v.At, v.Detail)
}

// Monitor checks the properties of all parts while a World runs, and keeps the first violation.
type Monitor struct {
	world     *World
	seen      *Properties
	violation *Violation
}

// NewMonitor makes a monitor of a world.
func NewMonitor(w *World) *Monitor {
	return &Monitor{world: w, seen: NewProperties(len(w.all))}
}

// Violation is the first violation seen, nil if none was.
func (m *Monitor) Violation() *Violation { return m.violation }

func (m *Monitor) fail(property, format string, args ...any) {
	if m.violation == nil {
		m.violate(Violation{Property: property, Detail: fmt.Sprintf(format, args...)})
	}
}

func (m *Monitor) violate(v Violation) {
	v.At = m.world.now
	m.violation = &v
	m.world.Trace.Event(v.At, TraceEvent{Event: "violation", Text: v.Property + ": " + v.Detail})
}

// observe is an Observer.
func (m *Monitor) observe(o Observation) {
	o.Incarnation = m.world.Host(o.Process).incarnation
	if m.world.Trace != nil {
		if e, ok := o.Event(); ok {
			m.world.Trace.Event(m.world.now, e)
		}
	}
	if m.world.Marks != nil {
		m.world.Marks.observe(o, m.seen)
	}
	m.seen.See(o)
	if v := m.seen.violation; v != nil && m.violation == nil {
		m.violate(*v)
	}
}

// led says whether all processes that are up have one leader, which is up.
func (m *Monitor) led() bool {
	var leader process.ID
	for _, h := range m.world.hosts {
		p, up := h.actor.(*seasons.Process)
		if !up {
			continue
		}
		now, elected := p.Leader()
		if !elected || leader != 0 && now != leader || !m.world.Host(now).up {
			return false
		}
		leader = now
	}
	return leader != 0
}

// demandLeader fails if the processes that are up do not have one leader.
func (m *Monitor) demandLeader() {
	if !m.led() {
		m.fail(EventualLeadership, "the processes that are up do not have one leader that is up")
	}
}

// Build is for World.Build: each process is the variant, watched by the monitor.
func (m *Monitor) Build(v seasons.Variant, o seasons.Options) func(h *Host) Actor {
	watched := watchVariant(v, m.observe)
	return func(h *Host) Actor {
		var p *seasons.Process
		offer := h.Offer()
		offer.LeaderChanged = func() {
			if p != nil && m.world.Trace != nil {
				now, _ := p.Leader()
				m.world.Trace.Event(m.world.now, TraceEvent{Event: "leader", Process: h.id, To: now})
			}
		}
		p = watched.Build(offer, o)
		return p
	}
}

// WatchRegisters makes of the registers of a process some that the monitor sees.
func (m *Monitor) WatchRegisters(registers register.Array, self process.ID) register.Array {
	return WatchRegisters(registers, self, m.observe)
}

// WatchConsensus makes of the consensus of a process one that the monitor sees.
func (m *Monitor) WatchConsensus(array consensus.Array, self process.ID) consensus.Array {
	return WatchConsensus(array, self, m.observe)
}

// Broadcast notes that p broadcasts a payload, with a client that the caller named or with the
// process's own. Its return value is for tob's done; the outcome of the call itself goes there
// too, unless it is Pending.
func (m *Monitor) Broadcast(p process.ID, payload string, named bool) func(tob.Outcome) {
	return WatchBroadcast(Observation{Process: p, Payload: payload, Named: named}, m.observe)
}

// Finished says whether nothing is owed: what was delivered anywhere is delivered at all
// processes that are up, and so is what was broadcast by incarnations that are up.
func (m *Monitor) Finished() bool {
	if _, behind := m.behind(); behind {
		return false
	}
	log := m.seen.broadcast
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
	for _, b := range m.seen.broadcast.waited {
		if p, waits := m.waits(b); waits {
			m.fail(Termination, "%v broadcast %q and has not delivered it", p, b.payload)
		}
	}
	if p, behind := m.behind(); behind {
		m.fail(Agreement, "%v has delivered all below L%d, others all below L%d",
			p, m.seen.broadcast.next[p], len(m.seen.broadcast.batches)+1)
	}
}

// behind finds a process that is up and has not delivered what another has.
func (m *Monitor) behind() (process.ID, bool) {
	for _, p := range m.world.all {
		next := m.seen.broadcast.next[p]
		if int(next) <= len(m.seen.broadcast.batches) && m.world.Host(p).up {
			return p, true
		}
	}
	return 0, false
}

// waits finds an incarnation that is up and broadcast a message that it has not delivered.
func (m *Monitor) waits(b *broadcast) (process.ID, bool) {
	for _, w := range b.waiting {
		if h := m.world.Host(w.process); h.up && h.incarnation == w.incarnation {
			return w.process, true
		}
	}
	return 0, false
}
