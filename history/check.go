package history

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// Verdict is what a check found.
type Verdict int

// The verdicts.
const (
	Undecided Verdict = iota // The time was not enough: nothing is known.
	OK
	Violation
)

// String is the word for the verdict.
func (v Verdict) String() string {
	switch v {
	case OK:
		return "ok"
	case Violation:
		return "violation"
	case Undecided:
	}
	return "undecided"
}

// Counts is what a history is made of.
type Counts struct {
	Messages    int // Different values that were broadcast.
	Calls       int // Broadcasts: more than messages, if some were handed over again.
	Reads       int
	Unknown     int // Messages of which no answer came.
	UnknownSeen int // Those of them that some read saw.
}

// Add adds the counts of another history.
func (c *Counts) Add(d Counts) {
	c.Messages += d.Messages
	c.Calls += d.Calls
	c.Reads += d.Reads
	c.Unknown += d.Unknown
	c.UnknownSeen += d.UnknownSeen
}

// Result is what Check found.
type Result struct {
	Verdict Verdict
	Counts  Counts
	// Reason says how far the history can be put in order, if it is a Violation.
	Reason string
}

// Check searches for an order of the operations that total order broadcast allows, for at most
// the timeout, 0 for no limit. A history that it cannot decide in that time is Undecided. The
// error is an *OperationError for an operation that makes no sense.
func Check(history []Operation, timeout time.Duration) (Result, error) {
	p, err := newPlan(history)
	if err != nil {
		return Result{}, err
	}
	limit := newClock(timeout)
	ok := porcupine.CheckOperations(model(p.sessions, limit), p.steps)
	r := Result{Verdict: verdict(ok, limit.expired), Counts: p.counts}
	if r.Verdict == Violation {
		_, info := search(p, timeout)
		r.Reason = reason(p, info)
	}
	return r, nil
}

func verdict(ok, expired bool) Verdict {
	switch {
	case ok:
		return OK
	case expired:
		return Undecided
	}
	return Violation
}

// search keeps what it comes to. The model that it returns is for showing that.
func search(p plan, timeout time.Duration) (porcupine.Model, porcupine.LinearizationInfo) {
	_, info := porcupine.CheckOperationsVerbose(model(p.sessions, newClock(timeout)), p.steps, 0)
	return model(p.sessions, newClock(0)), info
}

// reason finds the longest order that Porcupine came to, and what had to be next in it. Of those that
// are as long it is the least, for Porcupine lists them in any order.
func reason(p plan, info porcupine.LinearizationInfo) string {
	var longest []int
	for _, partition := range info.PartialLinearizations() {
		for _, order := range partition {
			if cmp.Or(cmp.Compare(len(longest), len(order)), slices.Compare(order, longest)) < 0 {
				longest = order
			}
		}
	}
	ordered := make([]bool, len(p.steps))
	for _, i := range longest {
		ordered[i] = true
	}
	first, end := -1, int64(math.MaxInt64)
	for i, o := range p.steps {
		if !ordered[i] && o.Return < end {
			first, end = i, o.Return
		}
	}
	if first < 0 {
		return fmt.Sprintf("%d steps cannot be put in an order", len(p.steps))
	}
	text := fmt.Sprintf("%d of %d steps can be put in an order", len(longest), len(p.steps))
	if len(longest) > 0 {
		last := p.steps[longest[len(longest)-1]].Input.(*step)
		text += fmt.Sprintf(", the last of them %v", last.op)
	}
	return text + fmt.Sprintf("; then not %v", p.steps[first].Input.(*step).op)
}

// Draw writes Porcupine's picture of a history, as HTML: what can be put in an order, and what not.
// The error is an *OperationError, or the writer's.
func Draw(w io.Writer, history []Operation, timeout time.Duration) error {
	p, err := newPlan(history)
	if err != nil {
		return err
	}
	m, info := search(p, timeout)
	return porcupine.Visualize(m, info, w)
}
