package tobtest

import (
	"fmt"
	"time"

	"paxon/conformance"
	"paxon/process"
	"paxon/sim"
)

// point is when a crash comes, in relation to the beginning of an operation on the disk.
type point struct {
	name  string
	delay time.Duration
	lost  bool // What is under way to the disk does not get there.
}

// points are those at which the layer persistence has crashes.
func points() []point {
	return []point{
		{"before it is durable", 0, true},
		{"when it is durable and nobody has heard of it", 0, false},
		{"after it is durable", time.Millisecond + time.Nanosecond, true},
	}
}

// crashes has each process crash at each of its operations on the disk: stable storage, or the
// history alone if there is none. It ends with the first failure.
func crashes(c sim.Config, by By, a conformance.Assumptions, report *conformance.Report) {
	if a.Crashes == 0 || !a.Recovers && a.Processes < 3 {
		return
	}
	for _, p := range sim.NewWorld(a.Processes, nil).All() {
		for _, at := range points() {
			for number := 1; ; number++ {
				f, reached := crash(c, by, p, at, number)
				report.Add(f)
				if f != nil {
					return
				}
				if !reached {
					break
				}
			}
		}
	}
}

// crash is one run. It is not reached if the process does less than number operations in it.
func crash(
	c sim.Config, by By, p process.ID, at point, number int,
) (f *conformance.Failure, reached bool) {
	s := newStage(c, by)
	s.lost = at.lost
	operations := 0
	s.onDisk = func(q process.ID) {
		if q != p || s.world.Now() > last {
			return
		}
		if operations++; operations != number {
			return
		}
		reached = true
		s.world.At(at.delay, func() {
			s.world.Crash(p)
			if c.Variant.Recovers {
				s.world.At(20*time.Millisecond, func() { s.world.Start(p) })
			}
		})
	}
	s.start()
	f = s.end(last+30*time.Millisecond, idle, "persistence",
		fmt.Sprintf("%v crashes at its operation %d on the disk, %s", p, number, at.name))
	return f, reached
}
