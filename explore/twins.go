package explore

import (
	"fmt"
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

// compareTwins has all that was found to follow on one of two twins happen to the other.
func (x *search) compareTwins() error {
	pairs := x.twins
	x.config.Twins = false // What follows on the other is no twin to be compared.
	for _, pair := range pairs {
		for in, known := range pair.known.steps {
			other := x.perform(pair.other, in, nil)
			if known.to != other.to || !slices.Equal(known.sends, other.sends) ||
				!slices.Equal(known.seen, other.seen) ||
				(known.fault == nil) != (other.fault == nil) {
				return &TwinsError{
					x.past(pair.known), x.past(pair.other),
					x.inputText(pair.known, choice{pair.known.process, in}),
				}
			}
		}
	}
	return nil
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
