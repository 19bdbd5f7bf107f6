package tables

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"paxon/seasons"
	"paxon/seasons/catalog"
)

// variants are the compositions that stand beside CASPaxos: the default, and plain Paxos, whose
// leader asks for promises in each instance.
func variants() []string { return []string{catalog.Default, seasons.Paxos().Name} }

// placed is the regions of the processes if the first is in one of them.
func placed(first int) [Regions]int {
	return [Regions]int{first, (first + 1) % Regions, (first + 2) % Regions}
}

// latencyRow puts the times of processes in regions into the order of the regions.
func latencyRow(name string, from Source, region [Regions]int, rounds [][Regions]time.Duration) Row {
	row := Row{Name: name, Source: from, Cells: make([]Cell, Regions)}
	for _, mean := range rounds {
		for process, r := range region {
			c := &row.Cells[r]
			c.Values = append(c.Values, milliseconds(mean[process]))
		}
	}
	return row
}

// SimulateLatencies are the rows of §3.2 in virtual time.
func SimulateLatencies() (rows []Row, err error) {
	add := func(name string, region [Regions]int, s *simulation) error {
		mean, err := s.latencies()
		rows = append(rows, latencyRow(name, Simulated, region, [][Regions]time.Duration{mean}))
		return err
	}
	here := placed(0)
	for _, c := range []struct {
		name  string
		inOne bool
	}{{"CASPaxos", false}, {"CASPaxos, as one change", true}} {
		if err := add(c.name, here, newCASPaxos(path{RoundTrip, here}, wanCASPaxos(), c.inOne)); err != nil {
			return nil, err
		}
	}
	for _, name := range variants() {
		v, err := catalog.ByName(name)
		if err != nil {
			return nil, err
		}
		for leader := range Regions {
			region := placed(leader)
			s := newBroadcast(v, path{RoundTrip, region}, wanBroadcast())
			if err := add(ledIn(broadcastName(name), leader), region, s); err != nil {
				return nil, err
			}
			if now := s.leader(); now != 1 {
				return nil, fmt.Errorf("%s: %v leads: expected that the first process does", name, now)
			}
		}
	}
	return rows, nil
}

// broadcastName is that of a composition in a table.
func broadcastName(variant string) string { return "broadcast " + variant }

func ledIn(name string, leader int) string {
	return fmt.Sprintf("%s, leader in %s", name, regionNames()[leader])
}

// wan is the table of §3.2.
func (r *runner) wan(ctx context.Context) (Result, error) {
	r.progress("wan, simulated")
	simulated, err := SimulateLatencies()
	if err != nil {
		return Result{}, err
	}
	virtual := Table{
		Name: "wan-simulated", Title: "Read, add one and write back, in three regions", Unit: "ms",
		Columns: regionNames(), Rows: slices.Concat(paperLatencies(), paperEstimates(), simulated),
		Conditions: []string{
			"virtual time: half a round trip for each message, nothing for computing and disks",
			"broadcast: a read is a message like a write, and is answered when it is delivered",
		},
	}
	measured, err := r.realLatencies(ctx)
	if err != nil {
		return Result{}, err
	}
	here := Table{
		Name: "wan-machine", Title: "The same loops on this machine, over links with delays", Unit: "ms",
		Columns: regionNames(), Rows: slices.Concat(paperLatencies(), paperEstimates(), measured),
		Conditions: append(r.real(), fmt.Sprintf("round trips %g of the paper's, and what was measured "+
			"divided by that: forced writes and computing count %g times", r.Scale, 1/r.Scale),
			fmt.Sprintf("etcd: a heartbeat every %v, elections after %v, by its guide for the longest round "+
				"trip", r.tuned().Heartbeat, r.tuned().Election)),
	}
	return Result{
		Tables: []Table{virtual, here},
		Pictures: []Drawn{
			{virtual.Name, bars(virtual, slices.Concat(paperLatencies(), simulated[:5]))},
			{here.Name, bars(here, drawnLatencies(measured))},
		},
	}, nil
}

// drawnLatencies leaves out plain Paxos, for room.
func drawnLatencies(rows []Row) []Row {
	drawn := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool {
		return strings.HasPrefix(r.Name, broadcastName(seasons.Paxos().Name))
	})
	return drawn[:min(len(drawn), 8)]
}

// tuned are etcd's times by its guide: a heartbeat in the longest round trip, and an election after
// ten of them.
func (r *runner) tuned() Timing {
	longest := time.Duration(float64(RoundTrip(1, 2)) * r.Scale)
	heartbeat := max(10*time.Millisecond, longest.Round(10*time.Millisecond))
	return Timing{Heartbeat: heartbeat, Election: 10 * heartbeat}
}

// realLatencies measures all contenders in turn.
func (r *runner) realLatencies(ctx context.Context) ([]Row, error) {
	all := []contender{
		r.changes("CASPaxos", wanCASPaxos(), false),
		r.changes("CASPaxos, as one change", wanCASPaxos(), true),
	}
	for _, v := range variants() {
		all = append(all, r.broadcast(broadcastName(v), v, wanBroadcast()))
	}
	if r.etcd != nil {
		all = append(all, r.program("etcd", r.tuned()))
	}
	type line struct {
		of     contender
		name   string
		region [Regions]int
		rounds [][Regions]time.Duration
	}
	var lines []line
	for _, c := range all {
		if !c.leads {
			lines = append(lines, line{of: c, name: c.name, region: placed(0)})
			continue
		}
		for leader := range Regions {
			lines = append(lines, line{of: c, name: ledIn(c.name, leader), region: placed(leader)})
		}
	}
	for range r.Repeat {
		for i := range lines {
			l := &lines[i]
			r.progress("wan: " + l.name)
			err := r.in(func(dir string) error {
				mean, err := l.of.latencies(ctx, l.region, dir)
				for p := range mean {
					mean[p] = time.Duration(float64(mean[p]) / r.Scale)
				}
				l.rounds = append(l.rounds, mean)
				return err
			})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", l.name, err)
			}
		}
	}
	var rows []Row
	for _, l := range lines {
		rows = append(rows, latencyRow(l.name, Machine, l.region, l.rounds))
	}
	return rows, nil
}
