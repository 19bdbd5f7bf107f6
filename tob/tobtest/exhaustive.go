package tobtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"paxon/conformance"
	"paxon/explore"
	"paxon/seasons"
)

// mostStates cuts a search: the largest of our compositions of three takes less than 6,000.
const mostStates = 8000

// bounds are what the layer exhaustive searches, for each of its plans: p1 broadcasts and may lead,
// while a process crashes, and recovers, if one may; and p2 broadcasts while p1 and p2 may lead.
func bounds(v seasons.Variant, a conformance.Assumptions) []explore.BroadcastBounds {
	alone := explore.BroadcastBounds{
		Processes: a.Processes, Broadcasts: []int{1}, Elections: []int{1}, Rounds: 1, Instances: 2,
	}
	if a.Crashes != 0 && (v.Crashes == nil || v.Crashes(a.Processes) > 0) {
		alone.Crashes = 1
	}
	if v.Recovers {
		alone.Recoveries = alone.Crashes
	}
	if a.Processes == 1 {
		return []explore.BroadcastBounds{alone}
	}
	return []explore.BroadcastBounds{alone, {
		Processes: a.Processes, Broadcasts: []int{0, 1}, Elections: []int{1, 1}, Rounds: 1, Instances: 1,
	}}
}

// exhaustive searches all that may happen within the bounds.
func exhaustive(v seasons.Variant, a conformance.Assumptions, report *conformance.Report) {
	for i, b := range bounds(v, a) {
		if report.Over() {
			return
		}
		plan, model := fmt.Sprintf("plan %d", i+1), explore.Broadcast(v, b)
		if i > 0 {
			model.Sometimes = nil // Whether one aborts is up to the registers.
		}
		r, deterministic := searchTwice(explore.Config{
			Model: model, Reductions: explore.AllReductions(), Workers: 1,
			States: uint64(cmp.Or(a.Schedules, mostStates)),
		})
		report.Tried(max(1, int(r.States)) - 1)
		f := found(r, plan)
		if !deterministic {
			f = &conformance.Failure{
				Property: Deterministic, Replay: plan, Detail: "two searches of the same differ",
			}
		}
		if f != nil {
			f.Layer = conformance.Exhaustive
		}
		report.Add(f)
	}
}

// found is what a search has shown, nil if all is well.
func found(r explore.Result, plan string) *conformance.Failure {
	switch {
	case r.Violation != nil:
		return &conformance.Failure{
			Property: r.Violation.Property, Replay: plan + ": " + strings.Join(r.Schedule, "; "),
			Detail: r.Violation.Detail,
		}
	case r.Cut == "" && len(r.Never) > 0:
		return &conformance.Failure{
			Property: NonTriviality, Replay: plan,
			Detail: fmt.Sprintf("in none of %d states: %s", r.States, strings.Join(r.Never, "; ")),
		}
	}
	return nil
}

// searchTwice does a search, and says whether it finds the same when it is done again. One that is
// cut is not, for the time that it takes.
func searchTwice(c explore.Config) (r explore.Result, deterministic bool) {
	if r, deterministic = search(c); !deterministic || r.Cut != "" {
		return r, deterministic
	}
	again, deterministic := search(c)
	again.Time, again.Bytes = r.Time, r.Bytes
	return r, deterministic && reflect.DeepEqual(r, again)
}

func search(c explore.Config) (r explore.Result, deterministic bool) {
	r, err := explore.Run(context.Background(), c)
	if _, unsearchable := errors.AsType[*explore.UnsearchableError](err); unsearchable {
		return r, false
	}
	if err != nil {
		panic(fmt.Sprintf("tobtest: %v: expected bounds that can be searched", err))
	}
	return r, true
}
