package tables

import (
	"fmt"
	"time"

	"paxon/caspaxos"
	"paxon/process"
	"paxon/seasons"
)

// What simulated clients do.
const (
	settling  = 2 * time.Second // Until there is a leader.
	scored    = 100
	simulated = 10 * time.Minute // Nothing takes so long.
)

// wanBroadcast has nothing be sent again while an answer may still be on its way.
func wanBroadcast() seasons.Options {
	o := seasons.DefaultOptions()
	o.Retransmit.Interval = time.Second
	return o
}

func wanCASPaxos() caspaxos.Options {
	o := caspaxos.DefaultOptions()
	o.Retransmit.Interval = time.Second
	return o
}

// stuckError says that a simulated client got no answer.
type stuckError struct {
	what string
	at   time.Duration
}

func (e *stuckError) Error() string {
	return fmt.Sprintf("tables: at %v, %s: expected that clients go on", e.at, e.what)
}

// latencies gives the mean time of a round of the loop at each process, with all loops at once.
func (s *simulation) latencies() (mean [Regions]time.Duration, err error) {
	s.run(settling)
	var left int
	for i, loop := range s.clients {
		left++
		rounds, begun := 0, time.Duration(0)
		var next func(error)
		next = func(failed error) {
			switch {
			case failed != nil:
				err = failed
				return
			case rounds == unscored:
				begun = s.world.Now()
			case rounds == unscored+scored:
				mean[i] = (s.world.Now() - begun) / scored
				left--
			}
			rounds++ // It goes on, for the others.
			loop(next)
		}
		s.world.Call(process.ID(i+1), func() { loop(next) })
	}
	for left > 0 && err == nil {
		if s.world.Now() > simulated || !s.world.Step() {
			return mean, &stuckError{"the loops do not end", s.world.Now()}
		}
	}
	return mean, err
}

// run lets so much time pass.
func (s *simulation) run(most time.Duration) {
	over := false
	s.world.At(most, func() { over = true })
	for !over {
		s.world.Step()
	}
}

// How long simulated loops run before and after the isolation.
const (
	steady = 500 * time.Millisecond
	after  = 1500 * time.Millisecond
)

// promise has process 1 of CASPaxos change so many registers, so that it has the promises for them.
func (s *simulation) promise(registers int) {
	at := s.world.Host(1).Actor().(*caspaxos.Process)
	for n := range registers {
		s.world.Call(1, func() {
			at.Change(fmt.Sprint(n), caspaxos.Set{}, func(caspaxos.Outcome) {})
		})
	}
}

// unavailable isolates a process, or none for 0, a while after the loops have begun, and gives the
// longest time that a client at one of the others waited for the end of a round of its loop from then
// on.
func (s *simulation) unavailable(isolated process.ID, later time.Duration) (time.Duration, error) {
	s.run(settling)
	var last [Regions]time.Duration
	var longest time.Duration
	var failed error
	cut := time.Duration(-1)
	note := func(i int) {
		if cut >= 0 && process.ID(i+1) != isolated {
			longest = max(longest, s.world.Now()-last[i])
		}
		last[i] = s.world.Now()
	}
	for i, loop := range s.clients {
		var next func(error)
		next = func(err error) {
			if err != nil {
				failed = err
				return
			}
			note(i)
			loop(next)
		}
		s.world.Call(process.ID(i+1), func() { loop(next) })
	}
	s.run(steady + later)
	cut = s.world.Now()
	for _, p := range s.world.All() {
		if isolated != 0 && p != isolated {
			s.world.Cut(p, isolated, true)
			s.world.Cut(isolated, p, true)
		}
	}
	s.run(after)
	for i := range s.clients {
		note(i)
	}
	return longest, failed
}
