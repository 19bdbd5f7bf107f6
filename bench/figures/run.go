package figures

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"paxon/bench"
	"paxon/bench/figures/model"
)

// Config says what to measure.
type Config struct {
	Figures []Figure
	Scales  []Scale
	// Bench is how the real host is measured: its Duration, WarmUp, Repeat, Dir and Program. Its
	// Settings and Progress are not used.
	Bench bench.Config
	// Seeds is how many runs are simulated for each point, at least 1.
	Seeds int
	// Progress hears how many of all measurements are done, and of which chart the next is. It may
	// be nil.
	Progress func(done, all int, chart string)
}

// Run measures the figures one after the other, and hands over each chart when it is there. The
// error is one of model, bench or node, of chart, or the cause of ctx.
func Run(ctx context.Context, c Config, chart func(Chart) error) error {
	r := &runner{Config: c, host: bench.HostOf(c.Bench.Dir)}
	type plan struct {
		scale Scale
		todo  []measuring
	}
	var plans []plan
	for _, f := range c.Figures {
		for _, s := range c.Scales {
			p := plan{scale: s}
			for _, ch := range f.charts(s) {
				m := newMeasuring(ch)
				r.all += len(m.points) * r.repetitions(s)
				p.todo = append(p.todo, m)
			}
			plans = append(plans, p)
		}
	}
	for _, p := range plans {
		for _, m := range p.todo {
			if err := r.measure(ctx, p.scale, m); err != nil {
				return fmt.Errorf("figure %s, scale %s: %w", m.name, p.scale, err)
			}
			if err := chart(r.result(p.scale, m)); err != nil {
				return err
			}
		}
	}
	r.progress(0, "")
	return nil
}

type runner struct {
	Config
	host      bench.Host
	done, all int
}

// measuring is a chart with what was measured of its points, all lines in a row.
type measuring struct {
	chart
	points []point
	values [][]float64
}

func newMeasuring(c chart) measuring {
	m := measuring{chart: c}
	for _, l := range c.lines {
		m.points = append(m.points, l.points...)
	}
	m.values = make([][]float64, len(m.points))
	return m
}

func (r *runner) repetitions(s Scale) int {
	if s == Paper {
		return r.Seeds
	}
	return r.Bench.Repeat
}

func (r *runner) progress(more int, chart string) {
	r.done += more
	if r.Progress != nil {
		r.Progress(r.done, r.all, chart)
	}
}

func (r *runner) measure(ctx context.Context, s Scale, m measuring) error {
	r.progress(0, m.name)
	switch {
	case s == Paper:
		return r.simulate(ctx, m)
	case m.points[0].recovered != nil:
		return r.recover(ctx, m)
	default:
		return r.bench(ctx, m)
	}
}

// simulate runs models on all cores, each point with every seed.
func (r *runner) simulate(ctx context.Context, m measuring) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	finished := make(chan struct{}, len(m.points)*r.Seeds)
	for i := range m.points {
		m.values[i] = make([]float64, r.Seeds)
		for seed := range r.Seeds {
			group.Go(func() error {
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				v, err := m.points[i].simulate(uint64(seed + 1))
				m.values[i][seed] = v
				finished <- struct{}{}
				return err
			})
		}
	}
	result := make(chan error, 1)
	go func() {
		result <- group.Wait()
		close(finished)
	}()
	for range finished {
		r.progress(1, m.name)
	}
	return <-result
}

func (p point) simulate(seed uint64) (float64, error) {
	s := *p.simulated
	s.Seed = seed
	if p.value != nil {
		return p.value(s)
	}
	return model.Run(s)
}

// bench measures all points of a chart in turn on this machine.
func (r *runner) bench(ctx context.Context, m measuring) error {
	c := r.Bench
	c.Settings = nil
	for _, p := range m.points {
		c.Settings = append(c.Settings, *p.measured)
	}
	before := r.done
	c.Progress = func(done, _ int, _ bench.Setting) {
		r.done = before + done
		r.progress(0, m.name)
	}
	report, err := bench.Run(ctx, c)
	if err != nil {
		return err
	}
	for i, p := range report.Points {
		for _, repetition := range p.Repetitions {
			m.values[i] = append(m.values[i], repetition.PerSecond)
		}
	}
	return nil
}

// recover measures each point in turn, on this machine.
func (r *runner) recover(ctx context.Context, m measuring) error {
	for range r.Bench.Repeat {
		for i, p := range m.points {
			took, err := p.recovered.measure(ctx, r.Bench.Dir)
			if err != nil {
				return err
			}
			m.values[i] = append(m.values[i], took.Seconds())
			r.progress(1, m.name)
		}
	}
	return nil
}

// result is the chart of what was measured.
func (r *runner) result(s Scale, m measuring) Chart {
	c := Chart{
		Name: "figure" + m.name + "-" + string(s), Title: m.title, Scale: s, X: m.x, Y: m.y,
		Conditions: m.conditions + "; " + r.conditions(s), Host: r.host,
	}
	next := 0
	for _, l := range m.lines {
		out := Line{Name: l.name, Tone: l.tone, Dashed: l.dashed}
		for _, p := range l.points {
			values := m.values[next]
			out.Points = append(out.Points, Point{
				X: p.x, Spread: bench.SpreadOf(values), Values: values,
				Simulated: p.simulated, Measured: p.measured,
			})
			next++
		}
		c.Lines = append(c.Lines, out)
	}
	return c
}

func (r *runner) conditions(s Scale) string {
	if s == Paper {
		return fmt.Sprintf("simulated: Ultra 10, Java 1.3, 100 Mb/s, IDE disk; ten instances at a time "+
			"unless consecutive; median of %d runs with the range", r.Seeds)
	}
	b := r.Bench
	return fmt.Sprintf("%s, %d cores, %s; median of %d with the range, %s each",
		r.host.CPU, r.host.Cores, r.host.FileSystem, b.Repeat, b.Duration.Round(time.Millisecond))
}
