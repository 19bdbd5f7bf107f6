package leadertest

import (
	"slices"
	"testing"
	"time"

	"paxon/conformance"
	"paxon/leader"
	"paxon/omega"
	"paxon/omega/omegatest"
	"paxon/process"
	"paxon/seasons"
)

// Factory makes the leader election of one incarnation of a process. It is called again after every
// crash. The host has its Net, Clock and Incarnation; o is the process's Ω.
type Factory func(h seasons.Host, o omega.Part) leader.Leader

// The names of the properties.
const (
	Leadership    = "WL1 Eventual perpetual leader"
	NonTriviality = omegatest.NonTriviality
	Silent        = omegatest.Silent
	Deterministic = omegatest.Deterministic
)

// Outputs is a layer of this suite alone: see the package comment.
const Outputs = "outputs"

// Run fails the test for each property that does not hold.
func Run(t *testing.T, f Factory, a conformance.Assumptions) {
	t.Helper()
	check(f, a).Tell(t)
}

// Check joins a *conformance.Failure for each property that does not hold, at most one for each
// property and layer. It is nil if all hold.
func Check(f Factory, a conformance.Assumptions) error { return check(f, a).Err() }

func check(f Factory, a conformance.Assumptions) *conformance.Report {
	a = a.WithDefaults()
	report := conformance.NewReport(a)
	below := a
	if slices.Contains(a.Until, Leadership) {
		below.Until = append(slices.Clone(a.Until), omegatest.Leadership)
	}
	for _, failure := range omegatest.Failures(elects(f, a), below) {
		if failure.Property == omegatest.Leadership {
			failure.Property = Leadership
		}
		report.Add(failure)
	}
	if report.Begin(Outputs) {
		outputs(f, a, report)
	}
	return report
}

// elects makes of an election a failure detector that trusts whom the election names.
func elects(f Factory, a conformance.Assumptions) omegatest.Factory {
	return func(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
		part := omega.New(net, h.Clock, h.Incarnation, omega.Config{
			Interval: 8 * time.Millisecond, Timeout: 30 * time.Millisecond,
			Increase: 10 * time.Millisecond, MaxTimeout: 300 * time.Millisecond,
			Alone: a.Disks > 0,
		}, hooks)
		return election{part, f(h, part)}
	}
}

type election struct {
	omega.Part
	leader leader.Leader
}

func (e election) Trusted() (process.ID, bool) { return e.leader.Leader() }
