package keys

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/anishathalye/porcupine"
)

// Kind is what a call asks for.
type Kind int

// The kinds.
const (
	Read Kind = iota
	Append
	Set
	Initialise
	CompareAndSet
	Delete
)

// String is the name of the kind.
func (k Kind) String() string {
	return [...]string{"read", "append", "set", "initialise", "compare-and-set", "delete"}[k]
}

// Operation is a call and what came of it.
type Operation struct {
	Client int // Who called, for pictures.
	Kind   Kind
	Name   string // What a value that it makes ends with. No two calls have the same.
	Expect uint64 // The version that CompareAndSet asks for, 0 for a key that does not exist.
	// Call and Return are its times. Of a call that was not answered Return does not count.
	Call, Return int64
	Answered     bool
	// Took says of a call that was not answered that it took effect, as is known from elsewhere.
	Took bool
	// Exists, Version, Value and Fits are the answer: the state that it left, and whether Initialise,
	// CompareAndSet or Delete found what they ask for. Of what does not exist the version does not
	// count.
	Exists  bool
	Version uint64
	Value   string
	Fits    bool
}

func (o Operation) String() string {
	text := fmt.Sprintf("%v %s", o.Kind, o.Name)
	if o.Kind == CompareAndSet {
		text += fmt.Sprintf(" (if @%d)", o.Expect)
	}
	switch {
	case !o.Answered:
		return text + ": no answer"
	case !o.Exists:
		return fmt.Sprintf("%s: ∅, %v", text, o.Fits)
	}
	return fmt.Sprintf("%s: %s@%d, %v", text, o.Value, o.Version, o.Fits)
}

// state is what a key may hold. What is not exact has its version, or a higher one.
type state struct {
	exists  bool
	exact   bool
	version uint64
	value   string
}

func (s state) String() string {
	switch {
	case !s.exists:
		return fmt.Sprintf("∅ after @%d", s.version)
	case !s.exact:
		return fmt.Sprintf("%s@%d or more", s.value, s.version)
	}
	return fmt.Sprintf("%s@%d", s.value, s.version)
}

// change is the state that the operation makes if it finds what it asks for.
func (s state) change(o *Operation) state {
	next := state{exists: true, exact: s.exists && s.exact, version: s.version + 1, value: o.Name}
	switch o.Kind {
	case Append:
		if s.exists {
			next.value = s.value + o.Name
		}
	case Delete:
		next.exists, next.exact, next.value = false, false, ""
	case Read, Set, Initialise, CompareAndSet:
	}
	return next
}

// fits says whether the state may be, and may not be, what the operation asks for.
func (s state) fits(o *Operation) (may, mayNot bool) {
	switch o.Kind {
	case Append, Set:
		return true, false
	case Initialise:
		return !s.exists, s.exists
	case Delete:
		return s.exists, !s.exists
	case CompareAndSet:
		switch {
		case !s.exists:
			return o.Expect == 0, o.Expect != 0
		case s.exact:
			return o.Expect == s.version, o.Expect != s.version
		}
		return o.Expect >= s.version, true
	case Read:
	}
	return false, true
}

// steps are the states that the operation may leave.
func (s state) steps(o *Operation) []state {
	may, mayNot := s.fits(o)
	var next []state
	if may {
		of := s
		if o.Kind == CompareAndSet && s.exists {
			of.exact, of.version = true, o.Expect
		}
		if made, ok := of.change(o).told(o, o.Kind == Append || o.Kind == Set || o.Fits); ok {
			next = append(next, made)
		}
	}
	if mayNot && !o.Took {
		if kept, ok := s.told(o, !o.Fits); ok {
			next = append(next, kept)
		}
	}
	if !o.Answered && !o.Took && may {
		next = append(next, s) // It had no effect.
	}
	return slices.Compact(next)
}

// told is the state as the answer has it; ok is false if it has another one.
func (s state) told(o *Operation, fits bool) (as state, ok bool) {
	switch {
	case !o.Answered:
		return s, true
	case !fits || o.Exists != s.exists:
		return s, false
	case !s.exists:
		return s, true
	case o.Value != s.value || o.Version < s.version || s.exact && o.Version != s.version:
		return s, false
	}
	s.exact, s.version = true, o.Version
	return s, true
}

// model has no next state once there were as many steps as the budget says.
func model(budget *int) porcupine.Model {
	of := porcupine.NondeterministicModel{
		Init: func() []any { return []any{state{}} },
		Step: func(now, input, _ any) []any {
			var next []any
			if *budget--; *budget < 0 {
				return nil
			}
			for _, s := range now.(state).steps(input.(*Operation)) {
				next = append(next, s)
			}
			return next
		},
		Equal:             func(a, b any) bool { return a.(state) == b.(state) },
		DescribeOperation: func(input, _ any) string { return input.(*Operation).String() },
		DescribeState:     func(s any) string { return s.(state).String() },
	}
	return of.ToModel()
}

// Check says why no order of the operations of one key agrees with all answers, "" if one does. With
// decided false as many steps as the budget says were not enough to find out.
func Check(history []Operation, budget int) (reason string, decided bool) {
	steps := make([]porcupine.Operation, len(history))
	for i := range history {
		o := &history[i]
		end := o.Return
		if !o.Answered {
			end = math.MaxInt64
		}
		steps[i] = porcupine.Operation{ClientId: o.Client, Input: o, Call: o.Call, Return: end}
	}
	left := budget
	if porcupine.CheckOperations(model(&left), steps) {
		return "", true
	}
	if left < 0 {
		return "", false
	}
	_, info := porcupine.CheckOperationsVerbose(model(&budget), steps, 0)
	return why(steps, info), true
}

// why finds the longest order that Porcupine came to, and what had to be next in it. Of those that are
// as long it is the least, for Porcupine lists them in any order.
func why(steps []porcupine.Operation, info porcupine.LinearizationInfo) string {
	var longest []int
	for _, partition := range info.PartialLinearizations() {
		for _, order := range partition {
			if cmp.Or(cmp.Compare(len(longest), len(order)), slices.Compare(order, longest)) < 0 {
				longest = order
			}
		}
	}
	left := slices.DeleteFunc(slices.Clone(steps), func(s porcupine.Operation) bool {
		return slices.ContainsFunc(longest, func(i int) bool { return steps[i].Input == s.Input })
	})
	reason := fmt.Sprintf("%d of %d operations can be put in an order", len(longest), len(steps))
	if len(longest) > 0 {
		reason += fmt.Sprintf(", the last of them %v", steps[longest[len(longest)-1]].Input)
	}
	if len(left) > 0 {
		next := slices.MinFunc(left, func(a, b porcupine.Operation) int {
			return cmp.Compare(a.Return, b.Return)
		})
		reason += fmt.Sprintf("; then not %v", next.Input)
	}
	return reason
}
