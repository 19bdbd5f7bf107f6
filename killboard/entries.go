package killboard

import (
	"slices"

	"paxon/caspaxos/caspaxostest"
	casbroken "paxon/caspaxos/caspaxostest/broken"
	"paxon/conformance"
	"paxon/consensus"
	"paxon/consensus/consensustest"
	consensusbroken "paxon/consensus/consensustest/broken"
	"paxon/explore"
	"paxon/leader"
	"paxon/leader/leadertest"
	leaderbroken "paxon/leader/leadertest/broken"
	"paxon/omega"
	"paxon/omega/omegatest"
	omegabroken "paxon/omega/omegatest/broken"
	"paxon/process"
	"paxon/register"
	"paxon/register/registertest"
	registerbroken "paxon/register/registertest/broken"
	"paxon/register/registertest/stage"
	"paxon/retransmit"
	"paxon/retransmit/retransmittest"
	retransmitbroken "paxon/retransmit/retransmittest/broken"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim"
	"paxon/sim/flawed"
	"paxon/tob/tobtest"
	tobbroken "paxon/tob/tobtest/broken"
)

// Entry is something broken, and what can be done to find that out.
type Entry struct {
	conformance.Flaw
	// Part is what is broken: see Parts.
	Part string

	// suite checks it with the suite of its part.
	suite func(a conformance.Assumptions) error
	// assumptions are those that the suite gets.
	assumptions conformance.Assumptions
	// runs are whole runs with it, nil if it is a part of no composition.
	runs *sim.Config
	// seeds is how many of them there are, defaultRuns if zero.
	seeds uint64
	// search is what is searched of it, nil if nothing is.
	search *explore.Config
}

// The parts.
const (
	Register    = "register"
	Consensus   = "consensus"
	Leader      = "leader"
	Omega       = "omega"
	Retransmit  = "retransmit"
	TOB         = "tob"
	CASPaxos    = "caspaxos"
	Composition = "composition"
)

// Parts lists the parts, in the order of Entries.
func Parts() []string {
	return []string{Register, Consensus, Leader, Omega, Retransmit, TOB, CASPaxos, Composition}
}

// ID names the entry among all.
func (e Entry) ID() string { return e.Part + "/" + e.Name }

// Entries lists all that is kept broken.
func Entries() []Entry {
	var all []Entry
	for _, of := range []func() []Entry{
		registers, consensuses, leaders, omegas, links, broadcasts, changes, compositions,
	} {
		all = append(all, of()...)
	}
	return all
}

func registers() []Entry {
	var all []Entry
	for _, p := range registerbroken.Parts() {
		e := Entry{Flaw: p.Flaw, Part: Register, assumptions: p.Assumptions}
		e.suite = func(a conformance.Assumptions) error { return registertest.Check(p.Factory, a) }
		e.runs = e.plug(p.In, func(v *seasons.Variant) {
			v.Registers = func(
				h seasons.Host, net retransmit.Net[register.Message], c register.Config,
			) register.Array {
				return p.Factory(h, net, c)
			}
		})
		all = append(all, e)
	}
	return all
}

func consensuses() []Entry {
	var all []Entry
	for _, p := range consensusbroken.Parts() {
		e := Entry{Flaw: p.Flaw, Part: Consensus, assumptions: p.Assumptions}
		e.suite = func(a conformance.Assumptions) error {
			return consensustest.CheckOver(p.Factory, p.Registers, a)
		}
		e.runs = e.plug(p.In, func(v *seasons.Variant) {
			v.Registers = func(
				h seasons.Host, net retransmit.Net[register.Message], c register.Config,
			) register.Array {
				return p.Registers(h, net, c)
			}
			v.Consensus = func(
				h seasons.Host, r register.Array, c register.Config,
			) consensus.Array {
				return p.Factory(h, r, c)
			}
		})
		all = append(all, e)
	}
	return all
}

func leaders() []Entry {
	var all []Entry
	for _, p := range leaderbroken.Parts() {
		e := Entry{Flaw: p.Flaw, Part: Leader, assumptions: conformance.CrashRecovery()}
		e.suite = func(a conformance.Assumptions) error { return leadertest.Check(p.Factory, a) }
		e.runs = e.plug(plain, func(v *seasons.Variant) {
			v.Leader = func(h seasons.Host, o omega.Part) leader.Leader {
				return p.Factory(h, o)
			}
		})
		all = append(all, e)
	}
	return all
}

func omegas() []Entry {
	var all []Entry
	for _, p := range omegabroken.Parts() {
		e := Entry{Flaw: p.Flaw, Part: Omega, assumptions: conformance.CrashRecovery()}
		e.suite = func(a conformance.Assumptions) error { return omegatest.Check(p.Factory, a) }
		e.runs = e.plug(plain, func(v *seasons.Variant) {
			v.Omega = func(
				h seasons.Host, net process.Net[omega.Heartbeat], _ omega.Config, hooks omega.Hooks,
			) omega.Part {
				return p.Factory(h, net, hooks)
			}
		})
		all = append(all, e)
	}
	return all
}

func links() []Entry {
	var all []Entry
	for _, p := range retransmitbroken.Parts() {
		all = append(all, Entry{
			Flaw: p.Flaw, Part: Retransmit, assumptions: conformance.CrashRecovery(),
			suite: func(a conformance.Assumptions) error { return retransmittest.Check(p.Factory, a) },
		})
	}
	return all
}

func broadcasts() []Entry {
	var all []Entry
	for _, p := range tobbroken.Parts() {
		runs := sim.DefaultConfig(p.Variant, 3)
		e := composed(p.Flaw, p.Variant, conformance.CrashRecovery(), runs)
		e.Part, e.suite = TOB, p.Check
		if p.By != nil {
			e.runs = nil // They do without it.
		}
		all = append(all, e)
	}
	return all
}

func changes() []Entry {
	var all []Entry
	for _, p := range casbroken.Parts() {
		all = append(all, Entry{
			Flaw: p.Flaw, Part: CASPaxos, assumptions: p.Assumptions,
			suite:  func(a conformance.Assumptions) error { return caspaxostest.Check(p.Factory, a) },
			search: searchedChanges(p.Name),
		})
	}
	return all
}

func compositions() []Entry {
	var all []Entry
	for _, c := range flawed.All() {
		e := composed(c.Flaw, c.Variant, tobtest.Assumed(c.Variant, c.Processes), c.Config())
		e.Part, e.seeds, e.search = Composition, c.Seeds, searched(c)
		all = append(all, e)
	}
	return all
}

// composed is the entry of a whole composition, of which the random runs are those of sim.
func composed(
	f conformance.Flaw, v seasons.Variant, a conformance.Assumptions, runs sim.Config,
) Entry {
	a.Layers = []string{
		conformance.Script, conformance.Exhaustive, conformance.Persistence, conformance.Hygiene,
	}
	return Entry{
		Flaw: f, assumptions: a, runs: &runs,
		suite: func(a conformance.Assumptions) error {
			return tobtest.Check(func() seasons.Variant { return v }, a)
		},
	}
}

const plain = "paxos"

// plug is whole runs of a composition with the part of an entry in it; nil if the composition is no
// sound one, or what the part breaks cannot be seen in them.
func (e Entry) plug(composition string, in func(v *seasons.Variant)) *sim.Config {
	v, err := catalog.ByName(composition)
	if err != nil || !e.seen() {
		return nil
	}
	in(&v)
	runs := sim.DefaultConfig(v, max(3, e.assumptions.Processes))
	runs.Steps = 200_000
	return &runs
}

// seen says whether a monitor may see what is broken: how often done is called, and other things
// that a caller relies on, are not for monitors.
func (e Entry) seen() bool {
	return slices.ContainsFunc([]string{
		sim.ReadWriteAbort, sim.ReadWriteCommit, sim.ReadCommit, sim.WriteCommit,
		sim.ConsensusValidity, sim.ConsensusAgreement, sim.ConsensusTermination, sim.RoundOnce,
		omegatest.Leadership, omegatest.Progress, leadertest.Leadership,
		stage.NonTriviality, stage.Progress,
	}, e.Breaks)
}
