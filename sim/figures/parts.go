package figures

import (
	"fmt"
	"strings"
	"time"

	"paxon/consensus"
	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/sim"
)

// figure1 is the paper's example of a round-based register.
func figure1(s *script) {
	s.stage(3, steady{})
	s.Build = buildRegisters(seasons.DefaultOptions())
	s.start()
	write := func(p process.ID, k uint64, v string) {
		s.note("invoke", p, 1, fmt.Sprintf("write(%d, %s)", k, v))
		s.Call(p, func() {
			s.on(p).At(1).Write(round(k, p), register.Value(v), func(ok bool, higher register.Round) {
				s.say("%v write(%d, %s) %s", p, k, v, outcome(ok, "", higher))
				s.note("return", p, 1, fmt.Sprintf("write(%d) %s", k, shortly(ok, "", higher)))
			})
		})
		s.settle()
	}
	read := func(p process.ID, k uint64) {
		s.note("invoke", p, 1, fmt.Sprintf("read(%d)", k))
		s.Call(p, func() {
			s.on(p).At(1).Read(round(k, p), func(v register.Value, ok bool, higher register.Round) {
				s.say("%v read(%d) %s", p, k, outcome(ok, string(v), higher))
				s.note("return", p, 1, fmt.Sprintf("read(%d) %s", k, shortly(ok, string(v), higher)))
			})
		})
		s.settle()
	}
	write(1, 1, "X")
	read(2, 2)
	write(3, 1, "Y")
	write(3, 3, "Y")
}

// figure2 is the paper's example of round-based consensus.
func figure2(s *script) {
	s.stage(3, steady{})
	s.Build = buildRegisters(seasons.DefaultOptions())
	m := sim.NewMonitor(s.World)
	s.start()
	propose := func(p process.ID, k uint64, v string) {
		s.note("invoke", p, 1, fmt.Sprintf("propose(%d, %s)", k, v))
		s.Call(p, func() {
			watched := m.WatchRegisters(s.on(p), p)
			consensus.New(watched).At(1).Propose(round(k, p), register.Value(v),
				func(decision register.Value, ok bool, higher register.Round) {
					s.say("%v propose(%d, %s) %s", p, k, v, outcome(ok, string(decision), higher))
					s.note("return", p, 1,
						fmt.Sprintf("propose(%d) %s", k, shortly(ok, string(decision), higher)))
				})
		})
		s.settle()
	}
	propose(2, 2, "Y")
	propose(1, 1, "X")
	propose(1, 4, "X")
	propose(3, 3, "Z")
	s.demandNone(m.Violation())
}

// outcome tells how an operation ended.
func outcome(ok bool, value string, higher register.Round) string {
	if ok {
		return strings.TrimSpace("commits " + value)
	}
	return "aborts because of round " + higher.String()
}

// shortly is outcome as traces have it.
func shortly(ok bool, value string, higher register.Round) string {
	if ok {
		return strings.TrimSpace("commit " + value)
	}
	return "abort by " + higher.String()
}

// demandNone fails if a property is violated.
func (s *script) demandNone(v *sim.Violation) {
	if v != nil {
		s.fail("%w", v)
	}
}

// figure3 is the paper's example of weak leader election: p1 is elected, and crashes.
func figure3(s *script) {
	s.stage(3, steady{})
	s.Build = sim.NewMonitor(s.World).Build(seasons.CrashStop(), seasons.DefaultOptions())
	s.start()
	ask := func() {
		for _, p := range s.All() {
			if !s.Host(p).Up() {
				s.say("%v is down", p)
				continue
			}
			elected, _ := s.composition(p).Leader()
			s.say("%v leader() = %v", p, elected)
			s.note("invoke", p, 0, "leader()")
			s.note("return", p, 0, "leader() "+elected.String())
		}
	}
	s.Until(time.Second)
	ask()
	s.say("p1 crashes")
	s.Crash(1)
	ask()
	s.Until(3 * time.Second)
	s.say("after a while")
	ask()
}
