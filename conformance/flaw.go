package conformance

import "slices"

// Flaw is what is known of a part, or a composition of parts, that is broken on purpose, so that
// checkers can be seen to find it.
type Flaw struct {
	Name   string // Of words joined by "-", as a command line has it.
	Broken string // What is broken, as a phrase or a sentence without its full stop.
	// Source is where it comes from: a trap of the algorithms, a figure as printed, a publication,
	// or "" for a flaw of the gallery's own making.
	Source string
	// Properties are those of which one must fall, by the names that monitors and suites use.
	Properties []string
}

// Breaks says whether the flaw is known to break a property.
func (f Flaw) Breaks(property string) bool { return slices.Contains(f.Properties, property) }
