package figures

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"

	"paxon/bench"
	"paxon/bench/figures/model"
	"paxon/bench/plot"
)

// Chart is a picture that was measured.
type Chart struct {
	Name       string // Of its files, without the ending.
	Title      string
	Conditions string
	Scale      Scale
	X, Y       plot.Axis
	Lines      []Line
	Host       bench.Host // What it ran on; of no influence at the scale of the paper.
}

// Line is one of its lines.
type Line struct {
	Name   string
	Tone   int
	Dashed bool
	Points []Point
}

// Point is one measurement.
type Point struct {
	X float64 `json:"x"`
	bench.Spread
	Values    []float64      `json:"values"` // Of all repetitions.
	Simulated *model.Setting `json:"simulated,omitempty"`
	Measured  *bench.Setting `json:"measured,omitempty"`
}

// Picture draws the chart.
func (c Chart) Picture() plot.Picture {
	p := plot.Picture{Title: c.Title, Conditions: c.Conditions, X: c.X, Y: c.Y}
	for _, l := range c.Lines {
		drawn := plot.Line{Name: l.Name, Tone: l.Tone, Dashed: l.Dashed}
		for _, at := range l.Points {
			drawn.Points = append(drawn.Points, plot.Point{X: at.X, Y: at.Median, Low: at.Min, High: at.Max})
		}
		p.Lines = append(p.Lines, drawn)
	}
	return p
}

// jsonLine is a point with all that is needed to understand it alone.
type jsonLine struct {
	Figure string `json:"figure"`
	Scale  Scale  `json:"scale"`
	Line   string `json:"line"`
	XLabel string `json:"xLabel"`
	YLabel string `json:"yLabel"`
	Point
	Conditions string     `json:"conditions"`
	Host       bench.Host `json:"host"`
}

// JSON writes the chart for programs: a line for each point.
func (c Chart) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	for _, l := range c.Lines {
		for _, at := range l.Points {
			if err := encoder.Encode(jsonLine{
				c.Name, c.Scale, l.Name, c.X.Label, c.Y.Label, at, c.Conditions, c.Host,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Text writes the chart for people: medians, with the least and the most.
func (c Chart) Text(w io.Writer) error {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	header := table.Row{c.X.Label}
	for _, l := range c.Lines {
		header = append(header, l.Name)
	}
	t.AppendHeader(header)
	for i, at := range c.Lines[0].Points {
		row := table.Row{fmt.Sprintf("%g", at.X)}
		for _, l := range c.Lines {
			row = append(row, l.Points[i].Spread.Text(3))
		}
		t.AppendRow(row)
	}
	_, err := fmt.Fprintf(w, "%s: %s, in %s\n%s\n%s\n\n", c.Name, c.Title, c.Y.Label, t.Render(),
		c.Conditions)
	return err
}

// Save draws the chart into an existing directory, as SVG and PNG under its name; "" is for
// nowhere.
func (c Chart) Save(dir string) error {
	if dir == "" {
		return nil
	}
	return plot.Save(dir, c.Name, c.Picture())
}
