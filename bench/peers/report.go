package main

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"paxon/bench"
)

// report is all measurements of a run.
type report struct {
	plan       plan
	conditions conditions
	lines      []line
}

// ours is the system that the others are compared with.
const ours = "paxon"

// failed says which measurements failed, nil if none did.
func (r report) failed() error {
	var err error
	for _, l := range r.lines {
		if l.Error != "" {
			err = errors.Join(err, fmt.Errorf("%s, fsync %s, %d outstanding, repetition %d: %s",
				l.System, onOff(l.Fsync), l.Outstanding, l.Repetition, l.Error))
		}
	}
	return err
}

// results are those of one point of one system.
func (r report) results(system string, fsync bool, outstanding int) []Result {
	var found []Result
	for _, l := range r.lines {
		if l.System == system && l.Fsync == fsync && l.Outstanding == outstanding && l.Result != nil {
			found = append(found, *l.Result)
		}
	}
	return found
}

// text is the report for people.
func (r report) text() string {
	var b strings.Builder
	for _, fsync := range r.plan.Fsync {
		fmt.Fprintf(&b, "fsync %s\n%s\n", onOff(fsync), r.table(fsync))
	}
	b.WriteString(r.bestTable() + "\n" + r.targetsTable() + r.longTables())
	b.WriteString(r.limitsTable() + "\n" + r.settings() + "\n")
	b.WriteString(r.words())
	return b.String()
}

// words say how it was measured.
func (r report) words() string {
	c := r.conditions
	length := seconds(c.Duration).String()
	if c.Asked > 0 {
		length = fmt.Sprintf("%d messages", c.Asked)
	}
	where := fmt.Sprintf("%d members in one process", c.Members)
	if c.Processes > 1 {
		where = fmt.Sprintf("%d members, each in its own process, the load in that of the leader",
			c.Members)
	}
	return fmt.Sprintf("median (min to max) of %d measurements of %s, each after a warm-up of %v, in "+
		"new processes, systems in turn\n"+
		"%s, over loopback TCP, submitted at the leader, %d B a message\n"+
		"× is ours over theirs, the median of the ratios of the rounds: messages/s above 1 and p50 "+
		"below 1 are in our favour\n"+
		"CPU, allocations and memory are those of all members and the load together\n"+
		"%s, %d cores, GOMAXPROCS %d, %s, kernel %s, file system %s, %s, commit %s\n"+
		"every member applied each message once and all members in one order, by digest, in %d of %d "+
		"measurements\n",
		c.Repeat, length, seconds(c.WarmUp), where, c.Size,
		c.CPU, c.Cores, c.MaxProcs, c.System, c.Kernel, c.FileSystem, c.Go, c.Commit,
		r.succeeded(), len(r.lines))
}

// succeeded is how many measurements have a result.
func (r report) succeeded() int {
	n := 0
	for _, l := range r.lines {
		if l.Result != nil {
			n++
		}
	}
	return n
}

// table compares the systems with or without forced writes.
func (r report) table(fsync bool) string {
	t := newTable("outstanding", "system", "messages/s", "×", "p50", "×", "p99", "max",
		"CPU s/M", "allocs/msg", "peak MiB", "notes")
	for i, outstanding := range r.plan.Outstanding {
		if i > 0 {
			t.AppendSeparator()
		}
		for _, system := range r.plan.measured(fsync) {
			t.AppendRow(append(table.Row{outstanding, system},
				r.row(system, point{fsync, outstanding})...))
		}
	}
	return t.Render()
}

// row is the figures of one system at one point, and ours over them.
func (r report) row(system string, p point) table.Row {
	results := r.results(system, p.fsync, p.outstanding)
	if len(results) == 0 {
		return table.Row{"failed", "", "", "", "", "", "", "", "", "all failed"}
	}
	over := func(f figure) string {
		s, ok := r.over(system, f, p)
		if system == ours || !ok {
			return ""
		}
		return fmt.Sprintf("%.2f", s.Median)
	}
	rate := spreadBy(results, rateOf().of)
	median := func(figure func(Result) float64) float64 { return spreadBy(results, figure).Median }
	return table.Row{
		fmt.Sprintf("%.0f (%.0f to %.0f)", rate.Median, rate.Min, rate.Max), over(rateOf()),
		micro(median(p50Of().of)), over(p50Of()), micro(median(p99Of().of)),
		micro(median(func(r Result) float64 { return r.Max })),
		fmt.Sprintf("%.2f", median(cpuOf().of)),
		fmt.Sprintf("%.1f", median(allocsOf)),
		fmt.Sprintf("%.0f", median(memoryOf().of)/(1<<20)),
		r.notes(results),
	}
}

// notes says what is unusual about the results of a point.
func (r report) notes(results []Result) string {
	var notes []string
	if missing := r.plan.Repeat - len(results); missing > 0 {
		notes = append(notes, fmt.Sprintf("%d failed", missing))
	}
	changed := 0
	for _, result := range results {
		if result.LeaderChanged {
			changed++
		}
	}
	if changed > 0 {
		notes = append(notes, fmt.Sprintf("leader changed in %d", changed))
	}
	return strings.Join(notes, ", ")
}

// settings says how each system is configured.
func (r report) settings() string {
	t := newTable("system", "fsync", "versions", "configuration")
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 3, WidthMax: 48, WidthMaxEnforcer: text.WrapText},
		{Number: 4, WidthMax: 90, WidthMaxEnforcer: text.WrapSoft},
	})
	found, err := chosen(r.plan.Systems)
	if err != nil {
		return err.Error() + "\n"
	}
	for _, s := range found {
		for _, fsync := range r.plan.Fsync {
			if !has(s, fsync) {
				continue
			}
			t.AppendRow(table.Row{
				s.Name(), onOff(fsync), strings.Join(versions(s), "\n"), s.Settings(fsync),
			})
		}
	}
	return t.Render()
}

// limitsTable says what the machine allows.
func (r report) limitsTable() string {
	t := newTable("limit of the machine", "median (range) of what was measured before each point")
	of := func(limit func(limits) float64) bench.Spread {
		var all []float64
		for _, l := range r.lines {
			all = append(all, limit(l.Limits))
		}
		return bench.SpreadOf(all)
	}
	for _, l := range []struct {
		name string
		bench.Spread
	}{
		{
			fmt.Sprintf("forced write of %d B", r.plan.Size),
			of(func(l limits) float64 { return l.ForcedWrite }),
		},
		{"forced write of 4 KiB", of(func(l limits) float64 { return l.ForcedPage })},
		{
			fmt.Sprintf("loopback TCP round trip of %d B", r.plan.Size),
			of(func(l limits) float64 { return l.RoundTrip }),
		},
		{
			fmt.Sprintf("%d B forced by a majority of %d at once", r.plan.Size, members),
			of(func(l limits) float64 { return l.Decision }),
		},
	} {
		t.AppendRow(table.Row{
			l.name, fmt.Sprintf("%s (%s to %s)", micro(l.Median), micro(l.Min), micro(l.Max)),
		})
	}
	logs := of(func(l limits) float64 { return l.Logs / 1e6 })
	t.AppendRow(table.Row{
		fmt.Sprintf("each of %d logs side by side, %d KiB a force", members, logBlock>>10),
		fmt.Sprintf("%.0f MB/s (%.0f to %.0f MB/s)", logs.Median, logs.Min, logs.Max),
	})
	for _, p := range r.plan.points() {
		if p.fsync {
			t.AppendRow(table.Row{
				fmt.Sprintf("%d messages forced by a majority of %d, and again", p.outstanding, members),
				r.allowed(p),
			})
		}
	}
	return t.Render()
}

// allowed is how many messages a second logs allow at a point, whatever the protocol, and how
// many times what the best peer reaches that is.
func (r report) allowed(p point) string {
	var rates, over []float64
	peer := r.best(rateOf(), p)
	theirs := r.at(peer, p)
	for _, l := range r.lines {
		if l.Fsync != p.fsync || l.Outstanding != p.outstanding || l.Limits.Rate == 0 {
			continue
		}
		rates = append(rates, l.Limits.Rate)
		if t, ok := theirs[l.Repetition]; ok {
			over = append(over, l.Limits.Rate/t.PerSecond)
		}
	}
	if len(rates) == 0 {
		return "not measured"
	}
	s := bench.SpreadOf(rates)
	text := fmt.Sprintf("%.0f/s (%.0f to %.0f/s)", s.Median, s.Min, s.Max)
	if len(over) > 0 {
		text += fmt.Sprintf(", %s × %s", ratios(bench.SpreadOf(over)), peer)
	}
	return text
}

// newTable is a table whose columns of figures are aligned to the right.
func newTable(header ...string) table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	row, columns := table.Row{}, []table.ColumnConfig{}
	for i, name := range header {
		row = append(row, name)
		if name != "system" && name != "notes" {
			columns = append(columns, table.ColumnConfig{Number: i + 1, Align: text.AlignRight})
		}
	}
	t.AppendHeader(row)
	t.SetColumnConfigs(columns)
	return t
}

// versions are the modules of a system, each with its version in this program.
func versions(s System) []string {
	var found []string
	info, ok := debug.ReadBuildInfo()
	for _, path := range s.Modules() {
		version := "unknown"
		if ok {
			i := slices.IndexFunc(info.Deps, func(m *debug.Module) bool { return m.Path == path })
			if i >= 0 {
				version = info.Deps[i].Version
			}
			if i >= 0 && info.Deps[i].Replace != nil {
				version = "of this tree"
			}
		}
		found = append(found, path+" "+version)
	}
	return found
}

func spreadBy(results []Result, figure func(Result) float64) bench.Spread {
	var values []float64
	for _, r := range results {
		values = append(values, figure(r))
	}
	return bench.SpreadOf(values)
}

// ratio writes ours over theirs.
func ratio(ours, theirs float64) string { return fmt.Sprintf("%.2f", ours/theirs) }

// micro writes a time given in seconds.
func micro(s float64) string { return fmt.Sprintf("%.0f µs", s*1e6) }

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(time.Microsecond)
}
