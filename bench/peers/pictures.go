package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"paxon/bench"
	"paxon/bench/plot"
)

// draw saves all pictures that the measurements are enough for into a directory, as SVG and PNG.
func (r report) draw(dir string) error {
	var err error
	for name, p := range r.pictures() {
		err = errors.Join(err, replace(filepath.Join(dir, name+".svg"), p.SVG),
			replace(filepath.Join(dir, name+".png"), p.PNG))
	}
	return err
}

// replace writes a file whole, or leaves what was there.
func replace(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	const mode = 0o644
	if err := errors.Join(write(f), f.Chmod(mode), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), path)
}

// pictures are, by the names of their files, messages/s by messages on their way, latency with
// one message on its way beside the limits, and ours over the best peer's.
func (r report) pictures() map[string]plot.Picture {
	all := map[string]plot.Picture{}
	add := func(name string, p plot.Picture) {
		if len(p.Lines) > 0 || len(p.Bars) > 0 { // Something was measured.
			p.Conditions = r.sentence()
			all[name] = p
		}
	}
	for _, fsync := range r.plan.Fsync {
		add("throughput-fsync-"+onOff(fsync), r.throughput(fsync))
		add("latency-fsync-"+onOff(fsync), r.latency(fsync))
	}
	add("ratio", r.ratio())
	return all
}

// sentence says how and where it was measured.
func (r report) sentence() string {
	c := r.conditions
	processes := "one process"
	if c.Processes > 1 {
		processes = fmt.Sprintf("%d processes", c.Processes)
	}
	return fmt.Sprintf("%d members in %s, %d B a message, median of %d with least and most; %s, "+
		"%d cores, kernel %s, %s, %s, commit %.12s", c.Members, processes, c.Size, c.Repeat, c.CPU,
		c.Cores, c.Kernel, c.FileSystem, c.Go, c.Commit)
}

// throughput has a line for each system.
func (r report) throughput(fsync bool) plot.Picture {
	c := plot.Picture{
		Title: "Messages a second, fsync " + onOff(fsync),
		X:     plot.Axis{Label: "messages on their way", Log: true},
		Y:     plot.Axis{Label: "messages/s", Log: true},
	}
	for _, n := range r.plan.Outstanding {
		c.X.Ticks = append(c.X.Ticks, float64(n))
	}
	for _, system := range r.plan.Systems {
		l := plot.Line{Name: system}
		for _, n := range r.plan.Outstanding {
			if results := r.results(system, fsync, n); len(results) > 0 {
				s := spreadBy(results, rateOf().of)
				l.Points = append(l.Points, plot.Point{X: float64(n), Y: s.Median, Low: s.Min, High: s.Max})
			}
		}
		if len(l.Points) > 0 {
			c.Lines = append(c.Lines, l)
		}
	}
	return c
}

// latency has a bar for each system, and bars for what the machine allows.
func (r report) latency(fsync bool) plot.Picture {
	c := plot.Picture{
		Title: "Latency with one message on its way, p50, fsync " + onOff(fsync),
		Y:     plot.Axis{Label: "µs"},
	}
	systems, machine := plot.Bars{Name: "system"}, plot.Bars{Name: "limit of the machine"}
	add := func(name string, to, other *plot.Bars, s bench.Spread) {
		c.Groups = append(c.Groups, name)
		to.Values = append(to.Values, plot.Value{Y: s.Median * 1e6, Low: s.Min * 1e6, High: s.Max * 1e6})
		other.Values = append(other.Values, plot.Value{}) // No bar.
	}
	for _, system := range r.plan.Systems {
		if results := r.results(system, fsync, 1); len(results) > 0 {
			add(system, &systems, &machine, spreadBy(results, p50Of().of))
		}
	}
	if len(systems.Values) == 0 {
		return c
	}
	limit := func(name string, of func(limits) float64) {
		add(name, &machine, &systems, r.limitOf(point{fsync, 1}, of))
	}
	limit("round trip", func(l limits) float64 { return l.RoundTrip })
	if fsync {
		limit("forced write", func(l limits) float64 { return l.ForcedWrite })
		limit("both", func(l limits) float64 { return l.ForcedWrite + l.RoundTrip })
	}
	c.Bars = []plot.Bars{systems, machine}
	return c
}

// limitOf is where a limit lies that was measured before a point.
func (r report) limitOf(p point, of func(limits) float64) bench.Spread {
	var all []float64
	for _, l := range r.lines {
		if (point{l.Fsync, l.Outstanding}) == p {
			all = append(all, of(l.Limits))
		}
	}
	return bench.SpreadOf(all)
}

// ratio has a group for each number of messages on their way, and in it a bar with forced writes
// and one without.
func (r report) ratio() plot.Picture {
	c := plot.Picture{
		Title: "Messages a second, Paxon over the best peer: median of the rounds' ratios, with range",
		X:     plot.Axis{Label: "messages on their way"}, Y: plot.Axis{Label: "ratio"},
		Levels: []plot.Level{{Name: fmt.Sprintf("target: %.2f", targetRate), Y: targetRate}},
	}
	for _, n := range r.plan.Outstanding {
		c.Groups = append(c.Groups, fmt.Sprint(n))
	}
	for _, fsync := range r.plan.Fsync {
		b := plot.Bars{Name: "fsync " + onOff(fsync)}
		measured := false
		for _, n := range r.plan.Outstanding {
			v := plot.Value{} // Nothing to compare.
			if s, _, ok := r.overBest(rateOf(), point{fsync, n}); ok {
				v, measured = plot.Value{Y: s.Median, Low: s.Min, High: s.Max}, true
			}
			b.Values = append(b.Values, v)
		}
		if measured {
			c.Bars = append(c.Bars, b)
		}
	}
	return c
}
