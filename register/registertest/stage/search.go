package stage

import (
	"cmp"
	"slices"

	"paxon/conformance"
	"paxon/process"
)

// mostSchedules bounds the search of one plan unless the assumptions say.
const mostSchedules = 1500

// mostDepth bounds the choices of one schedule; after it, the faults end.
const mostDepth = 120

// plan is the operations of a search: their processes in the order in which they begin, and the
// numbers of their rounds, where 0 is for the next of that process.
type plan []struct {
	process process.ID
	number  uint64
}

// plans are two operations each by two of the processes, or by one that may crash in between.
func plans() []plan {
	return []plan{{{1, 1}, {2, 2}}, {{2, 2}, {1, 1}}, {{1, 1}, {1, 0}}}
}

// searching is one schedule of a search: a path of choices, of which those after its end are the
// first ones.
type searching struct {
	*Stage
	storage *prompt
	plan    plan
	path    []int
	counts  []int // How many choices there were at each step.
	crashes int
	idle    int
}

// search tries the schedules of a plan that differ from the plain one in nothing, then in one
// choice, then in two and so on, until one fails.
func search(
	subject Subject, a conformance.Assumptions, of plan,
) (path []int, schedules int, failed bool) {
	queue := [][]int{nil}
	most := cmp.Or(a.Schedules, mostSchedules)
	for len(queue) > 0 && schedules < most {
		path = queue[0]
		queue = queue[1:]
		schedules++
		x := schedule(subject, a, of, path, false)
		if x.failed() {
			return path, schedules, true
		}
		for at := len(path); at < len(x.counts) && len(queue) < most; at++ {
			for choice := 1; choice < x.counts[at]; choice++ {
				next := append(make([]int, 0, at+1), path...)
				next = append(next, make([]int, at-len(path))...)
				queue = append(queue, append(next, choice))
			}
		}
	}
	return nil, schedules, false
}

// schedule plays one schedule of a plan.
func schedule(
	subject Subject, a conformance.Assumptions, of plan, path []int, logging bool,
) *searching {
	storage := &prompt{}
	x := &searching{
		Stage: newStage(subject, a, storage, logging), storage: storage, plan: of, path: path,
	}
	x.protect(x.run)
	return x
}

func (x *searching) run() {
	for step := range mostDepth {
		options := x.options()
		if x.failed() || len(options) == 0 {
			break
		}
		x.counts = append(x.counts, len(options))
		choice := 0
		if step < len(x.path) {
			choice = x.path[step]
		}
		options[choice]()
	}
	x.Heal()
}

// options are the choices at one step, the plain one first.
func (x *searching) options() []func() {
	var options []func()
	add := func(do func()) { options = append(options, do) }
	now := x.arrivable()
	first := slices.IndexFunc(now, func(i int) bool { return !x.messages[i].late })
	if first >= 0 {
		add(func() { x.idle = 0; x.arrive(now[first], false) })
	}
	if x.idle < mostIdle/8 && x.eventful() {
		add(func() { x.idle++; x.World.Step() })
	}
	if len(x.plan) > 0 && x.IsUp(x.plan[0].process) {
		add(x.next)
	}
	if first < 0 && len(now) > 0 {
		add(func() { x.idle = 0; x.arrive(now[0], false) })
	}
	if len(options) == 0 {
		return nil
	}
	if first >= 0 && x.messages[now[first]].from != x.messages[now[first]].to {
		m := x.messages[now[first]]
		if x.assumptions.Reordering {
			add(func() { m.late = true })
		}
		if x.assumptions.Duplicates && !m.doubled {
			add(func() { m.late, m.doubled = true, true; x.arrive(now[first], true) })
		}
	}
	return append(options, x.faults()...)
}

// next begins the next operation of the plan.
func (x *searching) next() {
	p, number := x.plan[0].process, x.plan[0].number
	x.plan = x.plan[1:]
	x.idle = 0
	by := uint64(1)
	if number > x.numbers[p-1] {
		by = number - x.numbers[p-1]
	}
	x.Attempt(p, 1, x.NextRound(p, by))
}

// faults are the crashes and recoveries to choose from.
func (x *searching) faults() []func() {
	const mostCrashes = 2
	var faults []func()
	for _, p := range x.World.All() {
		if x.mayCrash(p) && x.crashes < mostCrashes {
			for _, kept := range []int{0, all} {
				faults = append(faults, func() {
					x.crashes++
					x.storage.kept = kept
					x.crash(p)
				})
			}
		}
		if x.mayRecover(p) {
			faults = append(faults, func() { x.start(p) })
		}
	}
	return faults
}
