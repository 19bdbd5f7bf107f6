package main

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"paxon/bench"
)

// What Paxon is to reach.
const (
	targetSize      = 128 // Bytes of a message, for all but the share of the disk.
	targetLimit     = 1.25
	targetUnforced  = 0.75
	targetRate      = 1.75
	targetAllocs    = 0.05 // For a message, where at least targetManyOut are on their way.
	targetManyOut   = 1024
	targetShare     = 0.85
	targetShareSize = 1024
	targetShareOut  = 8192
)

// target is something to reach, and what was.
type target struct {
	what, wanted string
	reached      string
	met          bool
}

// targets are all that this plan has measured.
func (r report) targets() []target {
	var all []target
	for _, p := range r.plan.points() {
		if len(r.at(ours, p)) == 0 {
			continue
		}
		if r.plan.Size == targetSize {
			all = append(all, r.targetsAt(p)...)
		}
		if share := p == (point{true, targetShareOut}); share && r.plan.Size == targetShareSize {
			all = append(all, r.share(p))
		}
	}
	return all
}

// targetsAt are those at a point.
func (r report) targetsAt(p point) []target {
	var all []target
	name := func(what string) string { return what + ", " + p.String() }
	// Ours is to be at most, or at least, so many times that of the best peer.
	versus := func(f figure, limit float64) {
		s, peer, ok := r.overBest(f, p)
		if !ok {
			return
		}
		t := target{what: name(f.name), reached: ratios(s) + " × " + peer}
		if f.more {
			t.wanted, t.met = fmt.Sprintf("≥ %.2f × the best peer", limit), s.Median >= limit
		} else {
			t.wanted, t.met = fmt.Sprintf("≤ %.2f × the best peer", limit), s.Median <= limit
		}
		all = append(all, t)
	}
	switch {
	case p.outstanding == 1 && p.fsync:
		s := r.overLimits(p)
		all = append(all, target{
			name("p50"), fmt.Sprintf("≤ %.2f × (forced write + round trip)", targetLimit), ratios(s),
			s.Median <= targetLimit,
		})
		versus(p50Of(), 1)
	case p.outstanding == 1:
		versus(p50Of(), targetUnforced)
	default:
		versus(rateOf(), targetRate)
	}
	if p.outstanding == targetManyOut {
		versus(p99Of(), 1)
	}
	versus(memoryOf(), 1)
	if p.outstanding >= targetManyOut {
		a := spreadBy(r.results(ours, p.fsync, p.outstanding), allocsOf)
		all = append(all, target{
			name("allocations per message"), fmt.Sprintf("none, that is < %.2f", targetAllocs),
			fmt.Sprintf("%.3f (%.3f to %.3f)", a.Median, a.Min, a.Max), a.Median < targetAllocs,
		})
	}
	return all
}

// overLimits is our p50 over a forced write and a round trip, in each round.
func (r report) overLimits(p point) bench.Spread {
	var all []float64
	for _, l := range r.at(ours, p) {
		all = append(all, l.P50/(l.Limits.ForcedWrite+l.Limits.RoundTrip))
	}
	return bench.SpreadOf(all)
}

// share is how much of what each of three logs gets, written side by side, payloads take in each
// of ours.
func (r report) share(p point) target {
	var all []float64
	for _, l := range r.at(ours, p) {
		all = append(all, l.PerSecond*float64(r.plan.Size)/l.Limits.Logs)
	}
	s := bench.SpreadOf(all)
	return target{
		"payload bytes/s, " + p.String(),
		fmt.Sprintf("≥ %.2f × what each of three forced logs gets", targetShare), ratios(s),
		s.Median >= targetShare,
	}
}

// targetsTable shows what is reached, nothing if there is none to reach.
func (r report) targetsTable() string {
	all := r.targets()
	if len(all) == 0 {
		return ""
	}
	t := newTable("target", "wanted", "reached: median (range) of the rounds", "met")
	t.SetColumnConfigs(nil) // All are words.
	met := 0
	for _, x := range all {
		mark := "no"
		if x.met {
			mark = "yes"
			met++
		}
		t.AppendRow(table.Row{x.what, x.wanted, x.reached, mark})
	}
	var b strings.Builder
	b.WriteString(t.Render())
	fmt.Fprintf(&b, "\n%d of %d targets are met\n", met, len(all))
	return b.String()
}
