package killboard

import (
	"cmp"
	"fmt"
	"slices"

	"paxon/conformance"
	"paxon/leader/leadertest"
	"paxon/omega/omegatest"
	"paxon/register/registertest/stage"
	"paxon/sim"
)

// Sim is the checker that does whole random runs. The others are the layers of the suites.
const Sim = "sim"

// defaultRuns is how many whole runs an entry gets unless it or the budget says.
const defaultRuns = 300

// NoPanic is what falls when an assertion of the code ends a run.
const NoPanic = "Assertions hold"

// Columns names the checkers in the order of a board.
func Columns() []string {
	return append(layers(), Sim, Explore)
}

func layers() []string {
	return []string{
		conformance.Script, conformance.Exhaustive, conformance.Seeds, conformance.Persistence,
		conformance.Hygiene, conformance.Progress,
	}
}

// checker gives the verdicts of one or several of Columns.
type checker func(e Entry, b Budget) []Verdict

// checkers are all. One by one they go through the layers of the suites by themselves, those that
// take the least first.
func checkers(oneByOne bool) []checker {
	if !oneByOne {
		return []checker{suite, simulation, exploration}
	}
	var all []checker
	for _, layer := range []string{
		conformance.Script, conformance.Hygiene, conformance.Seeds, conformance.Persistence,
		conformance.Exhaustive,
	} {
		all = append(all, func(e Entry, b Budget) []Verdict {
			if !e.has(layer) {
				return nil
			}
			e.assumptions.Layers = []string{layer}
			if layer == conformance.Seeds {
				e.assumptions.Layers = append(e.assumptions.Layers, leadertest.Outputs)
			}
			return suite(e, b)
		})
	}
	return append(all, simulation, exploration)
}

// suite checks an entry with the suite of its part, and has a verdict for each layer.
func suite(e Entry, b Budget) (verdicts []Verdict) {
	a := e.assumptions
	a.Until = e.Properties
	a.Seeds, a.Schedules = cmp.Or(b.Seeds, a.Seeds), b.Schedules
	var failures []*conformance.Failure
	crash := protect(func() { failures = conformance.Failures(e.suite(a)) })
	for _, layer := range layers() {
		v := Verdict{Checker: layer, Result: Survived}
		if !e.has(layer) || layer == conformance.Progress {
			v.Result = None // Progress shows up when it fails.
		}
		for _, f := range failures {
			if column(f.Layer) == layer {
				v.add(e.Breaks(f.Property), f.Property, f.Tried, f.Replay)
			}
		}
		if crash != "" && layer == conformance.Script {
			v.add(false, NoPanic, 0, crash)
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// column is where the failures of a layer go.
func column(layer string) string {
	if layer == leadertest.Outputs { // They are random, too.
		return conformance.Seeds
	}
	return layer
}

// has says whether the suite of an entry has a layer.
func (e Entry) has(layer string) bool {
	alone := e.Part == Register || e.Part == Consensus
	whole := e.Part == TOB || e.Part == Composition
	switch layer {
	case conformance.Exhaustive:
		return true // Every suite has it.
	case conformance.Persistence:
		a := e.assumptions
		return a.Does(layer) && a.Crashes != 0 &&
			(alone && a.Storage == conformance.Stable || whole)
	}
	return e.assumptions.Does(layer)
}

// add takes a failure into account: one that kills counts more than one that does not, and of
// several that kill the first.
func (v *Verdict) add(kills bool, property string, after int, replay string) {
	result := Other
	if kills {
		result = Killed
	}
	better := v.Result != Killed && (result == Killed || v.Result != Other)
	if v.Result == Killed && result == Killed {
		better = after < v.After
	}
	if better {
		v.Result, v.Property, v.After, v.Replay = result, property, after, replay
	}
}

// simulation does whole runs until one shows the flaw.
func simulation(e Entry, b Budget) []Verdict {
	v := Verdict{Checker: Sim, Result: Survived}
	if e.runs == nil {
		v.Result = None
		return []Verdict{v}
	}
	runs := cmp.Or(uint64(b.Seeds), e.seeds, defaultRuns)
	for seed := uint64(0); seed < runs && v.Result != Killed; seed++ {
		var r sim.Result
		replay := fmt.Sprintf("seed %d", seed)
		crash := protect(func() { r = sim.Run(*e.runs, seed, nil) })
		switch {
		case crash != "":
			v.add(false, NoPanic, int(seed)+1, replay+": "+crash)
		case r.Violation != nil:
			v.add(e.shows(r.Violation.Property), r.Violation.Property, int(seed)+1, replay)
		}
	}
	return []Verdict{v}
}

// shows says whether a property fell of a whole run because of what an entry breaks: that itself, or
// what it is there for.
func (e Entry) shows(property string) bool {
	var follows []string
	switch {
	case e.Breaks(property):
		return true
	case e.Breaks(stage.Progress) || e.Breaks(stage.NonTriviality) || e.Breaks(leadertest.Leadership):
		follows = []string{sim.Termination, sim.Agreement, sim.EventualLeadership}
	case e.Breaks(sim.EventualLeadership) || e.Breaks(omegatest.Progress):
		follows = []string{sim.Termination, sim.Agreement}
	case e.Breaks(sim.ConsensusAgreement):
		follows = []string{sim.TotalOrder}
	}
	return slices.Contains(follows, property)
}

// protect gives what a panic said, or "".
func protect(run func()) (crash string) {
	defer func() {
		if p := recover(); p != nil {
			crash = fmt.Sprint(p)
		}
	}()
	run()
	return ""
}
