package consensustest

import (
	"bytes"
	"testing"

	"paxon/conformance"
	"paxon/consensus"
	"paxon/explore"
	"paxon/process"
	"paxon/register"
	"paxon/register/registertest"
	"paxon/register/registertest/stage"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
)

// Factory makes the consensus of one incarnation of a process, again after every crash, over
// registers. The host has its Store, Clock, Disks and Incarnation. A variant's Consensus is a
// Factory.
type Factory func(h seasons.Host, registers register.Array, c register.Config) consensus.Array

// Of makes consensus as a variant does.
func Of(v seasons.Variant) Factory {
	return func(h seasons.Host, registers register.Array, c register.Config) consensus.Array {
		c.Permission = v.Permission
		return v.Consensus(v.Needs(h), registers, c)
	}
}

// Ours are the registers of Fig. 12, which give permission.
func Ours() registertest.Factory {
	return func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		c.Permission = true
		return register.New(net, process.DiskOf[register.Copy](h.Store, 0), c)
	}
}

// Run reports each property that does not hold as an error of a test, over the registers Ours.
func Run(t *testing.T, f Factory, a conformance.Assumptions) {
	t.Helper()
	RunOver(t, f, Ours(), a)
}

// RunOver does the same over other registers.
func RunOver(
	t *testing.T, f Factory, registers registertest.Factory, a conformance.Assumptions,
) {
	t.Helper()
	if err := CheckOver(f, registers, a); err != nil {
		t.Error(err)
	}
}

// Check does what Run does outside of tests: the error joins a *conformance.Failure for each
// property that does not hold in a layer, and is nil if all hold. The registers are Ours, which
// need stable storage if processes recover.
func Check(f Factory, a conformance.Assumptions) error { return CheckOver(f, Ours(), a) }

// CheckOver does the same over other registers.
func CheckOver(
	f Factory, registers registertest.Factory, a conformance.Assumptions,
) error {
	return stage.Check(subject(f, registers), a)
}

// Models are what CheckOver searches for all states. A failure whose Replay is a schedule of one of
// them is shown again, and traced, by explore.Replay.
func Models(
	f Factory, registers registertest.Factory, a conformance.Assumptions,
) []explore.Model {
	return subject(f, registers).Models(a)
}

// Hunt does one whole random run; see stage.Hunt.
func Hunt(
	f Factory, registers registertest.Factory, a conformance.Assumptions, seed uint64,
	coverage bool,
) stage.Outcome {
	return stage.Hunt(subject(f, registers), a, seed, coverage)
}

func subject(f Factory, registers registertest.Factory) stage.Subject {
	return stage.Subject{
		Build: func(
			m *sim.Monitor, h *sim.Host, net retransmit.Net[register.Message], c register.Config,
		) stage.Part {
			offer := h.Offer()
			below := registers(offer, net, c)
			return m.WatchConsensus(f(offer, below, c), net.Self())
		},
		Model: func(v seasons.Variant, b explore.Bounds) explore.Model {
			v.Registers, v.Consensus = registers, f
			return explore.Consensus(v, b)
		},
		Attempt: attempt, Cancel: cancel, Inspect: inspect, Instances: 3,
		Scripts: []stage.Script{
			{Name: "a permission over a recovery", Play: permitted},
			{Name: "a write that comes twice over that of another", Play: repeated},
			{Name: "a permission used without the others", Play: lonely},
		},
	}
}

func array(part stage.Part) consensus.Array {
	return part.(consensus.Array) // CheckOver built it.
}

func cancel(part stage.Part, l register.Instance) { array(part).At(l).Cancel() }

// attempt proposes, in a round of number 0 if the part permits that and the process has proposed
// nothing there before, because numbers grow within an incarnation.
func attempt(
	s *stage.Stage, p process.ID, l register.Instance, k register.Round, v register.Value,
) *stage.Attempt {
	if array(s.Part(p)).Permitted(l) && !s.Tried(p, l) {
		k.Number = 0
	}
	a := &stage.Attempt{Round: k}
	s.Begin(p, l, k, "propose", func(part stage.Part, c *stage.Call) {
		array(part).At(l).Propose(k, v, func(d register.Value, ok bool, higher register.Round) {
			if c.Ended(k, ok, higher) {
				a.End(d, ok, higher)
				if ok {
					s.Decided(stage.Decision{Instance: l, Round: k, Value: d})
				}
			}
		})
	})
	return a
}

// inspect has everything that a process has accepted in a round that committed be the decision.
func inspect(s *stage.Stage) {
	for _, d := range s.Decisions() {
		for _, p := range s.Up() {
			v, ok := array(s.Part(p)).Accepted(d.Instance, d.Round)
			if ok && !bytes.Equal(v, d.Value) {
				s.Fail(sim.ConsensusAgreement, "L%d: %v is decided in round %v, and %v has accepted %v",
					d.Instance, d.Value, d.Round, p, v)
			}
		}
	}
}

// repeated has a second process write what a first has written, so that only the first is permitted
// to go on without reading, and has that write arrive twice. Then both go on.
func repeated(s *stage.Stage) {
	all := s.World.All()
	last := all[len(all)-1] // Its own answer comes after those of the others.
	s.Commit(1, 1, stage.NonTriviality)
	s.Doubled(func() { s.Commit(last, 1, stage.NonTriviality) })
	for _, p := range []process.ID{1, last} {
		s.Attempt(p, 2, s.NextRound(p, 1))
		s.Run(nil)
	}
}

// lonely has a process that may propose without reading do so alone, and then the others decide.
func lonely(s *stage.Stage) {
	s.Commit(1, 1, stage.NonTriviality)
	s.Isolate(1)
	s.Attempt(1, 2, s.NextRound(1, 1))
	s.Run(nil)
	s.Isolate(s.World.All()[1:]...)
	s.Attempt(2, 2, s.NextRound(2, 5))
	s.Run(nil)
}

// permitted has a process that may propose without reading crash, and another be faster.
func permitted(s *stage.Stage) {
	s.Commit(1, 1, stage.NonTriviality)
	s.Crash(1)
	s.Recover(1)
	s.Commit(2, 2, stage.NonTriviality)
	if s.IsUp(1) {
		s.Attempt(1, 2, s.NextRound(1, 1))
		s.Run(nil)
	}
}
