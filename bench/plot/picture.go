package plot

import (
	"fmt"
	"math"
)

// Picture is one chart: of Lines, or of Bars.
type Picture struct {
	Title string
	// Conditions is what holds for all of it; it stands below the title, in as many lines as it
	// takes.
	Conditions string
	X, Y       Axis
	Lines      []Line
	Groups     []string // The names of the groups of bars, along X; empty with Lines.
	Bars       []Bars   // Each with one value for every group.
	Levels     []Level
}

// Axis says how values become places.
type Axis struct {
	Label string // With the unit.
	Log   bool
	// Min and Max widen the range that the data give; 0 adds nothing. A linear axis has 0 on it,
	// unless Free is set.
	Min, Max float64
	Free     bool
	Ticks    []float64 // Where to put labels; by default at round numbers.
}

// Line is a row of points that are joined.
type Line struct {
	Name   string
	Points []Point // In the order in which they are joined; at least one.
	// Tone is 1 to 8, and the colour and marker; 0 is for the line's place in the picture.
	Tone   int
	Dashed bool
}

// Point is a measurement. With Low and High both 0 it has no spread.
type Point struct{ X, Y, Low, High float64 }

// At is a point without spread.
func At(x, y float64) Point { return Point{X: x, Y: y} }

// Bars are the bars of one colour.
type Bars struct {
	Name   string
	Values []Value // One for each group.
}

// Value is the height of a bar. With Low and High both 0 it has no spread. The zero Value is no
// bar.
type Value struct{ Y, Low, High float64 }

// Level is a dotted line across the chart.
type Level struct {
	Name string // For the legend.
	Y    float64
}

// PictureError says why a picture cannot be drawn.
type PictureError struct{ Picture, What, Came, Expected string }

// Error says both sides.
func (e *PictureError) Error() string {
	return fmt.Sprintf("picture %q: %s: %s, expected %s", e.Picture, e.What, e.Came, e.Expected)
}

func (p Picture) wrong(what string, came any, expected string) error {
	return &PictureError{p.Title, what, fmt.Sprint(came), expected}
}

// Check says what of a picture cannot be drawn, as a *PictureError, nil if all can.
func (p Picture) Check() error {
	if (len(p.Lines) == 0) == (len(p.Bars) == 0) {
		return p.wrong("data", fmt.Sprintf("%d lines, %d kinds of bars", len(p.Lines), len(p.Bars)),
			"either lines or bars")
	}
	for i, l := range p.Lines {
		if err := p.checkLine(i, l); err != nil {
			return err
		}
	}
	if len(p.Bars) > tones {
		return p.wrong("bars", len(p.Bars), fmt.Sprintf("at most %d kinds", tones))
	}
	for _, b := range p.Bars {
		if len(b.Values) != len(p.Groups) {
			return p.wrong("values of "+b.Name, len(b.Values),
				fmt.Sprintf("%d, one for each group", len(p.Groups)))
		}
		for _, v := range b.Values {
			if bad, ok := p.Y.takesSpread(v.Y, v.Low, v.High); v != (Value{}) && !ok {
				return p.wrong("height of "+b.Name, bad, p.Y.expected())
			}
		}
	}
	for _, l := range p.Levels {
		if !p.Y.takes(l.Y) {
			return p.wrong("level "+l.Name, l.Y, p.Y.expected())
		}
	}
	return nil
}

func (p Picture) checkLine(i int, l Line) error {
	if l.Tone < 0 || l.Tone > tones || l.Tone == 0 && i >= tones {
		return p.wrong("tone of "+l.Name, l.Tone,
			fmt.Sprintf("1 to %d, or 0 for one of the first %d lines", tones, tones))
	}
	if len(l.Points) == 0 {
		return p.wrong("points of "+l.Name, "none", "at least one")
	}
	for _, at := range l.Points {
		if !p.X.takes(at.X) {
			return p.wrong("x of "+l.Name, at.X, p.X.expected())
		}
		if bad, ok := p.Y.takesSpread(at.Y, at.Low, at.High); !ok {
			return p.wrong("y of "+l.Name, bad, p.Y.expected())
		}
	}
	return nil
}

func (a Axis) takes(v float64) bool {
	return !math.IsNaN(v) && !math.IsInf(v, 0) && (!a.Log || v > 0)
}

// takesSpread returns a value that has no place, and whether all have one.
func (a Axis) takesSpread(y, low, high float64) (float64, bool) {
	if low == 0 && high == 0 {
		low, high = y, y
	}
	for _, v := range []float64{y, low, high} {
		if !a.takes(v) {
			return v, false
		}
	}
	if low > y {
		return low, false
	}
	return high, high >= y
}

func (a Axis) expected() string {
	if a.Log {
		return "a positive number, Low ≤ Y ≤ High, on a logarithmic axis"
	}
	return "a finite number, Low ≤ Y ≤ High"
}
