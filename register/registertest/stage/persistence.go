package stage

import (
	"fmt"
	"time"

	"paxon/conformance"
	"paxon/process"
)

// moment is when a process crashes that has put a record.
type moment int

const (
	before moment = iota // At once, and the record is lost.
	late                 // Before it is durable, when all else has happened.
	after                // Once it is durable, and has not been reported so.
	moments
)

func (m moment) String() string {
	return [...]string{
		"before it is durable", "before it is durable, at last", "once it is durable",
	}[m]
}

// nth is a chooser for which the storage stops at the nth Put.
type nth struct {
	n, puts int
	when    moment
	victim  process.ID // Whose Put that was.
}

// hung is how long a Put takes that never ends.
const hung = time.Hour

func (c *nth) Disk(p process.ID) time.Duration {
	c.puts++
	if c.puts == c.n {
		c.victim = p
	}
	if p != 0 && c.puts >= c.n && p == c.victim {
		return hung
	}
	return time.Millisecond
}

func (c *nth) Survives(_ process.ID, underWay int) int {
	if c.when == after {
		return underWay
	}
	return 0
}

// persistence crashes a process at its nth Put of a run, while a first process has a majority of
// which that is one. A last process then has another majority. It gives nil if there was no nth.
func persistence(
	subject Subject, a conformance.Assumptions, n int, when moment, up, logging bool,
) *Stage {
	c := &nth{n: n, when: when}
	s := newStage(subject, a, c, logging)
	s.protect(func() {
		ids := s.World.All()
		most := process.Majority(len(ids))
		first, last := ids[0], ids[len(ids)-1]
		one, other := ids[:most], ids[len(ids)-most:]
		number := uint64(2)
		if !up {
			first, last, one, other = last, first, other, one
			number = 5
		}
		s.horizon = hung / 2
		s.Isolate(one...)
		s.Attempt(first, 1, s.NextRound(first, number))
		s.Run(func() bool { return c.victim != 0 && when != late })
		if c.victim == 0 || s.failed() {
			return
		}
		s.Crash(c.victim)
		c.n = all
		s.Recover(c.victim)
		s.Isolate(other...)
		if up {
			s.Attempt(last, 1, s.highestRound(last))
		} else {
			s.Attempt(last, 1, s.NextRound(last, 1))
		}
		s.Run(nil)
		s.Heal()
	})
	if c.victim == 0 {
		return nil
	}
	return s
}

// persistencePoint names a run for a person to find it again.
func persistencePoint(n int, when moment, up bool) string {
	order := "a higher round after a lower one"
	if !up {
		order = "a lower round after a higher one"
	}
	return fmt.Sprintf("a crash at put %d, %v, %s", n, when, order)
}
