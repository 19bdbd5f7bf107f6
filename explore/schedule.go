package explore

import (
	"fmt"
	"slices"

	"paxon/sim"
)

// taken is a choice on a way, the state in which it was made, and its line in the schedule.
type taken struct {
	state  state
	choice choice
	text   string
}

// way is a shortest way to a state that was visited.
func (x *search) way(to Hash) []taken {
	var hashes []Hash
	for h := to; ; {
		from, depth := x.visited.parent(h)
		if depth == 0 {
			break
		}
		hashes = append(hashes, h)
		h = from
	}
	slices.Reverse(hashes)
	s, _ := x.initial()
	all, found := x.along(s, hashes)
	slices.Reverse(all)
	if !found {
		panic(&UnsearchableError{
			"a state that was visited cannot be reached again: a part is not deterministic",
		})
	}
	return all
}

// along finds choices that lead from a state to one of each fingerprint in turn. Several may lead to
// the next, if processes are symmetric: one of them leads on.
func (x *search) along(s state, hashes []Hash) (all []taken, found bool) {
	if len(hashes) == 0 {
		return nil, true
	}
	x.choices(s, func(c choice) {
		if found {
			return
		}
		next, _ := x.after(s, c, nil)
		if h, _ := x.hash(next, nil); h != hashes[0] {
			return
		}
		if all, found = x.along(next, hashes[1:]); found {
			all = append(all, taken{s, c, x.text(s, c)})
		}
	})
	return all, found
}

// ScheduleError says that a line of a schedule is none of the choices there are.
type ScheduleError struct {
	Line    int // From 1.
	Text    string
	Choices []string
}

func (e *ScheduleError) Error() string {
	return fmt.Sprintf("line %d of the schedule: %q is none of the %d choices there are: %q",
		e.Line, e.Text, len(e.Choices), e.Choices)
}

// Replay does what a schedule says, and writes the events to a trace, which may be nil. The error
// is a *ScheduleError.
func Replay(c Config, schedule []string, trace *sim.Trace) (*sim.Violation, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	x := newSearch(c)
	s, violation := x.initial()
	r := replay{search: x, tracer: newTracer(trace, x.all)}
	for i, line := range schedule {
		if violation != nil {
			break
		}
		chosen, err := x.find(s, line)
		if err != nil {
			err.Line = i + 1
			return nil, err
		}
		s, violation = r.perform(s, chosen)
	}
	if violation != nil {
		r.violation(violation)
	}
	return violation, nil
}

// replay performs a schedule, with its events traced.
type replay struct {
	*search
	*tracer
}

// perform does what a choice says once for the trace, and once for the state after it.
func (r *replay) perform(s state, c choice) (state, *sim.Violation) {
	r.begin()
	for _, id := range r.search.perform(r.locals.at(s[c.process-1]), c.in, r.tracer).sends {
		r.send(r.messages.at(id))
	}
	return r.after(s, c, nil)
}

// find gives the choice that a line of a schedule names.
func (x *search) find(s state, line string) (found choice, missing *ScheduleError) {
	missing = &ScheduleError{Text: line}
	x.choices(s, func(c choice) {
		text := x.text(s, c)
		if text == line && missing != nil {
			found, missing = c, nil
		} else if missing != nil {
			missing.Choices = append(missing.Choices, text)
		}
	})
	return found, missing
}
