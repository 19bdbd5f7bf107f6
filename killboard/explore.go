package killboard

import (
	"context"
	"strings"

	"paxon/explore"
	"paxon/seasons"
	"paxon/sim"
	"paxon/sim/flawed"
)

// Explore is the checker that visits every state of the consensus of a composition, in bounds.
const Explore = "explore"

// mostStates is how many states a search visits.
const mostStates = 200_000

// searched is what of a composition is searched: two processes propose once each, in one instance
// with a crash and a recovery, or if there is permission in two without. Nil if what is broken is not
// in registers and consensus.
func searched(c flawed.Composition) *explore.Model {
	inConsensus := false
	for _, p := range []string{
		sim.ReadWriteAbort, sim.ReadWriteCommit, sim.WriteCommit, sim.ConsensusAgreement,
	} {
		inConsensus = inConsensus || c.Breaks(p)
	}
	if !inConsensus {
		return nil
	}
	b := explore.Bounds{Processes: c.Processes, Rounds: []int{1, 1}, Instances: 1}
	switch {
	case c.Variant.Permission:
		b.Instances = 2
	case c.Processes == 3 || c.Variant.Storage == seasons.None:
		b.Crashes, b.Recoveries = 1, 1
	}
	m := explore.Consensus(c.Variant, b)
	return &m
}

// exploration searches an entry.
func exploration(e Entry, _ Budget) []Verdict {
	v := Verdict{Checker: Explore, Result: Survived}
	if e.model == nil {
		v.Result = None
		return []Verdict{v}
	}
	var r explore.Result
	var err error
	crash := protect(func() {
		r, err = explore.Run(context.Background(), explore.Config{
			Model: *e.model, Reductions: explore.AllReductions(), Workers: 1,
			States: mostStates,
		})
	})
	switch {
	case crash != "":
		v.add(false, NoPanic, 0, crash)
	case err != nil:
		v.add(false, NoPanic, 0, err.Error())
	case r.Violation != nil:
		v.add(e.shows(r.Violation.Property), r.Violation.Property, int(r.States),
			strings.Join(r.Schedule, "; "))
	}
	return []Verdict{v}
}
