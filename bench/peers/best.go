package main

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
)

// figure is something to compare, and whether more of it is better.
type figure struct {
	name string
	of   func(Result) float64
	more bool
}

func figures() []figure {
	return []figure{
		{"messages/s", func(r Result) float64 { return r.PerSecond }, true},
		{"p50", func(r Result) float64 { return r.P50 }, false},
		{"p99", func(r Result) float64 { return r.P99 }, false},
		{"CPU", func(r Result) float64 { return r.CPU }, false},
		{"peak memory", func(r Result) float64 { return float64(r.PeakMemory) }, false},
	}
}

// bestTable sets our medians in relation to those of the peer that is best in each.
func (r report) bestTable() string {
	header := []string{"ours over the best peer's", "fsync"}
	for _, f := range figures() {
		header = append(header, f.name)
	}
	t := newTable(append(header, "p50 over forced write + round trip")...)
	for _, fsync := range r.plan.Fsync {
		for _, outstanding := range r.plan.Outstanding {
			us := r.results(ours, fsync, outstanding)
			row := table.Row{fmt.Sprintf("%d outstanding", outstanding), onOff(fsync)}
			for _, f := range figures() {
				row = append(row, r.overBest(us, f, fsync, outstanding))
			}
			limit := ""
			if outstanding == 1 && fsync && len(us) > 0 {
				p50 := spreadBy(us, func(r Result) float64 { return r.P50 }).Median
				limit = ratio(p50, r.limits.ForcedWrite.Median+r.limits.RoundTrip.Median)
			}
			t.AppendRow(append(row, limit))
		}
	}
	return t.Render()
}

// overBest is our median of a figure over that of the best peer, and which that is.
func (r report) overBest(us []Result, f figure, fsync bool, outstanding int) string {
	best, name := 0.0, ""
	for _, system := range r.plan.Systems {
		results := r.results(system, fsync, outstanding)
		if system == ours || len(results) == 0 {
			continue
		}
		m := spreadBy(results, f.of).Median
		if name == "" || f.more && m > best || !f.more && m < best {
			best, name = m, system
		}
	}
	if name == "" || len(us) == 0 {
		return ""
	}
	return fmt.Sprintf("%s (%s)", ratio(spreadBy(us, f.of).Median, best), name)
}
