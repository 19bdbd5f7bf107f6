package main

import (
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"paxon/cmd/paxon/simulate"
	"paxon/sim"
)

// printHunted prints what runs of one kind showed.
func printHunted(w io.Writer, all []hunted) error {
	for _, h := range all {
		what := fmt.Sprintf("%d events", h.Steps)
		if h.Part == sim.OfBroadcast {
			what = fmt.Sprintf("%d messages in %d instances delivered, %s", h.Delivered, h.Batches, what)
		}
		cores := float64(runtime.GOMAXPROCS(0))
		runs, received := h.PerSecond(h.Runs), h.PerSecond(h.Received)
		_, err := fmt.Fprintf(w, "%d runs of %s with %d processes: %s, %v\n"+
			"%.0f runs and %.0f messages between processes a second on %.0f cores, %.0f and %.0f on each\n",
			h.Runs, h.what(), h.Processes, what, h.Time.Round(time.Millisecond),
			runs, received, cores, runs/cores, received/cores)
		if err != nil {
			return err
		}
	}
	return nil
}

// printHunts prints what runs of several kinds showed.
func printHunts(w io.Writer, all []hunted) error {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{
		"variant", "part", "runs", "violations", "events", "broadcasts\ndelivered",
		"runs/s", "messages\nreceived/s", "runs/s\nper core",
	})
	cores := float64(runtime.GOMAXPROCS(0))
	row := func(variant, part string, r simulate.Report, violations int, delivered any) table.Row {
		return table.Row{
			variant, part, r.Runs, violations, r.Steps, delivered,
			rounded(r.PerSecond(r.Runs)), rounded(r.PerSecond(r.Received)),
			rounded(r.PerSecond(r.Runs) / cores),
		}
	}
	var sum simulate.Report
	fallen := 0
	for _, h := range all {
		violations := 0
		if h.violation != nil {
			violations = 1
			fallen++
		}
		var delivered any = "-"
		if h.Part == sim.OfBroadcast {
			delivered = h.Delivered
		}
		t.AppendRow(row(h.Variant.Name, string(h.Part), h.Report, violations, delivered))
		sum.Runs += h.Runs
		sum.Steps += h.Steps
		sum.Received += h.Received
		sum.Delivered += h.Delivered
		sum.Time += h.Time
	}
	t.AppendFooter(row("all", "", sum, fallen, sum.Delivered))
	_, err := fmt.Fprintf(w, "%s\n%d processes, %v on %.0f cores; runs end at the first violation\n",
		t.Render(), all[0].Processes, sum.Time.Round(time.Millisecond), cores)
	return err
}

// rounded leaves out what nobody reads.
func rounded(v float64) string { return fmt.Sprintf("%.0f", v) }

// printCoverage prints how often each mark was made, in runs of each part.
func printCoverage(w io.Writer, all []hunted) error {
	var parts []sim.Part
	sums := map[sim.Part]*sim.Marks{}
	must := map[sim.Mark]bool{}
	for _, h := range all {
		if sums[h.Part] == nil {
			parts = append(parts, h.Part)
			sums[h.Part] = &sim.Marks{}
		}
		sums[h.Part].Add(&h.Marks)
		for _, mark := range sim.Sometimes(h.Variant, h.Part) {
			must[mark] = true
		}
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	header := table.Row{"seen", "must"}
	for _, part := range parts {
		header = append(header, string(part))
	}
	t.AppendHeader(header)
	for _, mark := range (&sim.Marks{}).All() {
		row := table.Row{mark, ""}
		if must[mark] {
			row[1] = "yes"
		}
		for _, part := range parts {
			row = append(row, sums[part][mark])
		}
		t.AppendRow(row)
	}
	_, err := fmt.Fprintln(w, t.Render())
	return err
}
