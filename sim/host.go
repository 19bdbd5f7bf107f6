package sim

import (
	"time"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
)

// Host is the simulated host of one process: what survives its crashes, and the capabilities
// of its present incarnation.
type Host struct {
	// Store is its stable storage, History its delivered history. Both survive crashes, unless
	// the world is volatile.
	Store   *Store
	History *History

	world       *World
	id          process.ID
	life        int // Counts starts, so that what belongs to an earlier one is not mistaken.
	incarnation process.Incarnation
	up          bool
	actor       Actor

	leader  process.ID // For marks, as are those that follow: as of the last turn.
	refused uint64     // Of the messages of the present incarnation.
}

func newHost(w *World, p process.ID) *Host {
	h := &Host{world: w, id: p}
	h.erase()
	return h
}

// erase leaves the process without anything stored.
func (h *Host) erase() {
	h.Store = &Store{host: h}
	h.History = &History{host: h, first: 1}
}

func (h *Host) start() {
	h.life++
	h.incarnation++
	h.up = true
	h.leader, h.refused = 0, 0
	h.markStart()
	h.world.Trace.start(h.world.now, h.id, h.incarnation)
	h.actor = h.world.Build(h)
	h.actor.Start()
	h.turn()
}

func (h *Host) crash() {
	h.up = false
	h.world.Trace.crash(h.world.now, h.id)
	h.actor = nil
	h.world.Disks.crash(h.id)
	h.world.markDown()
	if h.world.Volatile {
		h.erase()
		return
	}
	h.Store.crash()
	h.History.crash()
}

// turn ends a turn of the process. It may have crashed in it.
func (h *Host) turn() {
	if h.up {
		h.actor.Turn()
		if h.world.Marks != nil && h.up {
			h.world.markTurn(h)
		}
	}
}

// Up says whether the process runs.
func (h *Host) Up() bool { return h.up }

// Actor is what runs as the process, nil while it is down.
func (h *Host) Actor() Actor { return h.actor }

// Incarnation is how often the process has started.
func (h *Host) Incarnation() process.Incarnation { return h.incarnation }

// Net is the links of the present incarnation.
func (h *Host) Net() process.Net[retransmit.Packet] { return hostNet{h, h.life} }

// Clock is the clock of the present incarnation.
func (h *Host) Clock() process.Clock { return hostClock{h} }

// Disks are the shared disks as the present incarnation sees them, nil if there are none.
func (h *Host) Disks() process.Disks[register.Copy] {
	if h.world.Disks == nil {
		return nil
	}
	return h.world.Disks.Of(h)
}

// Offer is what the present incarnation gives to the parts of a process.
func (h *Host) Offer() seasons.Host {
	return seasons.Host{
		Net: h.Net(), Incarnation: h.Incarnation(), Clock: h.Clock(), Store: h.Store,
		Disks: h.Disks(), History: h.History,
		Healthy: func() bool { return h.Store.Healthy(hanging) },
	}
}

type hostNet struct {
	host *Host
	life int
}

func (n hostNet) Self() process.ID  { return n.host.id }
func (n hostNet) All() []process.ID { return n.host.world.all }

func (n hostNet) Send(to process.ID, packet retransmit.Packet) {
	if n.host.life == n.life && n.host.up {
		n.host.world.send(n.host.id, to, packet)
	}
}

type hostClock struct{ host *Host }

func (c hostClock) After(d time.Duration, fire func()) (cancel func()) {
	w := c.host.world
	t := c.host.later(d, fire)
	return func() { w.events.cancel(t) }
}

// later has something happen at the process, unless it crashes before.
func (h *Host) later(delay time.Duration, fire func()) ticket {
	w := h.world
	return w.events.push(w.now+delay, event{kind: local, to: h.id, life: h.life, fire: fire})
}
