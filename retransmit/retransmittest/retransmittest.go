package retransmittest

import (
	"fmt"
	"testing"
	"time"

	"paxon/conformance"
	"paxon/explore"
	"paxon/process"
	"paxon/retransmit"
	"paxon/sim"
)

// Links are the links of one process to all; *retransmit.Links are such.
type Links interface {
	Send(to process.ID, m process.Message)
	SSend(to process.ID, m process.Message) retransmit.Ticket
	Cancel(t retransmit.Ticket)
	Waits(t retransmit.Ticket) bool
	Deliver(receive func(from process.ID, m process.Message) (accepted bool),
		restarted func(p process.ID))
	Receive(from process.ID, packet retransmit.Packet)
}

// Factory makes the links of one incarnation of a process. It is called again after every crash.
// Window messages may wait for each other process.
type Factory func(
	net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
) Links

// Window is how many messages the suite has waiting for one process, at most.
const Window = 8

// The names of the properties.
const (
	NoCreation    = "RT1 No creation"
	Duplication   = "RT2 Finite duplication"
	Delivery      = "RT3 Stubborn delivery"
	Bounded       = "RT4 Bounded"
	Cancel        = "Cancel"
	Restarted     = "Restarted"
	NonTriviality = "Non-triviality"
	Silent        = "Hygiene: silent"
	Asynchronous  = "Hygiene: asynchronous"
	Deterministic = "Hygiene: deterministic"
	NoPanic       = explore.NoPanic
)

// The times that stand for "in the end" and for "no more".
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
	const operations = 60
	config := a.Simulate()
	s := sim.NewStorm(config, seed, trace)
	c := watch(f, s.World)
	c.refuses = func() bool { return s.World.Now() < config.Duration && s.Random.IntN(4) == 0 }
	anyone := func() process.ID { return process.ID(1 + s.Random.IntN(a.Processes)) }
	for range operations {
		s.World.At(time.Duration(s.Random.Int64N(int64(config.Duration))), func() {
			from, to := anyone(), anyone()
			switch s.Random.IntN(6) {
			case 0:
				c.cancel(from, s.Random.IntN(Window))
			case 1:
				c.send(from, to)
			default:
				c.ssend(from, to)
			}
		})
	}
	s.Run()
	c.finish()
	return c.failure(conformance.Seeds, fmt.Sprintf("seed %d", seed))
}
