package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/schollz/progressbar/v3"

	"paxon/cmd/paxon/torture"
	"paxon/history"
)

// tortured is what the histories of one variant were and showed.
type tortured struct {
	variant   string
	histories int
	counts    history.Counts
	faults    map[torture.Kind]int
}

func (t *tortured) add(r torture.Report) {
	t.histories++
	t.counts.Add(r.Result.Counts)
	for k, n := range r.Faults {
		t.faults[k] += n
	}
}

// printTortured prints a table with a row for each variant and one for all.
func printTortured(w io.Writer, kinds []torture.Kind, rows []*tortured) error {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	header := table.Row{"variant", "histories", "messages", "calls", "reads", "unknown", "of them\ndelivered"}
	for _, k := range kinds {
		header = append(header, string(k))
	}
	t.AppendHeader(append(header, "verdict"))
	sum := &tortured{variant: "all", faults: map[torture.Kind]int{}}
	line := func(r *tortured) table.Row {
		cells := table.Row{
			r.variant, r.histories, r.counts.Messages, r.counts.Calls, r.counts.Reads, r.counts.Unknown,
			r.counts.UnknownSeen,
		}
		for _, k := range kinds {
			cells = append(cells, r.faults[k])
		}
		return append(cells, "ok")
	}
	for _, r := range slices.DeleteFunc(rows, func(r *tortured) bool { return r.histories == 0 }) {
		t.AppendRow(line(r))
		sum.histories += r.histories
		sum.counts.Add(r.counts)
		for _, k := range kinds {
			sum.faults[k] += r.faults[k]
		}
	}
	switch {
	case sum.histories == 0:
		return nil
	case len(rows) > 1:
		t.AppendFooter(line(sum))
	}
	_, err := fmt.Fprintln(w, t.Render())
	return err
}

// tortureBar shows the progress on a terminal, and nothing elsewhere.
type tortureBar struct {
	bar  *progressbar.ProgressBar
	done time.Duration // In histories that have ended.
}

func newTortureBar(w io.Writer, total time.Duration) *tortureBar {
	file := terminal(w)
	if file == nil {
		return &tortureBar{}
	}
	return &tortureBar{bar: progressbar.NewOptions64(total.Milliseconds(),
		progressbar.OptionSetWriter(file), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetElapsedTime(true))}
}

func (b *tortureBar) begin(variant string) {
	if b.bar != nil {
		b.bar.Describe(variant)
	}
}

func (b *tortureBar) show(elapsed time.Duration) {
	if b.bar != nil {
		_ = b.bar.Set64((b.done + elapsed).Milliseconds()) // Drawing may fail.
	}
}

func (b *tortureBar) end(d time.Duration) {
	b.done += d
	b.show(0)
}

func (b *tortureBar) finish() {
	if b.bar != nil {
		_ = b.bar.Clear() // As above.
	}
}
