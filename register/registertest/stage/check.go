package stage

import (
	"errors"
	"fmt"

	"paxon/conformance"
)

// report collects failures, the first of each property and layer.
type report struct {
	failures []error
	seen     map[[2]string]bool
}

func (r *report) add(s *Stage, layer, format string, args ...any) {
	if key := [2]string{s.property, layer}; s.failed() && !r.seen[key] {
		r.seen[key] = true
		r.failures = append(r.failures, &conformance.Failure{
			Property: s.property, Layer: layer, Replay: fmt.Sprintf(format, args...), Detail: s.detail,
		})
	}
}

// Check does all layers of a suite. The error joins a *conformance.Failure for each property that
// does not hold in a layer.
func Check(subject Subject, a conformance.Assumptions) error {
	a = a.WithDefaults()
	if a.Processes < 3 {
		return fmt.Errorf("a suite with %d processes: expected at least 3, so that one may differ "+
			"from a majority", a.Processes)
	}
	r := &report{seen: map[[2]string]bool{}}
	r.scripts(subject, a)
	for i, of := range plans() {
		search(subject, a, of, func(s *Stage, path []int) {
			r.add(s, "exhaustive", "plan %d, schedule %v", i+1, path)
		})
	}
	for seed := range a.Seeds {
		r.add(random(subject, a, seed), "seeds", "seed %d", seed)
	}
	if a.Storage == conformance.Stable && a.Recovers {
		r.persistence(subject, a)
	}
	r.hygiene(subject, a)
	return errors.Join(r.failures...)
}

func (r *report) scripts(subject Subject, a conformance.Assumptions) {
	for _, script := range append(scripts(), subject.Scripts...) {
		s := newStage(subject, a, prompt{})
		s.protect(func() {
			script.Play(s)
			s.Heal()
		})
		layer := "script"
		if s.property == Progress {
			layer = "progress"
		}
		r.add(s, layer, "%s", script.Name)
	}
}

func (r *report) persistence(subject Subject, a conformance.Assumptions) {
	for when := range moments {
		for _, up := range []bool{true, false} {
			for n := 1; ; n++ {
				s := persistence(subject, a, n, when, up)
				if s == nil {
					break
				}
				r.add(s, "persistence", "%s", persistencePoint(n, when, up))
			}
		}
	}
}

// hygiene does what the other layers do not: it runs seeds twice, and has everything arrive twice.
func (r *report) hygiene(subject Subject, a conformance.Assumptions) {
	for seed := range 3 {
		s, one := newRandom(subject, a, seed, true)
		_, other := newRandom(subject, a, seed, true)
		if one != other && !s.failed() {
			s.Fail(Deterministic, "two runs of one seed differ in their events")
			r.add(s, "hygiene", "seed %d", seed)
		}
	}
	if !a.Duplicates {
		return
	}
	s := newStage(subject, a, prompt{})
	s.protect(func() {
		s.doubling = true
		alone(s)
		s.Heal()
	})
	if s.failed() {
		s.detail = s.property + ": " + s.detail
		s.property = Duplicates
	}
	r.add(s, "hygiene", "everything arrives twice")
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
