package omegatest

import (
	"fmt"
	"testing"
	"time"

	"paxon/conformance"
	"paxon/explore"
	"paxon/omega"
	"paxon/process"
	"paxon/seasons"
	"paxon/sim"
)

// Factory makes the failure detector of one incarnation of a process. It is called again after
// every crash. The host has its Net, Clock and Incarnation.
type Factory func(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part

// The names of the properties.
const (
	Leadership    = sim.EventualLeadership
	Progress      = "Progress indication"
	Output        = "Output"
	Epoch         = "Epoch"
	NonTriviality = "Non-triviality"
	Healthy       = "Silent while unhealthy"
	NoPanic       = explore.NoPanic
	Silent        = "Hygiene: silent"
	Deterministic = "Hygiene: deterministic"
)

// The times that stand for "eventually" and "for ever".
const (
	Bound   = 5 * time.Second
	Stretch = 500 * time.Millisecond
)

// Run fails the test for each property that does not hold.
func Run(t *testing.T, f Factory, a conformance.Assumptions) {
	t.Helper()
	check(f, a).Tell(t)
}

// Check joins a *conformance.Failure for each property that does not hold, at most one for each
// property and layer. It is nil if all hold.
func Check(f Factory, a conformance.Assumptions) error { return check(f, a).Err() }

// Failures are those that Check joins, for suites that build on this one.
func Failures(f Factory, a conformance.Assumptions) []*conformance.Failure {
	return check(f, a).Failures()
}

func check(f Factory, a conformance.Assumptions) *conformance.Report {
	a = a.WithDefaults()
	report := conformance.NewReport(a)
	if report.Begin(conformance.Script) {
		for _, s := range scripts(a) {
			report.Add(s.run(f, a))
		}
	}
	if report.Begin(conformance.Exhaustive) {
		exhaustive(f, a, report)
	}
	report.Storm(Deterministic, func(seed uint64, trace *sim.Trace) *conformance.Failure {
		return storm(f, a, seed, trace)
	})
	return report
}

// storm is one run of the layer seeds.
func storm(f Factory, a conformance.Assumptions, seed uint64, trace *sim.Trace) *conformance.Failure {
	s := sim.NewStorm(a.Simulate(), seed, trace)
	c := watch(f, s.World)
	s.Run()
	if a.Unstable && a.Recovers {
		c.unsettle(s)
	}
	c.healed()
	c.settle()
	return c.failure(conformance.Seeds, fmt.Sprintf("seed %d", seed))
}

// unsettle has as many processes crash and recover for ever as leave a correct majority, if there
// may be any. Those with the smallest IDs are the most likely to lead.
func (c *cluster) unsettle(s *sim.Storm) {
	within := func(most time.Duration) time.Duration {
		return time.Duration(s.Random.Int64N(int64(most)))
	}
	var crash, start func(p process.ID)
	crash = func(p process.ID) {
		c.world.Crash(p)
		c.world.At(within(60*time.Millisecond), func() { start(p) })
	}
	start = func(p process.ID) {
		c.world.Start(p)
		c.world.At(within(100*time.Millisecond), func() { crash(p) })
	}
	most := c.up() - process.Majority(len(c.world.All()))
	for _, p := range c.world.All() {
		if len(c.incorrect) < most && c.world.Host(p).Up() && s.MayCrash(p) {
			c.incorrect[p] = true
			crash(p)
		}
	}
}
