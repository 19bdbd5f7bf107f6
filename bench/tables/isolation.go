package tables

import (
	"context"
	"fmt"
	"slices"
	"time"

	"paxon/caspaxos"
	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/catalog"
)

// isolated are the columns of §3.3: which process is isolated, −1 for none. The first process leads.
func isolated() []int { return []int{-1, 1, 0} }

func isolatedNames() []string {
	return []string{"nobody isolated", "a process", "the leader, or process 1"}
}

// etcdTimes are etcd's own where it is not told otherwise.
func etcdTimes() Timing { return Timing{Heartbeat: 100 * time.Millisecond, Election: time.Second} }

// quicker are etcd's times as near to those of Paxon as they come.
func quicker() Timing {
	return Timing{Heartbeat: 50 * time.Millisecond, Election: 300 * time.Millisecond}
}

// patient has the time-out of etcd in the place of Paxon's.
func patient() seasons.Options {
	o := seasons.DefaultOptions()
	o.Omega.Timeout = etcdTimes().Election
	return o
}

// led is a composition with a time-out.
type led struct {
	variant string
	options seasons.Options
}

func (l led) name() string {
	return fmt.Sprintf("%s, time-out %v", broadcastName(l.variant), l.options.Omega.Timeout)
}

// allLed are the compositions that stand beside CASPaxos.
func allLed() []led {
	var all []led
	for _, v := range variants() {
		all = append(all, led{v, seasons.DefaultOptions()})
	}
	return append(all, led{catalog.Default, patient()})
}

// phases is at how many places between two heartbeats the isolation begins.
const phases = 5

// promised is how many registers process 1 has the promises for, beside that of its client.
const promised = 100

// SimulateIsolation are the rows of §3.3 in virtual time.
func SimulateIsolation() (rows []Row, err error) {
	add := func(name string, fresh func() *simulation) error {
		row := Row{Name: name, Source: Simulated}
		for _, p := range isolated() {
			var c Cell
			for phase := range phases {
				later := seasons.DefaultOptions().Omega.Interval * time.Duration(phase) / phases
				longest, err := fresh().unavailable(process.ID(p+1), later)
				if err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				c.Values = append(c.Values, milliseconds(longest))
			}
			row.Cells = append(row.Cells, c)
		}
		rows = append(rows, row)
		return nil
	}
	if err := add("CASPaxos", func() *simulation {
		s := newCASPaxos(path{beside, placed(0)}, caspaxos.DefaultOptions(), false)
		s.promise(promised)
		return s
	}); err != nil {
		return nil, err
	}
	for _, l := range allLed() {
		v, err := catalog.ByName(l.variant)
		if err != nil {
			return nil, err
		}
		if err := add(l.name(), func() *simulation {
			return newBroadcast(v, path{beside, placed(0)}, l.options)
		}); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// isolation is the table of §3.3.
func (r *runner) isolation(ctx context.Context) (Result, error) {
	r.progress("isolation, simulated")
	simulated, err := SimulateIsolation()
	if err != nil {
		return Result{}, err
	}
	what := fmt.Sprintf("the longest wait for a round of the loop of a client at another process, with a "+
		"round trip of %v; a heartbeat every %v; the paper asks not to compare systems by windows, which "+
		"are a matter of configuration", beside(0, 1), seasons.DefaultOptions().Omega.Interval)
	virtual := Table{
		Name: "isolation-simulated", Title: "The longest wait when a process is isolated", Unit: "ms",
		Columns: isolatedNames(), Rows: slices.Concat(paperWindows(), simulated),
		Conditions: []string{
			"virtual time: nothing for computing and disks; median of " + fmt.Sprint(phases) +
				" beginnings between two heartbeats, with the range", what,
			fmt.Sprintf("process 1 of CASPaxos has the promises for %d registers more than the others",
				promised),
		},
	}
	measured, err := r.realIsolation(ctx)
	if err != nil {
		return Result{}, err
	}
	here := Table{
		Name: "isolation-machine", Title: "The same on this machine", Unit: "ms",
		Columns: isolatedNames(), Rows: slices.Concat(paperWindows(), measured),
		Conditions: append(r.real(), what,
			fmt.Sprintf("etcd's client asks again after %v, for a request may be lost with the leader",
				layoutOf(nil, 0, "").Patience())),
	}
	paper := paperWindows()[:2]
	return Result{
		Tables: []Table{virtual, here},
		Pictures: []Drawn{
			{virtual.Name, bars(virtual, slices.Concat(paper, simulated))},
			{here.Name, bars(here, slices.Concat(paper, measured))},
		},
	}, nil
}

// realIsolation measures all contenders in turn.
func (r *runner) realIsolation(ctx context.Context) ([]Row, error) {
	all := []contender{r.changes("CASPaxos", caspaxos.DefaultOptions(), false)}
	for _, l := range allLed() {
		all = append(all, r.broadcast(l.name(), l.variant, l.options))
	}
	if r.etcd != nil {
		for _, t := range []Timing{quicker(), etcdTimes()} {
			all = append(all, r.program(fmt.Sprintf("etcd, time-out %v", t.Election), t))
		}
	}
	rows := make([]Row, len(all))
	for i, c := range all {
		rows[i] = Row{Name: c.name, Source: Machine, Cells: make([]Cell, len(isolated()))}
	}
	for range r.Repeat {
		for i, c := range all {
			for column, p := range isolated() {
				r.progress(fmt.Sprintf("isolation: %s, %s", c.name, isolatedNames()[column]))
				err := r.in(func(dir string) error {
					longest, err := c.unavailable(ctx, Isolation{p, r.After / 2, r.After}, dir)
					cell := &rows[i].Cells[column]
					cell.Values = append(cell.Values, milliseconds(longest))
					return err
				})
				if err != nil {
					return nil, fmt.Errorf("%s: %w", c.name, err)
				}
			}
		}
	}
	return rows, nil
}
