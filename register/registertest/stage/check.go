package stage

import (
	"cmp"
	"fmt"
	"strings"

	"paxon/conformance"
)

// report collects failures, the first of each property and layer.
type report struct{ *conformance.Report }

// add notes what a run has shown. It is played again for the events that led to a failure.
func (r report) add(layer, replay string, play func(logging bool) *Stage) {
	s := play(false)
	if s == nil || !s.failed() {
		r.Add(nil)
		return
	}
	if s.property == Progress && layer == conformance.Script {
		layer = conformance.Progress
	}
	if r.Known(s.property, layer) {
		r.Add(nil)
		return
	}
	property, detail := s.property, s.detail
	if !s.logging {
		if again := play(true); again != nil {
			s = again
		}
	}
	r.Add(&conformance.Failure{
		Property: property, Layer: layer, Replay: replay,
		Detail: detail + "; the events before:\n" + last(s.log.String(), 30),
	})
}

// last is the last lines of a log, at most so many.
func last(log string, most int) string {
	lines := strings.Split(strings.TrimSuffix(log, "\n"), "\n")
	return "\t" + strings.Join(lines[max(0, len(lines)-most):], "\n\t")
}

// Seeds is how many random runs there are unless the assumptions say: ten times as many as the part
// of the galleries takes that takes the most, of those which nothing else finds.
const Seeds = 3000

// Check does all layers of a suite. The error joins a *conformance.Failure for each property that
// does not hold in a layer.
func Check(subject Subject, a conformance.Assumptions) error {
	a.Seeds = cmp.Or(a.Seeds, Seeds)
	a = a.WithDefaults()
	if a.Processes < 3 {
		return fmt.Errorf("a suite with %d processes: expected at least 3, so that one may differ "+
			"from a majority", a.Processes)
	}
	r := report{conformance.NewReport(a)}
	if r.Begin(conformance.Script) {
		r.scripts(subject, a)
	}
	if r.Begin(conformance.Exhaustive) {
		r.exhaustive(subject, a)
	}
	if r.Begin(conformance.Seeds) {
		for seed := 0; seed < a.Seeds && !r.Over(); seed++ {
			r.add(conformance.Seeds, fmt.Sprintf("seed %d", seed),
				func(logging bool) *Stage { return random(subject, a, seed, logging) })
		}
	}
	if r.Begin(conformance.Persistence) && a.Storage == conformance.Stable && a.Recovers {
		r.persistence(subject, a)
	}
	if r.Begin(conformance.Hygiene) {
		r.hygiene(subject, a)
	}
	return r.Err()
}

func (r report) exhaustive(subject Subject, a conformance.Assumptions) {
	for i, of := range plans() {
		path, schedules, failed := search(subject, a, of)
		r.Tried(schedules - 1)
		r.add(conformance.Exhaustive, fmt.Sprintf("plan %d, schedule %v", i+1, path),
			func(logging bool) *Stage {
				if !failed {
					return nil
				}
				return schedule(subject, a, of, path, logging).Stage
			})
		if r.Over() {
			return
		}
	}
	r.explore(subject.Models(a))
}

func (r report) scripts(subject Subject, a conformance.Assumptions) {
	for _, script := range append(scripts(), subject.Scripts...) {
		if r.Over() {
			return
		}
		r.add(conformance.Script, script.Name, func(logging bool) *Stage {
			s := newStage(subject, a, prompt{}, logging)
			s.protect(func() {
				script.Play(s)
				s.Heal()
			})
			return s
		})
	}
}

func (r report) persistence(subject Subject, a conformance.Assumptions) {
	for when := range moments {
		for _, up := range []bool{true, false} {
			for n, reached := 1, true; reached && !r.Over(); n++ {
				r.add(conformance.Persistence, persistencePoint(n, when, up), func(logging bool) *Stage {
					s := persistence(subject, a, n, when, up, logging)
					reached = s != nil
					return s
				})
			}
		}
	}
}

// hygiene does what the other layers do not: it runs seeds twice, and has everything arrive twice.
func (r report) hygiene(subject Subject, a conformance.Assumptions) {
	for seed := range 3 {
		r.add(conformance.Hygiene, fmt.Sprintf("seed %d", seed), func(bool) *Stage {
			s, other := random(subject, a, seed, true), random(subject, a, seed, true)
			if s.log.String() == other.log.String() {
				return nil
			}
			s.property, s.detail = Deterministic, "two runs of one seed differ in their events"
			return s
		})
	}
	if !a.Duplicates {
		return
	}
	r.add(conformance.Hygiene, "everything arrives twice", func(logging bool) *Stage {
		s := newStage(subject, a, prompt{}, logging)
		s.protect(func() {
			s.Doubled(func() {
				alone(s)
				s.Heal()
			})
		})
		if s.failed() {
			s.property, s.detail = Duplicates, s.property+": "+s.detail
		}
		return s
	})
}

// protect turns a panic of the part under test into a failure.
func (s *Stage) protect(run func()) {
	defer func() {
		if p := recover(); p != nil {
			s.Fail(NoPanic, "%v", p)
		}
	}()
	run()
}
