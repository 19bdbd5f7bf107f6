package tables

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"paxon/bench"
	"paxon/bench/plot"
)

// Source says where a row is from.
type Source string

// The sources.
const (
	Paper     Source = "paper"            // Measured there.
	Estimate  Source = "paper, estimated" // Of round trips alone.
	Simulated Source = "simulated"        // In virtual time.
	Machine   Source = "measured here"
)

// Table is what was measured, beside what the paper has.
type Table struct {
	Name       string
	Title      string
	Columns    []string // With the unit, if they have different ones.
	Unit       string   // Of all columns, or empty.
	Rows       []Row
	Conditions []string
}

// Row is one system, or one setting of all.
type Row struct {
	Name   string `json:"row"`
	Source Source `json:"source"`
	Cells  []Cell `json:"cells"` // One for each column.
}

// Cell is the values of all repetitions, none if there is nothing to say.
type Cell struct {
	Values []float64 `json:"values"`
}

func one(v float64) Cell { return Cell{Values: []float64{v}} }

// Drawn is a picture under its name.
type Drawn struct {
	Name    string
	Picture plot.Picture
}

// Result is what Run gives of a table.
type Result struct {
	Tables   []Table
	Pictures []Drawn
	Host     bench.Host
}

// Text writes the tables for people: medians, with the least and the most.
func (r Result) Text(w io.Writer) error {
	for _, t := range r.Tables {
		if err := t.text(w); err != nil {
			return err
		}
	}
	return nil
}

func (t Table) text(w io.Writer) error {
	out := table.NewWriter()
	out.SetStyle(table.StyleLight)
	header := table.Row{"", "from"}
	for _, c := range t.Columns {
		header = append(header, c)
	}
	out.AppendHeader(header)
	for i, r := range t.Rows {
		if i > 0 && t.Rows[i-1].Source != r.Source {
			out.AppendSeparator()
		}
		row := table.Row{r.Name, r.Source}
		for _, c := range r.Cells {
			row = append(row, c.String())
		}
		out.AppendRow(row)
	}
	title := t.Title
	if t.Unit != "" {
		title += ", in " + t.Unit
	}
	_, err := fmt.Fprintf(w, "%s: %s\n%s\n%s\n\n", t.Name, title, out.Render(),
		strings.Join(t.Conditions, "\n"))
	return err
}

// String is the median with the spread, if there is one, in four digits.
func (c Cell) String() string {
	if len(c.Values) == 0 {
		return ""
	}
	return bench.SpreadOf(c.Values).Text(4)
}

// jsonLine is a cell with all that is needed to understand it alone.
type jsonLine struct {
	Table  string `json:"table"`
	Row    string `json:"row"`
	Source Source `json:"source"`
	Column string `json:"column"`
	Unit   string `json:"unit,omitempty"`
	bench.Spread
	Values     []float64  `json:"values"`
	Conditions []string   `json:"conditions"`
	Host       bench.Host `json:"host"`
}

// JSON writes the tables for programs: a line for each cell.
func (r Result) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			for i, c := range row.Cells {
				if len(c.Values) == 0 {
					continue
				}
				if err := encoder.Encode(jsonLine{
					t.Name, row.Name, row.Source, t.Columns[i], t.Unit, bench.SpreadOf(c.Values),
					c.Values, t.Conditions, r.Host,
				}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Save draws the pictures into an existing directory, as SVG and PNG; "" is for nowhere.
func (r Result) Save(dir string) error {
	if dir == "" {
		return nil
	}
	for _, d := range r.Pictures {
		if err := plot.Save(dir, d.Name, d.Picture); err != nil {
			return err
		}
	}
	return nil
}

// bars draws rows side by side, in groups of columns.
func bars(t Table, rows []Row) plot.Picture {
	p := plot.Picture{
		Title: t.Title, Conditions: strings.Join(t.Conditions, "; "), Y: plot.Axis{Label: t.Unit},
		Groups: t.Columns,
	}
	for _, r := range rows {
		b := plot.Bars{Name: r.Name}
		if r.Source == Paper {
			b.Name += ", paper"
		}
		for _, c := range r.Cells {
			b.Values = append(b.Values, c.bar())
		}
		p.Bars = append(p.Bars, b)
	}
	return p
}

func (c Cell) bar() plot.Value {
	if len(c.Values) == 0 {
		return plot.Value{}
	}
	s := bench.SpreadOf(c.Values)
	return plot.Value{Y: s.Median, Low: s.Min, High: s.Max}
}
