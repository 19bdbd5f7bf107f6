package figures

import (
	"fmt"
	"slices"
	"strings"

	"paxon/bench"
	"paxon/bench/figures/model"
	"paxon/bench/plot"
)

// Scale says where a figure is measured.
type Scale string

// The scales.
const (
	Paper   Scale = "paper"   // In virtual time, on machines like those of the paper.
	Machine Scale = "machine" // On this machine, with real processes.
)

// Figure is one of the paper's, at both scales.
type Figure struct {
	Name   string // "23a", for example.
	charts func(Scale) []chart
}

// chart is a picture to be measured.
type chart struct {
	name       string // Of its files, after "figure" and before the scale.
	title      string
	conditions string // What all points have in common, besides what the scale adds.
	x, y       plot.Axis
	lines      []line
}

// line is points to be measured. Tone and dashed are as in package plot.
type line struct {
	name   string
	tone   int
	dashed bool
	points []point
}

// point is measured in one of three ways.
type point struct {
	x         float64
	simulated *model.Setting
	measured  *bench.Setting
	recovered *recovery
	// value takes what is shown from what was simulated; nil for the messages a second.
	value func(model.Setting) (float64, error)
}

// UnknownError says that there is no figure of a name.
type UnknownError struct{ Name string }

// Error lists what there is.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("figure %q: expected all or one of %s", e.Name, strings.Join(Names(), ", "))
}

// All is every figure, in the order of the paper.
func All() []Figure {
	return []Figure{
		{"23a", figure23a},
		{"23b", figure23b},
		{"24", figure24},
		{"25", figure25},
		{"26a", func(s Scale) []chart { return figure26(s, true) }},
		{"26b", func(s Scale) []chart { return figure26(s, false) }},
		{"27", figure27},
	}
}

// Names lists the figures.
func Names() []string {
	var names []string
	for _, f := range All() {
		names = append(names, f.Name)
	}
	return names
}

// ByName finds a figure, or all. The error is an *UnknownError.
func ByName(name string) ([]Figure, error) {
	if name == "all" {
		return All(), nil
	}
	all := All()
	i := slices.IndexFunc(all, func(f Figure) bool { return f.Name == name })
	if i < 0 {
		return nil, &UnknownError{name}
	}
	return all[i : i+1], nil
}
