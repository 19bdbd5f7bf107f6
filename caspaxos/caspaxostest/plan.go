package caspaxostest

import (
	"math/rand/v2"
	"time"

	"paxon/caspaxos"
	"paxon/conformance"
	"paxon/process"
)

// duration is the virtual time with faults.
const duration = 400 * time.Millisecond

// plan is what a run is to be like. Each run draws which difficulties it has.
type plan struct {
	processes, members int
	keys               int
	bursts, burst      int
	deletions          int // Of 20 operations.
	reconfigurations   int
	proposals          int        // Changes of the proposers alone.
	edits              int        // Times at which two ask for edits.
	deaf               process.ID // Who hears of no configuration from others, 0 for nobody,
	deafFrom, deafTo   time.Duration
	driversCrash       bool
	collects           bool
	held               float64 // Which share of the messages is held up, and how long at most.
	hold               time.Duration
	fatal              []int // Numbers of the Puts at which a process crashes.
	alike              bool  // All processes draw the same waits, and so do much at the same time.
	initial            caspaxos.Configuration
	options            caspaxos.Options
}

func newPlan(a conformance.Assumptions, r *rand.Rand) plan {
	p := plan{
		members: 1 + r.IntN(5), keys: 1 + r.IntN(3), bursts: 2 + r.IntN(20), burst: 1 + r.IntN(3),
		deletions: r.IntN(4),
	}
	if r.IntN(2) == 0 {
		p.members = 3
	}
	if r.IntN(3) == 0 { // A key comes and goes.
		p.keys, p.deletions, p.bursts = 1, 8, 10+r.IntN(30)
	}
	if r.IntN(2) == 0 {
		p.held = 0.2 * r.Float64()
	}
	p.hold = time.Duration(10+r.IntN(190)) * time.Millisecond
	if a.Processes > 0 {
		p.members = min(p.members, a.Processes)
	}
	p.processes = p.members
	if r.IntN(2) == 0 {
		p.change(a, r)
	}
	p.collects = p.proposals > 0 || r.IntN(3) > 0
	if a.Crashes != 0 && r.IntN(3) == 0 {
		for range 1 + r.IntN(3) {
			p.fatal = append(p.fatal, 1+r.IntN(200))
		}
	}
	p.initial = initial(p.members, r)
	if p.reconfigurations == 0 || r.IntN(4) == 0 { // Some propose who are no acceptors.
		for q := p.members; q < p.processes; q++ {
			p.initial.Proposers = append(p.initial.Proposers, process.ID(q+1))
		}
	}
	p.options.Limits = limits(p, r)
	p.options.Retransmit = retransmission(p.options.Limits)
	p.alike = r.IntN(2) == 0
	if p.reconfigurations > 0 && r.IntN(5) == 0 {
		p.edits = 1 + r.IntN(3)
	}
	return p
}

// waits is the source of the waits of one incarnation. It is a stream of its own, so that what else a run
// draws does not change them.
func (p *plan) waits(seed uint64, self process.ID, life process.Incarnation) *rand.Rand {
	if p.alike {
		return rand.New(rand.NewPCG(seed, 3))
	}
	return rand.New(rand.NewPCG(seed, uint64(self)<<32|uint64(life)))
}

// change has the membership change in a run, or the proposers alone and more often.
func (p *plan) change(a conformance.Assumptions, r *rand.Rand) {
	p.processes += r.IntN(3)
	p.reconfigurations = 1 + r.IntN(3)
	p.proposals = 1 + r.IntN(3)
	p.driversCrash = a.Crashes != 0 && r.IntN(2) == 0
	if r.IntN(3) == 0 {
		p.reconfigurations, p.proposals = 0, 3+r.IntN(6)
		p.processes = p.members + 1 + r.IntN(2)
	}
	if r.IntN(2) == 0 {
		p.deaf = process.ID(1 + r.IntN(p.processes))
		p.deafFrom = time.Duration(r.Int64N(int64(duration)))
		p.deafTo = p.deafFrom + time.Duration(r.Int64N(int64(duration)))
	}
}

// initial is majorities, or quorums of another kind (appendix B).
func initial(members int, r *rand.Rand) caspaxos.Configuration {
	var all []process.ID
	for p := range members {
		all = append(all, process.ID(p+1))
	}
	quorums := func(least int) caspaxos.Quorums { return caspaxos.Quorums{Among: all, Least: least} }
	switch n := r.IntN(6); {
	case n == 0:
		least := 1 + r.IntN(members)
		return caspaxos.Flexible(all, quorums(least), quorums(members+1-least))
	case n == 1 && members == 4: // A grid: prepare a column, accept a row.
		return caspaxos.Flexible(all,
			caspaxos.Quorums{Sets: [][]process.ID{{1, 3}, {2, 4}}},
			caspaxos.Quorums{Sets: [][]process.ID{{1, 2}, {3, 4}}})
	}
	return caspaxos.Initial(all)
}

// limits are small, so that short runs reach them.
func limits(p plan, r *rand.Rand) caspaxos.Limits {
	l := caspaxos.DefaultLimits()
	l.Keys, l.Kept, l.Arrays = 2+r.IntN(4), 64, 1+r.IntN(3)
	l.Page, l.Batch = 1+r.IntN(200), 1+r.IntN(3)
	l.Backoff, l.MaxBackoff = time.Millisecond<<r.IntN(4), 40*time.Millisecond
	l.Collect = 10 * time.Second
	if p.collects {
		l.Collect = time.Duration(4+r.IntN(40)) * time.Millisecond
	}
	l.Rescan = r.IntN(3) == 0
	return l
}
