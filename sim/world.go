package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"paxon/process"
	"paxon/retransmit"
)

// Actor is what runs as a process; *seasons.Process is one.
type Actor interface {
	Start()
	Receive(from process.ID, packet retransmit.Packet)
	Turn()
}

// Driver makes the choices that the world leaves open. Times are delays from now.
type Driver interface {
	// Message decides what becomes of a message: when each copy arrives, none for a loss. What it
	// returns is good until the next call.
	Message(from, to process.ID, packet retransmit.Packet) (arrivals []time.Duration)
	// Disk decides how long an operation on the disk of p takes.
	Disk(p process.ID) time.Duration
	// Survives decides how many of the operations that were under way at a crash of p, the
	// oldest first, made it to the disk.
	Survives(p process.ID, underWay int) int
}

// World is a number of simulated processes, their links and disks, and virtual time.
type World struct {
	// Trace records all events; nil for no trace.
	Trace *Trace
	// Marks counts what has happened; nil if nobody asks.
	Marks *Marks
	// Build makes the actor of a process from what its host offers. It must be set before
	// the first Start, and is called again after every crash.
	Build func(h *Host) Actor
	// Disks are shared by all processes; nil if there are none.
	Disks *Disks
	// Volatile says that crashes take all that a process has stored.
	Volatile bool

	driver Driver
	hosts  []*Host
	all    []process.ID
	cut    [][]bool // From, to: no message gets through.

	now      time.Duration
	events   calendar
	messages uint64 // The last message id.
	steps    uint64
	received uint64 // Messages that processes have received.
	links    []link // For marks, by the numbers of sender and receiver.
}

// NewWorld makes n processes that are not started yet.
func NewWorld(n int, driver Driver) *World {
	w := &World{driver: driver}
	for i := range n {
		w.all = append(w.all, process.ID(i+1))
		w.cut = append(w.cut, make([]bool, n))
	}
	for _, p := range w.all {
		w.hosts = append(w.hosts, newHost(w, p))
	}
	return w
}

// All is every process, in ascending order.
func (w *World) All() []process.ID { return w.all }

// Host is the simulated host of p.
func (w *World) Host(p process.ID) *Host { return w.hosts[p-1] }

// Now is the virtual time since the world began.
func (w *World) Now() time.Duration { return w.now }

// Steps is how many events have happened.
func (w *World) Steps() uint64 { return w.steps }

// Received is how many messages processes have received.
func (w *World) Received() uint64 { return w.received }

// Next is when the next event happens, and false if there is none. A crash or a cancel may have
// made it void.
func (w *World) Next() (at time.Duration, ok bool) {
	return w.events.next()
}

// Start starts a process, for the first time or as a new incarnation after a crash.
func (w *World) Start(p process.ID) {
	h := w.Host(p)
	if h.up {
		panic(fmt.Sprintf("sim: %v is up already", p))
	}
	h.start()
}

// Crash ends a process. It loses its memory and, of what was on its way to the disk, what the
// driver does not let survive.
func (w *World) Crash(p process.ID) {
	h := w.Host(p)
	if !h.up {
		panic(fmt.Sprintf("sim: %v is down already", p))
	}
	h.crash()
}

// Cut breaks or mends the link from one process to another, that direction only. Messages on
// their way over a broken link are lost.
func (w *World) Cut(from, to process.ID, broken bool) {
	if w.cut[from-1][to-1] != broken {
		w.cut[from-1][to-1] = broken
		w.Trace.link(w.now, from, to, broken)
	}
}

// At has do called after a delay, outside all processes: for drivers.
func (w *World) At(delay time.Duration, do func()) {
	w.events.push(w.now+delay, event{kind: external, fire: do})
}

// Call runs do in a turn of p, as a host does with a request from its users. It is ignored if
// p is down.
func (w *World) Call(p process.ID, do func()) {
	if h := w.Host(p); h.up {
		do()
		h.turn()
	}
}

// Step lets the next event happen, and reports false if there is none.
func (w *World) Step() bool {
	if w.events.count == 0 {
		return false
	}
	var e event
	w.now, e = w.events.pop()
	w.steps++
	switch e.kind {
	case external:
		e.fire()
	case arrival:
		w.arrive(e)
	case local:
		if h := w.Host(e.to); e.fire != nil && h.life == e.life && h.up {
			e.fire()
			h.turn()
		}
	}
	return true
}

func (w *World) arrive(e event) {
	h := w.Host(e.to)
	switch {
	case !h.up || e.from == e.to && h.life != e.life:
		w.Trace.lost(w.now, e, "down")
	case w.cut[e.from-1][e.to-1]:
		w.Trace.lost(w.now, e, "cut")
	default:
		w.Trace.receive(w.now, e)
		w.received++
		h.actor.Receive(e.from, e.packet)
		if w.Marks != nil {
			w.markArrived(h, &e)
		}
		h.turn()
	}
}

// send hands a packet to the driver, or at once to the process itself.
func (w *World) send(from, to process.ID, packet retransmit.Packet) {
	w.messages++
	e := event{kind: arrival, from: from, to: to, packet: packet, id: w.messages}
	w.Trace.send(w.now, e)
	if w.Marks != nil {
		w.markSent(from, to, packet)
	}
	if from == to {
		e.life = w.Host(to).life
		w.events.push(w.now, e)
		return
	}
	arrivals := w.driver.Message(from, to, packet)
	if len(arrivals) == 0 {
		w.Trace.lost(w.now, e, "link")
	}
	for _, delay := range arrivals {
		w.events.push(w.now+delay, e)
	}
}

// rng gives a source of randomness that depends on a seed and on what it is for.
func rng(seed, use uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, use)) }
