package sim

import (
	"fmt"
	"time"

	"paxon/consensus"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
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
	violation *Violation

	registers map[register.Instance]*registerLog
	consensus map[register.Instance]*consensusLog
	broadcast *broadcastLog
}

// NewMonitor makes a monitor of a world.
func NewMonitor(w *World) *Monitor {
	return &Monitor{
		world:     w,
		registers: map[register.Instance]*registerLog{},
		consensus: map[register.Instance]*consensusLog{},
		broadcast: newBroadcastLog(len(w.all)),
	}
}

// Violation is the first violation seen, nil if none was.
func (m *Monitor) Violation() *Violation { return m.violation }

func (m *Monitor) fail(property, format string, args ...any) {
	if m.violation != nil {
		return
	}
	m.violation = &Violation{property, fmt.Sprintf(format, args...), m.world.now}
	m.world.Trace.note(m.world.now,
		TraceEvent{Event: "violation", Text: property + ": " + m.violation.Detail})
}

// Led says whether all processes that are up have one leader, which is up.
func (m *Monitor) Led() bool {
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

// DemandLeader fails if the processes that are up do not have one leader.
func (m *Monitor) DemandLeader() {
	if !m.Led() {
		m.fail(EventualLeadership, "the processes that are up do not have one leader that is up")
	}
}

// Build is for World.Build: each process is the variant, watched by the monitor.
func (m *Monitor) Build(v seasons.Variant, o seasons.Options) func(h *Host) Actor {
	watched := m.Watch(v)
	return func(h *Host) Actor {
		offer := seasons.Host{
			Net: h.Net(), Incarnation: h.Incarnation(), Clock: h.Clock(), History: h.History,
			Healthy: func() bool { return h.Store.Healthy(50 * time.Millisecond) },
		}
		if v.Storage == seasons.Stable {
			offer.Store = h.Store
		}
		if v.Disks {
			offer.Disks = m.world.Disks.Of(h)
		}
		var p *seasons.Process
		offer.LeaderChanged = func() {
			if p != nil && m.world.Trace != nil {
				now, _ := p.Leader()
				m.world.Trace.note(m.world.now, TraceEvent{Event: "leader", Process: h.id, To: now})
			}
		}
		p = watched.Build(offer, o)
		return p
	}
}

// Watch makes of a variant one whose registers, consensus and broadcast the monitor sees.
func (m *Monitor) Watch(v seasons.Variant) seasons.Variant {
	watched := v
	watched.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return m.WatchRegisters(v.Registers(h, net, c), net.Self())
	}
	watched.Consensus = func(
		h seasons.Host, registers register.Array, c register.Config,
	) consensus.Array {
		return m.WatchConsensus(v.Consensus(h, registers, c), h.Net.Self())
	}
	watched.Broadcast = func(h seasons.Host, parts tob.Parts) *tob.TOB {
		deliver, p := parts.Deliver, parts.Net.Self()
		parts.Deliver = func(l register.Instance, batch register.Value) {
			m.delivered(p, l, batch)
			if deliver != nil {
				deliver(l, batch)
			}
		}
		_, next := parts.History.Bounds()
		m.recovered(p, next)
		return v.Broadcast(h, parts)
	}
	return watched
}

func (m *Monitor) record(
	event string, p process.ID, l register.Instance, format string, args ...any,
) {
	if m.world.Trace != nil {
		m.world.Trace.note(m.world.now, TraceEvent{
			Event: event, Process: p, Instance: l, Text: fmt.Sprintf(format, args...),
		})
	}
}
