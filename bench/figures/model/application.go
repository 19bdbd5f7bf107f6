package model

import (
	"time"

	"paxon/tob"
)

// application broadcasts at a machine.
type application struct {
	machine *machine
	due     int  // Messages to broadcast now.
	calling bool // A broadcast is in the queue of the processor.
	closed  bool // When one is delivered, the next is due.
	sent    int
	done    int // Of these, delivered here.
	payload []byte
}

// want has more messages be due.
func (a *application) want(messages int) {
	a.due += messages
	a.call()
}

// every has a message be due again and again.
func (a *application) every(interval time.Duration) {
	a.machine.later(interval, func() {
		a.want(1)
		a.every(interval)
	})
}

// call queues the next broadcasts: an application is a thread beside others, and makes as many
// calls as its quantum of the processor has room for.
func (a *application) call() {
	if a.calling || a.due == 0 {
		return
	}
	a.calling = true
	m := a.machine
	calls := min(a.due, max(1, int(m.costs.Quantum/max(1, m.costs.Broadcast))))
	m.do(time.Duration(calls)*m.costs.Broadcast, func() {
		a.calling = false
		for range calls {
			if m.process.TOB().Broadcast(a.payload, a.delivered).Status != tob.Pending {
				// Too much waits already: it is tried again.
				m.later(time.Millisecond, a.call)
				return
			}
			a.due--
			a.sent++
			m.waiting++
		}
		a.call()
	})
}

func (a *application) delivered(tob.Outcome) {
	a.done++
	if a.closed {
		a.want(1)
	}
}
