package stage

import (
	"context"
	"strings"

	"paxon/conformance"
	"paxon/explore"
	"paxon/seasons"
)

// mostStates bounds each of the searches of all states.
const mostStates = 100_000

// Models are what is searched of a kind of part.
func (s Subject) Models(a conformance.Assumptions) []explore.Model {
	if s.Model == nil {
		return nil
	}
	var models []explore.Model
	for _, b := range bounds(a.WithDefaults()) {
		models = append(models, s.Model(variant(a), b))
	}
	return models
}

// bounds are those of the searches of all states: one process operates, crashes and recovers; and
// two operate, at the same time.
func bounds(a conformance.Assumptions) []explore.Bounds {
	alone := explore.Bounds{
		Processes: a.Processes, Rounds: []int{1}, Instances: 1, Crashes: min(1, abs(a.Crashes)),
	}
	if a.Recovers {
		alone.Recoveries = alone.Crashes
	}
	return []explore.Bounds{
		alone, {Processes: 3, Rounds: []int{1, 1}, Instances: 1},
	}
}

func abs(n int) int { return max(n, -n) }

// variant is one that has nothing but what the assumptions say, for a suite to put its parts into.
func variant(a conformance.Assumptions) seasons.Variant {
	v := seasons.Variant{Name: "part", Recovers: a.Recovers, Disks: a.Disks > 0}
	if a.Storage == conformance.Stable {
		v.Storage = seasons.Stable
	}
	if a.Crashes >= 0 {
		v.Crashes = func(int) int { return a.Crashes }
	}
	return v
}

// explore visits all states of the models, and says what they violate.
func (r report) explore(models []explore.Model) {
	for _, m := range models {
		if !r.Over() {
			r.Add(searchAll(m, r.Tried))
		}
	}
}

// searchAll searches a model.
func searchAll(m explore.Model, tried func(n int)) *conformance.Failure {
	found, err := explore.Run(context.Background(), explore.Config{
		Model: m, Workers: 1, States: mostStates,
		Reductions: explore.Reductions{Self: true, Dead: true, Storage: true},
	})
	tried(int(found.States))
	switch {
	case err != nil: // It does not do the same again.
		return &conformance.Failure{
			Property: Deterministic, Layer: conformance.Exhaustive, Replay: "search of all states",
			Detail: err.Error(),
		}
	case found.Violation == nil:
		return nil
	}
	return &conformance.Failure{
		Property: found.Violation.Property, Layer: conformance.Exhaustive,
		Replay: "schedule " + strings.Join(found.Schedule, "; "), Detail: found.Violation.Detail,
	}
}
