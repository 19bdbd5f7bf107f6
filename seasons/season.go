package seasons

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Season is a change to a composition: it swaps parts of a variant for those of one section of
// the paper (§6), or for parts of one's own.
type Season struct {
	Name string
	// Assumes says what must hold for the season's parts to work.
	Assumes string
	// Check says why the season cannot work with a number of processes; nil if it always can.
	Check func(processes int) error
	// Excludes names the seasons whose assumptions contradict this one's.
	Excludes []string
	// Apply makes the changed variant. It must change nothing that another season changes, so
	// that the order of seasons does not matter.
	Apply func(v Variant) Variant
}

// ContradictionError says that two seasons cannot be combined.
type ContradictionError struct{ First, Second Season }

func (e *ContradictionError) Error() string {
	return fmt.Sprintf("%s and %s cannot be combined: %s assumes %s; %s assumes %s",
		e.First.Name, e.Second.Name, e.First.Name, e.First.Assumes, e.Second.Name, e.Second.Assumes)
}

// Compose applies seasons to plain Paxos. The variant's name is that of the seasons, in
// alphabetical order. The error is a *ContradictionError, or says that a season is there twice.
func Compose(seasons ...Season) (Variant, error) {
	sorted := slices.Clone(seasons)
	slices.SortStableFunc(sorted, func(a, b Season) int { return strings.Compare(a.Name, b.Name) })
	v := Paxos()
	var names []string
	for i, s := range sorted {
		for _, other := range sorted[:i] {
			switch {
			case other.Name == s.Name:
				return Variant{}, errors.New(s.Name + " is there twice: expected each season once")
			case slices.Contains(s.Excludes, other.Name) || slices.Contains(other.Excludes, s.Name):
				return Variant{}, &ContradictionError{other, s}
			}
		}
		v = s.Apply(v)
		if s.Check != nil {
			v.checks = append(v.checks, s.Check)
		}
		names = append(names, s.Name)
	}
	if len(names) > 0 {
		v.Name = strings.Join(names, "+")
	}
	return v, nil
}
