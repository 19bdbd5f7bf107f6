package shrink

import (
	"errors"
	"fmt"
	"slices"
)

// ErrSound says that the schedule as it was given does not fail.
var ErrSound = errors.New("the schedule does not fail: expected one that does")

// mostPaired is how many elements may be left for pairs of them to be tried.
const mostPaired = 24

// Task is a schedule that fails, and how to find out whether another one does.
type Task[E any] struct {
	// Schedule is what fails. It is not changed.
	Schedule []E
	// Play says whether a candidate fails in the same way, and which of its elements had any
	// effect, in the same order: the others are left out at once. It must be a function of the
	// candidate, which it may keep but not change. Who cannot tell gives the candidate back.
	Play func(candidate []E) (effective []E, fails bool)
	// Simpler lists what may take the place of an element, the simplest first. What it lists must
	// not lead back to the element. It may be nil.
	Simpler func(element E) []E
	// Budget is how many candidates are played at most, at least 1.
	Budget int
	// Progress hears after each play, and says whether to go on; otherwise all ends as if the budget
	// had. It may be nil.
	Progress func(Progress) (more bool)
}

// Progress is how far a task has come.
type Progress struct {
	Plays  int // Of the budget.
	Length int // Of the shortest schedule that was seen to fail.
}

// Report says how a schedule was made shorter.
type Report struct {
	Plays         int
	Before, After int  // Elements.
	Complete      bool // Nothing more can be left out or made simpler: the budget did not end it.
}

func (r Report) String() string {
	end := ""
	if !r.Complete {
		end = ", where the budget ended"
	}
	return fmt.Sprintf("%d of %d after %d plays%s", r.After, r.Before, r.Plays, end)
}

// shrinking is a task under way.
type shrinking[E any] struct {
	Task[E]
	shortest []E
	plays    int
	ended    bool
}

// Minimal carries out the task. The error is ErrSound.
func (t Task[E]) Minimal() ([]E, Report, error) {
	s := &shrinking[E]{Task: t, shortest: t.Schedule}
	report := func(complete bool) Report {
		return Report{s.plays, len(t.Schedule), len(s.shortest), complete}
	}
	if !s.try(slices.Clone(t.Schedule)) {
		return nil, report(false), ErrSound
	}
	for s.removed() || s.unpaired() || s.simplified() {
	}
	return slices.Clone(s.shortest), report(!s.spent()), nil
}

func (s *shrinking[E]) spent() bool { return s.ended || s.plays >= s.Budget }

// play plays a candidate, if the budget allows it.
func (s *shrinking[E]) play(candidate []E) (effective []E, fails bool) {
	if s.spent() {
		return nil, false
	}
	s.plays++
	effective, fails = s.Play(candidate)
	if s.Progress != nil {
		s.ended = !s.Progress(Progress{s.plays, len(s.shortest)})
	}
	return effective, fails
}

// try plays a candidate, which takes the place of the shortest if it fails. What had no effect is
// left out, if that fails as well.
func (s *shrinking[E]) try(candidate []E) bool {
	effective, fails := s.play(candidate)
	for fails {
		s.shortest = candidate
		if len(effective) >= len(candidate) {
			return true
		}
		candidate = effective
		effective, fails = s.play(candidate)
		if !fails {
			return true
		}
	}
	return false
}

// removed leaves out chunks and then single elements, until no single one can be. It says whether
// anything went.
func (s *shrinking[E]) removed() bool {
	before := len(s.shortest)
	for size := max(1, len(s.shortest)/2); !s.spent(); {
		shorter := s.pass(size)
		if size == 1 && !shorter {
			break
		}
		if size > 1 {
			size = min(size/2, max(1, len(s.shortest)/2))
		}
	}
	return len(s.shortest) < before
}

// pass leaves out every chunk of a size that can be, from the end, and says whether any could.
func (s *shrinking[E]) pass(size int) bool {
	shorter := false
	for end := len(s.shortest); end > 0 && !s.spent(); {
		begin := max(0, end-size)
		if s.try(slices.Concat(s.shortest[:begin], s.shortest[end:])) {
			shorter = true
		}
		end = min(begin, len(s.shortest))
	}
	return shorter
}

// unpaired leaves out two elements of which neither can be alone, such as what breaks something
// and what mends it, and says whether any could.
func (s *shrinking[E]) unpaired() bool {
	if len(s.shortest) > mostPaired {
		return false
	}
	for second := len(s.shortest) - 1; second > 0; second-- {
		for first := second - 1; first >= 0; first-- {
			rest := slices.Concat(
				s.shortest[:first], s.shortest[first+1:second], s.shortest[second+1:])
			if s.try(rest) {
				return true
			}
		}
	}
	return false
}

// simplified replaces elements by simpler ones and says whether any was.
func (s *shrinking[E]) simplified() bool {
	if s.Simpler == nil {
		return false
	}
	changed := false
	for i := 0; i < len(s.shortest); i++ {
		for i < len(s.shortest) && s.simplify(i) {
			changed = true
		}
	}
	return changed
}

// simplify replaces an element by the simplest that will do and says whether there was any.
func (s *shrinking[E]) simplify(i int) bool {
	for _, simpler := range s.Simpler(s.shortest[i]) {
		candidate := slices.Clone(s.shortest)
		candidate[i] = simpler
		if s.try(candidate) {
			return true
		}
	}
	return false
}
