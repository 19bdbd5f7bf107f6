package model

import (
	"math/rand/v2"
	"time"

	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/tob"
)

// machine is one process with its processor, its network interface and its storage.
type machine struct {
	*cluster
	id      process.ID
	life    int // Counts starts: what belongs to an earlier one does not happen.
	process *seasons.Process
	store   *store
	history *history
	rand    *rand.Rand
	app     application

	// The processor.
	queue []work
	busy  bool
	spent time.Duration // What the work that runs has caused besides its own cost.

	// When the interface is free, each way.
	outgoing, incoming time.Duration

	begun   uint64 // The highest instance that this process has begun to decide.
	waiting int    // Messages that wait at this process to be delivered.
}

// work is something for the processor to do.
type work struct {
	cost time.Duration
	do   func()
}

// do queues something for the processor.
func (m *machine) do(cost time.Duration, do func()) {
	m.queue = append(m.queue, work{cost, do})
	m.next()
}

// next begins with what is first in the queue, if the processor is free. All that a turn of
// the loop sends costs time after it, and only then the next begins.
func (m *machine) next() {
	if m.busy || len(m.queue) == 0 {
		return
	}
	w := m.queue[0]
	m.queue[0] = work{}
	m.queue = m.queue[1:]
	m.busy = true
	m.later(m.vary(w.cost), func() {
		m.spent = 0
		w.do()
		m.process.Turn()
		m.later(m.spent, func() {
			m.busy = false
			m.next()
		})
	})
}

func (m *machine) vary(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (1 + m.costs.Jitter*(2*m.rand.Float64()-1)))
}

// later has something happen unless the process crashes before.
func (m *machine) later(delay time.Duration, do func()) {
	life := m.life
	m.after(delay, func() {
		if m.life == life {
			do()
		}
	})
}

// After is process.Clock: timers fire in a turn, and are free.
func (m *machine) After(d time.Duration, fire func()) (cancel func()) {
	cancelled := false
	m.later(d, func() {
		m.do(0, func() {
			if !cancelled {
				fire()
			}
		})
	})
	return func() { cancelled = true }
}

// Self is process.Net.
func (m *machine) Self() process.ID { return m.id }

// All is process.Net.
func (m *machine) All() []process.ID { return m.all }

// Send is process.Net. The processor serialises a message after what it has sent before in
// this turn, and then the interface has it.
func (m *machine) Send(to process.ID, packet retransmit.Packet) {
	m.launched(packet.Body)
	if to == m.id {
		m.do(m.costs.Local, func() { m.process.Receive(m.id, packet) })
		return
	}
	bytes := m.costs.Header + carried(packet.Body)
	m.spent += m.vary(m.costs.handle(bytes))
	m.outgoing = max(m.outgoing, m.now+m.spent) + m.costs.wire(bytes)
	m.after(m.outgoing+m.costs.Propagation-m.now, func() {
		m.machines[to-1].arrive(m.id, bytes, packet)
	})
}

// arrive takes a message from the switch.
func (m *machine) arrive(from process.ID, bytes int, packet retransmit.Packet) {
	m.incoming = max(m.incoming, m.now) + m.costs.wire(bytes)
	m.later(m.incoming-m.now, func() {
		m.do(m.costs.handle(bytes), func() {
			if f, ok := packet.Body.(tob.Forward); ok {
				m.waiting += len(f.Frames) / m.size
			}
			m.process.Receive(from, packet)
		})
	})
}

// launched charges what the task launch took to begin an instance.
func (m *machine) launched(body process.Message) {
	if l := instanceOf(body); l > m.begun {
		m.begun = l
		m.spent += m.vary(time.Duration(m.waiting) * m.costs.Launch)
	}
}
