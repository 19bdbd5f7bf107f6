package bench

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"paxon/bench/plot"
)

// Plots draws the report into an existing directory, as SVG and PNG: for each number that differs
// between the points, the messages a second and the latencies by it, with a line for each of the
// other settings. It draws nothing of a report in which no number differs.
func (r Report) Plots(dir string) error {
	for _, x := range abscissas() {
		lines := r.linesBy(x)
		if len(lines) == 0 {
			continue
		}
		const most = 4 // In one picture, where each may have two strokes.
		for i := 0; i < len(lines); i += most {
			part := lines[i:min(i+most, len(lines))]
			suffix := "-by-" + x.name
			if len(lines) > most {
				suffix += fmt.Sprintf("-%d", i/most+1)
			}
			if err := plot.Save(dir, "throughput"+suffix, r.throughput(x, part)); err != nil {
				return err
			}
			if err := plot.Save(dir, "latency"+suffix, r.latency(x, part)); err != nil {
				return err
			}
		}
	}
	return nil
}

// abscissa is a number that pictures can have along their width.
type abscissa struct {
	name, label string // The name is that of a dimension, or of a kind of load.
	log         bool
	of          func(Setting) float64 // 0 if a setting has no such number.
	without     func(*Setting)        // Makes settings equal that differ in it alone.
}

func abscissas() []abscissa {
	return []abscissa{
		{
			"outstanding", "messages on their way at each broadcaster", true,
			func(s Setting) float64 { return float64(s.Outstanding) },
			func(s *Setting) { s.Outstanding = 0 },
		},
		{
			"rate", "messages/s due", true, func(s Setting) float64 { return s.Rate },
			func(s *Setting) { s.Rate = 0 },
		},
		{
			"processes", "processes", false, func(s Setting) float64 { return float64(s.Processes) },
			func(s *Setting) { s.Processes = 0 },
		},
		{
			"size", "bytes of a message", true, func(s Setting) float64 { return float64(s.Size) },
			func(s *Setting) { s.Size = 0 },
		},
		{
			"window", "instances open at a time", true, func(s Setting) float64 { return float64(s.Window) },
			func(s *Setting) { s.Window = 0 },
		},
		{
			"batch", "bytes of a batch at most", true, func(s Setting) float64 { return float64(s.Batch) },
			func(s *Setting) { s.Batch = 0 },
		},
	}
}

// line is the points that differ in one number alone, in its order.
type line struct {
	name   string
	points []Point
}

// linesBy are those with at least two points. Their names say what else differs.
func (r Report) linesBy(x abscissa) []line {
	var keys []Setting
	points := map[Setting][]Point{}
	for _, p := range r.Points {
		if x.of(p.Setting) == 0 {
			continue
		}
		key := p.Setting
		x.without(&key)
		if points[key] == nil {
			keys = append(keys, key)
		}
		points[key] = append(points[key], p)
	}
	var lines []line
	for _, key := range keys {
		along := slices.SortedStableFunc(slices.Values(points[key]), func(a, b Point) int {
			return cmp.Compare(x.of(a.Setting), x.of(b.Setting))
		})
		if len(along) > 1 {
			lines = append(lines, line{r.lineName(x, along[0].Setting), along})
		}
	}
	return lines
}

// lineName is what tells a line from the others.
func (r Report) lineName(x abscissa, s Setting) string {
	varying, _ := r.dimensions()
	var parts []string
	for _, d := range varying {
		load := d.name == "load"
		switch {
		case d.name == x.name, load && (x.name == "outstanding" || x.name == "rate"):
		case load, d.name == "variant":
			parts = append(parts, d.of(s))
		default:
			parts = append(parts, d.name+" "+d.of(s))
		}
	}
	if len(parts) == 0 {
		return s.Variant
	}
	return strings.Join(parts, ", ")
}

// throughput is the picture of the messages a second.
func (r Report) throughput(x abscissa, lines []line) plot.Picture {
	p := r.picture("Throughput", "messages/s", x, lines)
	for i, l := range lines {
		p.Lines = append(p.Lines, plot.Line{
			Name: l.name, Tone: i + 1,
			Points: along(x, l, func(p Point) Spread { return p.PerSecond }, 1),
		})
	}
	return p
}

// latency is the picture of the median latencies, and dashed of the 99th percentiles.
func (r Report) latency(x abscissa, lines []line) plot.Picture {
	const us = 1e6
	p := r.picture("Latency", "µs", x, lines)
	for i, l := range lines {
		p.Lines = append(p.Lines, plot.Line{
			Name: l.name + ", p50", Tone: i + 1,
			Points: along(x, l, func(p Point) Spread { return p.P50 }, us),
		}, plot.Line{
			Name: l.name + ", p99", Tone: i + 1, Dashed: true,
			Points: along(x, l, func(p Point) Spread { return p.P99 }, us),
		})
	}
	return p
}

// picture is one without lines yet.
func (r Report) picture(title, unit string, x abscissa, lines []line) plot.Picture {
	_, constant := r.dimensions()
	var shared []string
	for _, d := range constant {
		shared = append(shared, d.name+" "+d.value)
	}
	c := r.Conditions
	p := plot.Picture{
		Title: title + " by " + x.label,
		Conditions: fmt.Sprintf("%s; median of %d with the range; %s, %d cores, %s",
			strings.Join(shared, ", "), c.Repeat, c.CPU, c.Cores, c.FileSystem),
		X: plot.Axis{Label: x.label, Log: x.log},
		Y: plot.Axis{Label: unit, Log: true},
	}
	for _, l := range lines {
		for _, point := range l.points {
			p.X.Ticks = append(p.X.Ticks, x.of(point.Setting))
		}
	}
	slices.Sort(p.X.Ticks)
	p.X.Ticks = slices.Compact(p.X.Ticks)
	return p
}

// along are the points of a line for one figure.
func along(x abscissa, l line, figure func(Point) Spread, scale float64) []plot.Point {
	var points []plot.Point
	for _, p := range l.points {
		s := figure(p)
		points = append(points, plot.Point{
			X: x.of(p.Setting), Y: s.Median * scale, Low: s.Min * scale, High: s.Max * scale,
		})
	}
	return points
}
