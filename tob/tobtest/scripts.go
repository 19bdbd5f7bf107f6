package tobtest

import (
	"time"

	"paxon/conformance"
	"paxon/process"
	"paxon/register"
	"paxon/sim"
)

// script is a story of a stage whose processes start with a load under way.
type script struct {
	name string
	// tell puts what happens on the calendar. It happens before last; while busy says so, the
	// story goes on.
	tell func(s *stage) (busy func() bool)
}

// last is when the load and the faults of a script are over.
const last = 500 * time.Millisecond

// scripts are the stories that the assumptions allow.
func scripts(a conformance.Assumptions) []script {
	all := []script{{"nothing happens", func(*stage) func() bool { return idle }}}
	if a.Processes >= 2 {
		all = append(all, script{"a process has got to a round far ahead", farAhead})
	}
	if a.Loss {
		for i := range a.Processes {
			p := process.ID(i + 1)
			all = append(all, script{p.String() + " is cut off for a while", func(s *stage) func() bool {
				s.world.At(30*time.Millisecond, func() { s.isolate(p, true) })
				s.world.At(400*time.Millisecond, func() { s.isolate(p, false) })
				return idle
			}})
		}
	}
	if a.Crashes != 0 && a.Processes >= 3 {
		all = append(all, script{"the leader crashes", func(s *stage) func() bool {
			s.world.At(60*time.Millisecond, func() { s.world.Crash(1) })
			return idle
		}}, script{"the leader crashes when it alone has delivered", lonely})
	}
	if a.Unstable && a.Recovers && a.Crashes != 0 && a.Processes >= 3 {
		all = append(all, script{"p1 crashes and recovers for ever", unstable})
	}
	return all
}

func idle() bool { return false }

func (r script) run(c sim.Config, by By) *conformance.Failure {
	s := newStage(c, by)
	s.start()
	busy := r.tell(s)
	return s.end(last, busy, "script", r.name)
}

// isolate breaks or mends all links of a process.
func (s *stage) isolate(p process.ID, broken bool) {
	for _, q := range s.world.All() {
		if q != p {
			s.world.Cut(p, q, broken)
			s.world.Cut(q, p, broken)
		}
	}
}

// lonely has p1 crash as it delivers, and nobody hears that anything is decided. No more messages
// follow that would have others look.
func lonely(s *stage) func() bool {
	s.world.At(300*time.Millisecond, func() {
		s.broadcast(1, func() {
			s.isolate(1, true)
			s.world.At(0, func() { s.world.Crash(1) })
		})
	})
	return idle
}

// farAhead has p2 read in a round as high as a long duel may have led it to, in an instance that is
// not begun, and leave it at that. A proposer has to get past it, and not step by step.
func farAhead(s *stage) func() bool {
	s.world.At(300*time.Millisecond, func() {
		h, c := s.world.Host(2), s.consensus[2]
		_, next := h.History.Bounds()
		instance := c.At(max(next, c.Highest()+1))
		k := register.Round{Number: 1 << 40, Process: 2, Incarnation: h.Incarnation()}
		s.world.Call(2, func() {
			noop := register.Value{0xc0}
			instance.Propose(k, noop, func(register.Value, bool, register.Round) {})
		})
		s.world.At(1500*time.Microsecond, func() { s.world.Call(2, instance.Cancel) })
	})
	s.world.At(310*time.Millisecond, func() { s.broadcast(1, func() {}) })
	return idle
}

// unstable has p1 crash every 90 ms, and be down for 30 of them. Nothing is owed to it: the story
// may end while it is down.
func unstable(s *stage) func() bool {
	var crash, start func()
	crash = func() {
		s.world.Crash(1)
		s.world.At(30*time.Millisecond, start)
	}
	start = func() {
		s.world.Start(1)
		s.world.At(60*time.Millisecond, crash)
	}
	s.world.At(20*time.Millisecond, crash)
	return func() bool { return s.world.Host(1).Up() }
}
