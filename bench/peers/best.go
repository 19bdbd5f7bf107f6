package main

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"

	"paxon/bench"
)

// figure is something to compare, and whether more of it is better.
type figure struct {
	name string
	of   func(Result) float64
	more bool
}

// The figures that are compared.
func rateOf() figure {
	return figure{"messages/s", func(r Result) float64 { return r.PerSecond }, true}
}
func p50Of() figure { return figure{"p50", func(r Result) float64 { return r.P50 }, false} }
func p99Of() figure { return figure{"p99", func(r Result) float64 { return r.P99 }, false} }
func cpuOf() figure { return figure{"CPU", func(r Result) float64 { return r.CPU }, false} }
func memoryOf() figure {
	return figure{"peak memory", func(r Result) float64 { return float64(r.PeakMemory) }, false}
}

func allocsOf(r Result) float64 { return r.Allocs / 1e6 } // For a message.

func compared() []figure { return []figure{rateOf(), p50Of(), p99Of(), cpuOf(), memoryOf()} }

// point is what all systems are measured at.
type point struct {
	fsync       bool
	outstanding int
}

func (p point) String() string {
	return fmt.Sprintf("fsync %s, %d outstanding", onOff(p.fsync), p.outstanding)
}

// points are all points of a plan.
func (p plan) points() []point {
	var all []point
	for _, fsync := range p.Fsync {
		for _, outstanding := range p.Outstanding {
			all = append(all, point{fsync, outstanding})
		}
	}
	return all
}

// lines are the measurements of one system at a point that succeeded, by repetition.
func (r report) at(system string, p point) map[int]line {
	found := map[int]line{}
	for _, l := range r.lines {
		if l.System == system && l.Fsync == p.fsync && l.Outstanding == p.outstanding &&
			l.Result != nil {
			found[l.Repetition] = l
		}
	}
	return found
}

// over is our figure over a peer's in each round in which both were measured, false if there
// is no such round. Because both are measured one soon after the other, what changes in the machine
// from one round to the next is not in the ratios.
func (r report) over(peer string, f figure, p point) (bench.Spread, bool) {
	var ratios []float64
	theirs := r.at(peer, p)
	for round, l := range r.at(ours, p) {
		if t, ok := theirs[round]; ok {
			ratios = append(ratios, f.of(*l.Result)/f.of(*t.Result))
		}
	}
	if len(ratios) == 0 {
		return bench.Spread{}, false
	}
	return bench.SpreadOf(ratios), true
}

// best is the peer with the best median of a figure at a point, "" if none was measured.
func (r report) best(f figure, p point) string {
	best, name := 0.0, ""
	for _, system := range r.plan.Systems {
		results := r.results(system, p.fsync, p.outstanding)
		if system == ours || len(results) == 0 {
			continue
		}
		m := spreadBy(results, f.of).Median
		if name == "" || f.more && m > best || !f.more && m < best {
			best, name = m, system
		}
	}
	return name
}

// overBest is our figure over that of the best peer, in each round, and which that is.
func (r report) overBest(f figure, p point) (s bench.Spread, peer string, ok bool) {
	if peer = r.best(f, p); peer == "" {
		return s, "", false
	}
	s, ok = r.over(peer, f, p)
	return s, peer, ok
}

// bestTable sets ours in relation to the peer that is best in each figure.
func (r report) bestTable() string {
	header := []string{"ours over the best peer's", "fsync"}
	for _, f := range compared() {
		header = append(header, f.name)
	}
	t := newTable(header...)
	for _, p := range r.plan.points() {
		row := table.Row{fmt.Sprintf("%d outstanding", p.outstanding), onOff(p.fsync)}
		for _, f := range compared() {
			cell := ""
			if s, peer, ok := r.overBest(f, p); ok {
				cell = fmt.Sprintf("%s %s", ratios(s), peer)
			}
			row = append(row, cell)
		}
		t.AppendRow(row)
	}
	return t.Render()
}

// ratios writes the median and the range of ratios.
func ratios(s bench.Spread) string {
	return fmt.Sprintf("%.2f (%.2f to %.2f)", s.Median, s.Min, s.Max)
}
