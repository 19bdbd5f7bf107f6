package stage

import (
	"paxon/process"
	"paxon/register"
)

// Script is a scenario.
type Script struct {
	Name string
	Play func(s *Stage)
}

// scripts are the scenarios of every kind of part.
func scripts() []Script {
	return []Script{
		{"each process alone", alone},
		{"one process after the other, with lower rounds and higher ones", figure2},
		{"two at once", race},
		{"a process without the others", isolated},
		{"a late answer of an earlier round", lateAnswer},
		{"recovery between promise and write", recovery},
		{"an attempt that another one outruns", outrun},
		{"rounds of two incarnations with one number", sameNumber},
		{"an attempt that is older than what it hears", recount},
		{"a process that has read when another one writes", overtaken},
	}
}

func alone(s *Stage) {
	for _, p := range s.World.All() {
		s.Commit(p, 1, NonTriviality)
	}
}

// figure2 is the paper's example of round-based consensus.
func figure2(s *Stage) {
	s.Attempt(2, 1, s.NextRound(2, 2))
	s.Run(nil)
	s.Attempt(1, 1, s.NextRound(1, 1))
	s.Run(nil)
	s.Attempt(1, 1, s.NextRound(1, 3))
	s.Run(nil)
	s.Attempt(3, 1, s.NextRound(3, 3))
	s.Run(nil)
}

func race(s *Stage) {
	for _, p := range s.World.All() {
		s.Attempt(p, 1, s.NextRound(p, 1))
	}
	s.Run(nil)
}

func isolated(s *Stage) {
	s.Isolate(1)
	s.Attempt(1, 1, s.NextRound(1, 1))
	s.Run(nil)
	s.Attempt(2, 1, s.NextRound(2, 2))
	s.Run(nil)
}

// lateAnswer has the answers to a first round arrive when a second one is under way.
func lateAnswer(s *Stage) {
	for _, p := range s.World.All()[1:] {
		s.cut[[2]process.ID{p, 1}] = true
	}
	s.Attempt(1, 1, s.NextRound(1, 1))
	s.Run(nil)
	s.Attempt(1, 1, s.NextRound(1, 3))
	for _, p := range s.World.All()[1:] {
		s.cut[[2]process.ID{1, p}] = true
	}
	s.Isolate(2, 3)
	s.Attempt(2, 1, s.NextRound(2, 2))
	s.Run(nil)
	s.Isolate()
	s.Run(nil)
}

// recovery has a majority promise, and then begin anew one by one.
func recovery(s *Stage) {
	s.Isolate(2, 3)
	s.Attempt(3, 1, s.NextRound(3, 2))
	s.Run(nil)
	s.Crash(2)
	s.Recover(2)
	s.Isolate(1, 2)
	s.Attempt(1, 1, s.NextRound(1, 1))
	s.Run(nil)
}

func outrun(s *Stage) {
	a := s.Attempt(1, 1, s.NextRound(1, 1))
	for range len(s.World.All()) {
		if now := s.arrivable(); len(now) > 0 {
			s.arrive(now[0], false)
		}
	}
	s.Commit(2, 1, NonTriviality)
	s.Run(func() bool { return a.Done })
}

// sameNumber is trap 1: the write of an earlier incarnation lands after a later one has committed
// in a round of the same number.
func sameNumber(s *Stage) {
	if !s.mayCrash(1) || !s.assumptions.Recovers {
		return
	}
	a := s.Attempt(1, 1, s.NextRound(1, 1))
	s.Run(func() bool {
		now := s.arrivable()
		return a.Done || len(now) > 0 && isWrite(s.messages[now[0]].body)
	})
	var held []*message
	for _, m := range s.messages {
		if m.to == 3 {
			m.owed = false
			held = append(held, m)
		}
	}
	s.messages = nil
	s.Crash(1)
	s.Recover(1)
	s.Isolate(1, 2)
	s.Attempt(1, 1, s.NextRound(1, 1))
	s.Run(nil)
	s.Isolate()
	s.messages = append(held, s.messages...)
	for range held {
		s.arrive(0, false)
	}
	s.Isolate(2, 3)
	s.cut[[2]process.ID{2, 3}] = true
	s.Attempt(3, 1, s.NextRound(3, 2))
	s.Run(nil)
	s.Isolate(2, 3)
	s.Run(nil)
}

// overtaken has a process read, and another one, which may have permission not to, write before it.
func overtaken(s *Stage) {
	s.Commit(2, 1, NonTriviality)
	if s.subject.Instances < 2 {
		return
	}
	s.Isolate(1, 3)
	a := s.Attempt(1, 2, s.NextRound(1, 1))
	s.Run(func() bool {
		now := s.arrivable()
		return a.Done || len(now) > 0 && isWrite(s.messages[now[0]].body)
	})
	s.Isolate(2, 3)
	s.Attempt(2, 2, s.NextRound(2, 1))
	s.Run(nil)
	s.Isolate()
	s.Run(nil)
}

// recount has a READ be answered by too few, and then hear that another process has recovered, so
// that as many would be enough (Fig. 15). Meanwhile a write below it has committed at the others.
func recount(s *Stage) {
	if len(s.World.All()) != 4 || !s.mayCrash(1) || !s.assumptions.Recovers {
		return
	}
	restart := func(p process.ID, inside []process.ID, heardBy process.ID) {
		s.Crash(p)
		s.Isolate(inside...)
		delete(s.cut, [2]process.ID{p, heardBy})
		s.Recover(p)
		s.Run(nil)
	}
	s.Isolate(1, 4)
	s.Attempt(4, 1, s.NextRound(4, 5))
	s.Run(nil)
	restart(1, []process.ID{2, 3}, 3)
	s.Attempt(3, 1, s.NextRound(3, 2))
	s.Run(nil)
	restart(2, []process.ID{4}, 4)
}

func isWrite(m register.Message) bool {
	_, is := m.(register.Write)
	return is
}
