package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// jsonLine is a point with all that is needed to understand it alone.
type jsonLine struct {
	Point
	Limits     Limits     `json:"limits"`
	Ratio      *float64   `json:"ratio,omitempty"`
	Delivered  uint64     `json:"delivered"` // In the whole run.
	Digest     string     `json:"sha256"`
	Conditions Conditions `json:"conditions"`
}

// JSON writes the report for programs: one line for each point, with the limits and conditions.
func (r Report) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	for _, p := range r.Points {
		line := jsonLine{
			Point: p, Limits: r.Limits, Delivered: r.Delivered, Digest: r.Digest, Conditions: r.Conditions,
		}
		if p.Outstanding == 1 {
			line.Ratio = r.Ratio
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// Table writes the report for people.
func (r Report) Table(w io.Writer) error {
	points := newTable("outstanding", "messages/s", "p50", "p99", "p99.9", "max")
	changes := 0
	for _, p := range r.Points {
		points.AppendRow(table.Row{
			p.Outstanding, rate(p.PerSecond), span(p.P50), span(p.P99), span(p.P999), span(p.Max),
		})
		for _, repetition := range p.Repetitions {
			if repetition.LeaderChanged {
				changes++
			}
		}
	}
	size := byteSize(r.Conditions.Size)
	limits := newTable("limit of the machine", "p50")
	limits.AppendRows([]table.Row{
		{"forced write of " + size, span(r.Limits.ForcedWrite)},
		{"forced write of " + byteSize(page), span(r.Limits.ForcedPage)},
		{"loopback TCP round trip of " + size, span(r.Limits.RoundTrip)},
	})
	if r.Ratio != nil {
		limits.AppendRow(table.Row{
			"p50 at 1 outstanding over forced write + round trip", fmt.Sprintf("%.2f", *r.Ratio),
		})
	}
	_, err := fmt.Fprintf(w, "%s\n%s\n%s%s"+
		"%d messages delivered by every process in one order, SHA-256 %s\n",
		points.Render(), limits.Render(), r.Conditions.text(), note(changes), r.Delivered, r.Digest)
	return err
}

func newTable(header ...string) table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	row, columns := table.Row{}, []table.ColumnConfig{}
	for i, name := range header {
		row = append(row, name)
		if i > 0 {
			columns = append(columns, table.ColumnConfig{Number: i + 1, Align: text.AlignRight})
		}
	}
	t.AppendHeader(row)
	t.SetColumnConfigs(columns)
	return t
}

// note warns of repetitions that had more than one leader.
func note(changes int) string {
	if changes == 0 {
		return ""
	}
	return fmt.Sprintf("The leader changed in %d repetitions: the machine may be busy otherwise.\n",
		changes)
}

// text is the conditions in a few lines.
func (c Conditions) text() string {
	fsync := "off"
	if c.Fsync {
		fsync = "on"
	}
	return fmt.Sprintf("median (min to max) of %d repetitions of %v, each after a warm-up of %v\n"+
		"%d processes on one machine, variant %s, broadcast at %s, %s a message, fsync %s\n"+
		"%s, %d cores, %s, kernel %s, file system %s, %s, commit %s\n",
		c.Repeat, duration(c.Duration), duration(c.WarmUp),
		c.Processes, c.Variant, c.At, byteSize(c.Size), fsync,
		c.CPU, c.Cores, c.System, c.Kernel, c.FileSystem, c.Go, c.Commit)
}

func duration(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(time.Microsecond)
}

// rate writes messages per second.
func rate(s Spread) string { return fmt.Sprintf("%.0f (%.0f to %.0f)", s.Median, s.Min, s.Max) }

// span writes times given in seconds, in the unit that suits the longest.
func span(s Spread) string {
	unit, scale, digits := "µs", 1e6, 0
	switch {
	case s.Max >= 10:
		unit, scale, digits = "s", 1, 1
	case s.Max >= 10e-3:
		unit, scale, digits = "ms", 1e3, 1
	case s.Max < 100e-6:
		digits = 1
	}
	return fmt.Sprintf("%.*f (%.*f to %.*f) %s",
		digits, s.Median*scale, digits, s.Min*scale, digits, s.Max*scale, unit)
}

// byteSize writes a size.
func byteSize(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
