package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// jsonLine is a point with all that is needed to understand it alone.
type jsonLine struct {
	Point
	Conditions Conditions `json:"conditions"`
}

// JSON writes the report for programs: one line for each point, with its limits and all conditions.
func (r Report) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	for _, p := range r.Points {
		if err := encoder.Encode(jsonLine{p, r.Conditions}); err != nil {
			return err
		}
	}
	return nil
}

// Table writes the report for people: what varies between the points is in the tables, the rest
// below them.
func (r Report) Table(w io.Writer) error {
	varying, constant := r.dimensions()
	speed := newTable(len(varying), append(varying.names(),
		"messages/s", "MB/s", "p50", "p99", "p99.9", "max", "of the limit")...)
	costs := newTable(len(varying), append(varying.names(),
		"CPU s per million", "allocations each", "forces each", "wire bytes each",
		"peak memory", "of the largest process")...)
	changes, late := 0, int64(0)
	for _, p := range r.Points {
		speed.AppendRow(append(varying.row(p.Setting),
			rate(p.PerSecond), rate(p.MBPerSecond), span(p.P50), span(p.P99), span(p.P999),
			span(p.Max), p.ofLimit()))
		costs.AppendRow(append(varying.row(p.Setting),
			plain(p.CPU, 1), plain(p.Allocations, 1e-6), plain(p.Forces, 1), plain(p.WireBytes, 1),
			memory(p.PeakMemory), memory(p.PeakLargest)))
		for _, repetition := range p.Repetitions {
			late += repetition.Late
			if repetition.LeaderChanged {
				changes++
			}
		}
	}
	_, err := fmt.Fprintf(w, "%s\n%s\n%s\n%s%s%s"+
		"every process delivered each message once, in one order\n",
		speed.Render(), costs.Render(), r.limitsTable(), r.Conditions.text(constant),
		note(changes), behind(late))
	return err
}

// ofLimit is how close a point comes to what the machine allows.
func (p Point) ofLimit() string {
	share := fmt.Sprintf("%.1f %%", 100*p.BandwidthShare)
	if p.LatencyRatio != nil {
		return fmt.Sprintf("%.2f × least, %s", *p.LatencyRatio, share)
	}
	return share
}

// limitsTable shows what the machine allows.
func (r Report) limitsTable() string {
	t := newTable(1, "limit of the machine", "median (min to max)")
	sizes, logs := map[int]bool{}, map[int]bool{}
	for _, p := range r.Points {
		if l, size := p.Limits, byteSize(p.Size); !sizes[p.Size] {
			sizes[p.Size] = true
			t.AppendRow(table.Row{"forced write of " + size, span(l.ForcedWrite)})
			t.AppendRow(table.Row{"loopback TCP round trip of " + size, span(l.RoundTrip)})
		}
	}
	t.AppendRow(table.Row{"forced write of " + byteSize(page), span(r.Points[0].Limits.ForcedPage)})
	for _, p := range r.Points {
		if b := p.Bandwidths; !logs[b.Logs] {
			logs[b.Logs] = true
			t.AppendRow(table.Row{
				fmt.Sprintf("forced writes of %s, each of %d logs", byteSize(ForcedBlock), b.Logs),
				bandwidth(b.ForcedEach),
			})
		}
	}
	b := r.Points[0].Bandwidths
	t.AppendRows([]table.Row{
		{"the same, one log", bandwidth(b.ForcedOne)},
		{"loopback TCP, one connection", bandwidth(b.Loopback)},
		{"memory copy", bandwidth(b.Copy)},
		{"CRC32C", bandwidth(b.CRC32C)},
		{"XXH3", bandwidth(b.XXH3)},
	})
	return t.Render()
}

// newTable makes a table whose first columns are to the left.
func newTable(left int, header ...string) table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	row, columns := table.Row{}, []table.ColumnConfig{}
	for i, name := range header {
		row = append(row, name)
		if i >= left {
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

// behind warns of open loops that were not.
func behind(late int64) string {
	if late == 0 {
		return ""
	}
	return fmt.Sprintf("%d messages were due and never sent: the rate is more than the cluster takes, "+
		"and latencies are higher than shown.\n", late)
}

// text is the conditions in a few lines, with the dimensions that all points share.
func (c Conditions) text(constant dimensions) string {
	var all []string
	for _, d := range constant {
		all = append(all, d.name+" "+d.value)
	}
	return fmt.Sprintf("median (min to max) of %d repetitions of %v, each after a warm-up of %v\n"+
		"all points: %s\n%s, %d cores, %s, kernel %s, file system %s, %s, commit %s\n",
		c.Repeat, duration(c.Duration), duration(c.WarmUp), strings.Join(all, ", "),
		c.CPU, c.Cores, c.System, c.Kernel, c.FileSystem, c.Go, c.Commit)
}

func duration(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(time.Microsecond)
}
