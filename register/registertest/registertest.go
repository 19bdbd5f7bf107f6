package registertest

import (
	"testing"

	"paxon/conformance"
	"paxon/explore"
	"paxon/process"
	"paxon/register"
	"paxon/register/registertest/stage"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
)

// Factory makes the registers of one incarnation of a process, again after every crash. The host
// has its Store, Clock, Disks and Incarnation. A variant's Registers is a Factory.
type Factory func(
	h seasons.Host, net retransmit.Net[register.Message], c register.Config,
) register.Array

// Of makes registers as a variant does, with permission if it has that.
func Of(v seasons.Variant) Factory {
	return func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		c.Permission = v.Permission
		return v.Registers(v.Needs(h), net, c)
	}
}

// Run reports each property that does not hold as an error of a test.
func Run(t *testing.T, f Factory, a conformance.Assumptions) {
	t.Helper()
	if err := Check(f, a); err != nil {
		t.Error(err)
	}
}

// Check does the same outside of tests: the error joins a *conformance.Failure for each property
// that does not hold in a layer, and is nil if all hold.
func Check(f Factory, a conformance.Assumptions) error { return stage.Check(subject(f), a) }

// Models are what Check searches for all states. A failure whose Replay is a schedule of one of them
// is shown again, and traced, by explore.Replay.
func Models(f Factory, a conformance.Assumptions) []explore.Model { return subject(f).Models(a) }

// Hunt does one whole random run; see stage.Hunt.
func Hunt(f Factory, a conformance.Assumptions, seed uint64, coverage bool) stage.Outcome {
	return stage.Hunt(subject(f), a, seed, coverage)
}

// Assumptions are those of a variant's registers and consensus.
func Assumptions(v seasons.Variant, processes, disks int) conformance.Assumptions {
	a := conformance.Assumptions{
		Processes: processes, Crashes: -1, Recovers: v.Recovers, Unstable: v.Recovers,
		Storage: conformance.None, Loss: true, Duplicates: true, Reordering: true,
	}
	if v.Crashes != nil {
		a.Crashes = v.Crashes(processes)
	}
	a.Needed = v.Correct(processes)
	switch {
	case v.Disks:
		a.Storage, a.Disks, a.Needed = conformance.Shared, disks, 1
	case v.Storage == seasons.Stable:
		a.Storage = conformance.Stable
	}
	return a
}

func subject(f Factory) stage.Subject {
	return stage.Subject{
		Build: func(
			m *sim.Monitor, h *sim.Host, net retransmit.Net[register.Message], c register.Config,
		) stage.Part {
			return m.WatchRegisters(f(h.Offer(), net, c), net.Self())
		},
		Model: func(v seasons.Variant, b explore.Bounds) explore.Model {
			v.Registers = f
			return explore.Registers(v, b)
		},
		Attempt: attempt, Other: other, Cancel: cancel, Instances: 2,
		Scripts: []stage.Script{{Name: "Figure 1", Play: figure1}},
	}
}

func at(part stage.Part, l register.Instance) register.Register {
	return part.(register.Array).At(l) // Check built it.
}

func cancel(part stage.Part, l register.Instance) { at(part, l).Cancel() }

// attempt reads, and writes what it has read, or v if that is nothing.
func attempt(
	s *stage.Stage, p process.ID, l register.Instance, k register.Round, v register.Value,
) *stage.Attempt {
	a := &stage.Attempt{Round: k}
	read(s, p, l, k, func(found register.Value, ok bool, higher register.Round) {
		if !ok {
			a.End(nil, false, higher)
			return
		}
		if len(found) > 0 {
			v = found
		}
		write(s, p, l, k, v, func(ok bool, higher register.Round) { a.End(v, ok, higher) })
	})
	return a
}

// other reads alone, or writes alone.
func other(
	s *stage.Stage, p process.ID, l register.Instance, k register.Round, v register.Value,
) {
	if k.Number%2 == 0 {
		read(s, p, l, k, func(register.Value, bool, register.Round) {})
		return
	}
	write(s, p, l, k, v, func(bool, register.Round) {})
}

func read(
	s *stage.Stage, p process.ID, l register.Instance, k register.Round,
	done func(v register.Value, ok bool, higher register.Round),
) {
	s.Begin(p, l, k, "read", func(part stage.Part, c *stage.Call) {
		at(part, l).Read(k, func(v register.Value, ok bool, higher register.Round) {
			if c.Ended(k, ok, higher) {
				done(v, ok, higher)
			}
		})
	})
}

func write(
	s *stage.Stage, p process.ID, l register.Instance, k register.Round, v register.Value,
	done func(ok bool, higher register.Round),
) {
	s.Begin(p, l, k, "write", func(part stage.Part, c *stage.Call) {
		at(part, l).Write(k, v, func(ok bool, higher register.Round) {
			if c.Ended(k, ok, higher) {
				done(ok, higher)
			}
		})
	})
}

// figure1 is the paper's example of a round-based register.
func figure1(s *stage.Stage) {
	writes := func(p process.ID, number uint64, v string) {
		write(s, p, 1, s.NextRound(p, number), register.Value(v), func(bool, register.Round) {})
		s.Run(nil)
	}
	writes(1, 1, "X")
	read(s, 2, 1, s.NextRound(2, 2), func(register.Value, bool, register.Round) {})
	s.Run(nil)
	writes(3, 1, "Y")
	writes(3, 2, "Y")
	read(s, 1, 1, s.NextRound(1, 3), func(register.Value, bool, register.Round) {})
	s.Run(nil)
}
