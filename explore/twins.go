package explore

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// twins are two histories of a process that lead to one fingerprint.
type twins struct{ known, other *local }

// TwinsError says that two histories of a process have one fingerprint, and that what follows on
// them differs: a part keeps state where it is not seen, such as in what a function has captured.
type TwinsError struct {
	One, Other []string // What the process was given since it started.
	Then       string   // What does not have the same outcome after both.
}

func (e *TwinsError) Error() string {
	return fmt.Sprintf("two histories of a process lead to states that cannot be told apart, but on "+
		"%q they differ: %q and %q; keep in a field what a function captures", e.Then, e.One, e.Other)
}

// compareTwins has all that was found to follow on one of two twins happen to the other. What is
// hidden may show much later, long after the two have become one in another state; so each time
// more follows, drawn from what is known to.
func (x *search) compareTwins() error {
	random := rand.New(rand.NewPCG(0, 0)) //nolint:gosec // Not a secret.
	for _, pair := range x.twins {
		for _, in := range pair.known.inputs() {
			next, err := x.compare(pair, in)
			for range x.depth {
				if err != nil || next == nil || len(next.known.steps) == 0 {
					break
				}
				follows := next.known.inputs()
				next, err = x.compare(*next, follows[random.IntN(len(follows))])
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// inputs are what a step is known for, in ascending order.
func (l *local) inputs() []input {
	return slices.SortedFunc(maps.Keys(l.steps), func(a, b input) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b))
	})
}

// compare has an input happen to one of two twins that the other is known to have had, and gives
// the twins that they are then, nil if nothing can be hidden any more.
func (x *search) compare(pair twins, in input) (*twins, error) {
	known := pair.known.steps[in]
	x.twins = nil
	other := x.perform(pair.other, in, nil)
	switch {
	case known.to != other.to || !slices.Equal(known.sends, other.sends) ||
		!slices.Equal(known.seen, other.seen) || (known.fault == nil) != (other.fault == nil):
		return nil, &TwinsError{
			x.past(pair.known), x.past(pair.other),
			x.inputText(pair.known, choice{pair.known.process, in}),
		}
	case len(x.twins) == 0:
		return nil, nil //nolint:nilnil // There are none, and that is no error.
	}
	return &x.twins[0], nil
}

// past is what a process was given since it started.
func (x *search) past(l *local) []string {
	var all []string
	for ; l.via.kind != start; l = l.from {
		all = append(all, x.inputText(l.from, choice{l.process, l.via}))
	}
	slices.Reverse(all)
	return all
}
