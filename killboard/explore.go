package killboard

import (
	"context"
	"fmt"
	"strings"

	"paxon/explore"
	"paxon/explore/setting"
	"paxon/seasons"
	"paxon/sim"
	"paxon/sim/flawed"
)

// Explore is the checker that visits every state of the consensus of a composition, or of CASPaxos, in
// bounds.
const Explore = "explore"

// mostStates is how many states a search visits, and mostOfChanges one of CASPaxos.
const (
	mostStates    = 200_000
	mostOfChanges = 300_000
)

// searched is what of a composition is searched: two processes propose once each, in one instance
// with a crash and a recovery, or if there is permission in two without. Nil if what is broken is not
// in registers and consensus.
func searched(c flawed.Composition) *explore.Config {
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
	return &explore.Config{
		Model: explore.Consensus(c.Variant, b), Reductions: explore.AllReductions(), Workers: 1,
		States: mostStates,
	}
}

// searchedChanges is the search of a broken CASPaxos in which a property is known to fall, nil if there is
// none, or it takes too long.
func searchedChanges(name string) *explore.Config {
	for _, f := range setting.AllFallen() {
		if f.Variant != flawed.Prefix+name || f.Large {
			continue
		}
		c, err := f.Config()
		if err != nil {
			panic(fmt.Sprintf("killboard: the search of caspaxos/%s: %v", name, err))
		}
		c.States = mostOfChanges
		return &c
	}
	return nil
}

// exploration searches an entry.
func exploration(e Entry, _ Budget) []Verdict {
	v := Verdict{Checker: Explore, Result: Survived}
	if e.search == nil {
		v.Result = None
		return []Verdict{v}
	}
	var r explore.Result
	var err error
	crash := protect(func() {
		r, err = explore.Run(context.Background(), *e.search)
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
