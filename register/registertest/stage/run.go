package stage

import (
	"fmt"
	"time"

	"paxon/conformance"
	"paxon/process"
	"paxon/register"
)

// Bounds of waiting for what must come.
const (
	mostSteps = 20000 // Until everything has happened.
	mostIdle  = 256   // Events of storage and clocks without a message: more is an idle clock.
)

// prompt is a chooser of storage that takes a millisecond, and of which a crash leaves as many of
// the operations under way as kept says.
type prompt struct{ kept int }

func (prompt) Disk(process.ID) time.Duration             { return time.Millisecond }
func (c prompt) Survives(_ process.ID, underWay int) int { return min(c.kept, underWay) }

// all is for prompt.kept: everything survives.
const all = 1 << 30

// Run lets everything happen that can, in the order in which it was sent, until done says so, or
// nothing is left to happen. Done may be nil.
func (s *Stage) Run(done func() bool) {
	idle := 0
	for range mostSteps {
		if s.failed() || done != nil && done() {
			return
		}
		switch i, found := s.first(); {
		case found:
			m := s.messages[i]
			again := s.doubling && !m.doubled && m.from != m.to
			m.doubled = m.doubled || again
			s.arrive(i, again)
			idle = 0
		case idle < mostIdle && s.eventful():
			s.World.Step()
			idle++
		default:
			return
		}
	}
}

// Doubled has every message arrive twice that run lets arrive, but for those of a process to itself.
func (s *Stage) Doubled(run func()) {
	s.doubling = s.assumptions.Duplicates
	run()
	s.doubling = false
}

// eventful says whether an event of storage or of a clock can happen.
func (s *Stage) eventful() bool {
	at, ok := s.World.Next()
	return ok && (s.horizon == 0 || at <= s.horizon)
}

// Isolate cuts the links between processes in a set and those outside, or with an empty set mends
// all links.
func (s *Stage) Isolate(inside ...process.ID) {
	clear(s.cut)
	in := map[process.ID]bool{}
	for _, p := range inside {
		in[p] = true
	}
	for _, p := range s.World.All() {
		for _, q := range s.World.All() {
			if len(in) > 0 && in[p] != in[q] {
				s.cut[[2]process.ID{p, q}] = true
			}
		}
	}
}

// Crash crashes a process, if the assumptions allow it.
func (s *Stage) Crash(p process.ID) {
	if s.mayCrash(p) {
		s.crash(p)
	}
}

// Recover starts a process again that is down, if the assumptions allow it.
func (s *Stage) Recover(p process.ID) {
	if s.mayRecover(p) {
		s.start(p)
	}
}

// Attempt begins an attempt with a value of its own.
func (s *Stage) Attempt(p process.ID, l register.Instance, k register.Round) *Attempt {
	return s.subject.Attempt(s, p, l, k, s.value())
}

// Commit has an attempt of the highest round made by a process, which must commit if nothing is in
// its way; otherwise the property named does not hold. One of number 0 may abort before it.
func (s *Stage) Commit(p process.ID, l register.Instance, property string) {
	var a *Attempt
	for range 2 {
		a = s.Attempt(p, l, s.highestRound(p))
		s.Run(func() bool { return a.Done })
		if s.failed() || a.Committed {
			return
		}
		if !a.Done || a.Round.Number > 0 {
			break
		}
	}
	what := "it did not return"
	if a.Done {
		what = fmt.Sprintf("it aborted by %v", a.Aborted)
	}
	s.Fail(property, "%v's operations of round %v, the highest, should commit in L%d: %s",
		p, a.Round, l, what)
}

// demandReturns fails if an operation is still under way.
func (s *Stage) demandReturns() {
	for _, p := range s.World.All() {
		for l := range register.Instance(s.subject.Instances) {
			if c := s.calls[place{p, l + 1}]; c != nil {
				s.Fail(Progress, "%v's %s in L%d does not return after the faults", p, c.what, l+1)
			}
		}
	}
}

// Heal ends all faults, demands that what is under way returns, and has every process that is up
// commit in every instance.
func (s *Stage) Heal() {
	s.Isolate()
	s.horizon = 0
	for _, p := range s.World.All() {
		s.Recover(p)
	}
	s.Run(nil)
	up := s.Up()
	if len(up) < process.Majority(s.assumptions.Processes) &&
		s.assumptions.Storage != conformance.Shared {
		return
	}
	s.demandReturns()
	for l := range register.Instance(s.subject.Instances) {
		for _, p := range up {
			if s.failed() {
				return
			}
			s.Commit(p, l+1, Progress)
		}
	}
}
