package tobtest

import (
	"fmt"
	"testing"
	"time"

	"paxon/conformance"
	common "paxon/register/registertest/stage"
	"paxon/seasons"
	"paxon/sim"
)

// Factory makes the composition. Its constructors of parts are called again after every crash.
type Factory func() seasons.Variant

// The names of the properties.
const (
	Termination   = sim.Termination
	Agreement     = sim.Agreement
	Validity      = sim.Validity
	TotalOrder    = sim.TotalOrder
	ClientOrder   = sim.ClientOrder
	NonTriviality = common.NonTriviality
	Silent        = "Hygiene: silent"
	DoneOnce      = common.DoneOnce  // Also not after a crash, or after what the call returned.
	DoneLater     = common.DoneLater // After the call has returned.
	Deterministic = "Hygiene: deterministic"
)

// Bound is the virtual time that stands for "in the end".
const Bound = 5 * time.Second

// Assumed is what a variant itself says that it assumes, for a number of processes.
func Assumed(v seasons.Variant, processes int) conformance.Assumptions {
	a := conformance.Assumptions{
		Processes: processes, Crashes: -1, Recovers: v.Recovers, Unstable: v.Recovers,
		Loss: true, Duplicates: true, Reordering: true,
	}
	if v.Crashes != nil {
		a.Crashes = v.Crashes(processes)
	}
	if v.Storage == seasons.None {
		a.Storage = conformance.None
	}
	if v.Disks {
		a.Disks = 3
	}
	return a
}

// Run fails the test for each property that does not hold.
func Run(t *testing.T, f Factory, a conformance.Assumptions) {
	t.Helper()
	check(f, itself, a).Tell(t)
}

// Check joins a *conformance.Failure for each property that does not hold, at most one for each
// property and layer. It is nil if all hold.
func Check(f Factory, a conformance.Assumptions) error { return check(f, itself, a).Err() }

// CheckBy is Check of a composition whose processes broadcast by something that wraps what they
// have. The random runs, and the searches, do without.
func CheckBy(f Factory, by By, a conformance.Assumptions) error { return check(f, by, a).Err() }

func check(f Factory, by By, a conformance.Assumptions) *conformance.Report {
	a = a.WithDefaults()
	c := configure(f(), a)
	report := conformance.NewReport(a)
	if report.Begin(conformance.Script) {
		for _, s := range scripts(a) {
			report.Add(s.run(c, by))
		}
	}
	if report.Begin(conformance.Exhaustive) {
		exhaustive(c.Variant, a, report)
	}
	if report.Begin(conformance.Persistence) {
		crashes(c, by, a, report)
	}
	if report.Begin(conformance.Seeds) {
		for seed := uint64(0); seed < uint64(a.Seeds) && !report.Over(); seed++ {
			report.Add(failure(sim.Run(c, seed, nil).Violation, conformance.Seeds,
				fmt.Sprintf("seed %d", seed)))
		}
	}
	if report.Begin(conformance.Hygiene) {
		for seed := range uint64(3) {
			report.Add(conformance.Twice(Deterministic, seed, func(seed uint64, trace *sim.Trace) {
				sim.Run(c, seed, trace)
			}))
		}
	}
	return report
}

// configure makes runs of a variant in the world of the assumptions. The variant keeps to itself
// what it needs, which may be less than the world offers.
func configure(v seasons.Variant, a conformance.Assumptions) sim.Config {
	c := a.Simulate()
	v.Recovers, v.Crashes = a.Recovers, c.Variant.Crashes
	if v.Faulty == nil {
		v.Faulty = c.Variant.Faulty
	}
	if a.Storage == conformance.None {
		v.Storage = seasons.None
	}
	c.Variant, c.Bound = v, Bound
	if a.Disks > 0 {
		c.Disks = a.Disks
	}
	return c
}

// failure is a violation as the suite tells of it. Who leads is not for this suite to say.
func failure(v *sim.Violation, layer, replay string) *conformance.Failure {
	if v == nil || v.Property == sim.EventualLeadership {
		return nil
	}
	if layer == conformance.Seeds && (v.Property == Termination || v.Property == Agreement) {
		layer = conformance.Progress
	}
	return &conformance.Failure{
		Property: v.Property, Layer: layer, Replay: replay,
		Detail: fmt.Sprintf("after %v, %s", v.At, v.Detail),
	}
}
