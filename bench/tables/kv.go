package tables

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"paxon/bench/plot"
)

// keyed is what clients do with keys.
type keyed struct {
	name, title string
	one         bool // One key.
	spread      bool // Clients at all members.
}

func (r *runner) keyeds() []keyed {
	many := strconv.Itoa(r.Keys) + " keys"
	return []keyed{
		{"spread", many, false, false},
		{"one", "one key", true, false},
		{"contended", "one key, clients at all three members", true, true},
	}
}

// part is a table of kv.
type part struct {
	keyed
	write bool
}

func (p part) name() string { return fmt.Sprintf("kv-%s-%s", p.operation(), p.keyed.name) }

func (p part) operation() string { return operation(Load{Write: p.write}) }

func (p part) load(r *runner, clients int) Load {
	l := Load{
		Write: p.write, Keys: r.Keys, Clients: clients, Size: r.Size, Spread: p.spread,
		WarmUp: r.Times.WarmUp, Duration: r.Times.Duration,
	}
	if p.one {
		l.Keys = 1
	}
	return l
}

// rival is a store in the table.
type rival struct {
	name   string
	single bool // It has one member.
	open   func(ctx context.Context, dir string) (Store, error)
	store  Store
	speeds map[point][]Speed // Of all rounds.
}

// point is one load.
type point struct {
	part    string
	clients int
}

// kv is the table of stores.
func (r *runner) kv(ctx context.Context) (out Result, err error) {
	rivals, err := r.rivals()
	if err != nil {
		return out, err
	}
	var parts []part
	for _, write := range []bool{true, false} {
		for _, k := range r.keyeds() {
			parts = append(parts, part{k, write})
		}
	}
	err = r.in(func(dir string) (err error) {
		defer func() {
			for _, v := range rivals {
				if v.store != nil {
					err = errors.Join(err, v.store.Close())
				}
			}
		}()
		for _, v := range rivals {
			if err := r.begin(ctx, v, dir); err != nil {
				return fmt.Errorf("%s: %w", v.name, err)
			}
		}
		return r.rounds(ctx, parts, rivals)
	})
	if err != nil {
		return out, err
	}
	for _, p := range parts {
		out.Tables = append(out.Tables, r.stores(p, rivals))
	}
	out.Pictures = r.drawStores(parts, rivals)
	return out, nil
}

// rounds puts every load on every store in turn.
func (r *runner) rounds(ctx context.Context, parts []part, rivals []*rival) error {
	for range r.Repeat {
		for _, p := range parts {
			for _, clients := range r.Clients {
				for _, v := range rivals {
					if p.spread && (v.single || clients < Regions) {
						continue
					}
					r.progress(fmt.Sprintf("%s, %s: %s", p.name(), count(clients), v.name))
					s, err := v.store.Load(ctx, p.load(r, clients))
					if err != nil {
						return fmt.Errorf("%s, %s: %s: %w", p.name(), count(clients), v.name, err)
					}
					at := point{p.name(), clients}
					v.speeds[at] = append(v.speeds[at], s)
				}
			}
		}
	}
	return nil
}

// columnsOfStores are throughput, latencies, and how many times as many operations Paxon does in the
// same round.
func columnsOfStores() []string {
	return []string{"operations/s", "p50, ms", "p99, ms", "Paxon's over it"}
}

// stores is the table of one part. The first of the rivals is the one that others are compared with.
func (r *runner) stores(p part, rivals []*rival) Table {
	t := Table{
		Name: p.name(), Title: fmt.Sprintf("%s of %d bytes, %s", p.operation(), r.Size, p.title),
		Columns: columnsOfStores(), Conditions: append(r.real(), r.howStores()...),
	}
	for _, clients := range r.Clients {
		at := point{p.name(), clients}
		first := rivals[0].speeds[at]
		for _, v := range rivals {
			speeds := v.speeds[at]
			if len(speeds) == 0 {
				continue
			}
			var perSecond, p50, p99, ratio Cell
			for i, s := range speeds {
				perSecond.Values = append(perSecond.Values, s.PerSecond)
				p50.Values = append(p50.Values, s.P50)
				p99.Values = append(p99.Values, s.P99)
				if v != rivals[0] && i < len(first) && s.PerSecond > 0 {
					ratio.Values = append(ratio.Values, first[i].PerSecond/s.PerSecond)
				}
			}
			t.Rows = append(t.Rows, Row{
				Name: fmt.Sprintf("%s, %s", count(clients), v.name), Source: Machine,
				Cells: []Cell{perSecond, p50, p99, ratio},
			})
		}
	}
	return t
}

func count(clients int) string {
	if clients == 1 {
		return "1 client"
	}
	return fmt.Sprintf("%d clients", clients)
}

func (r *runner) howStores() []string {
	how := []string{
		"each write is forced; all stores on one disk, in turn; others idle meanwhile",
		"redis-benchmark, a connection for each client; with clients at all members three of it at once, " +
			"over the time of the one that takes longest, with the highest latencies; otherwise clients " +
			"are at the first member",
	}
	if r.etcd != nil {
		how = append(how, "etcd: its own client in a loop, because its own benchmark is no module that "+
			"can be fetched; ten clients on a connection; reads are linearizable; the first member leads")
	}
	return how
}

// drawStores draws throughput and p99 by clients.
func (r *runner) drawStores(parts []part, rivals []*rival) (all []Drawn) {
	for _, write := range []bool{true, false} {
		for _, figure := range []struct {
			name, label string
			of          func(Speed) float64
		}{
			{"throughput", "operations/s", func(s Speed) float64 { return s.PerSecond }},
			{"p99", "p99, ms", func(s Speed) float64 { return s.P99 }},
		} {
			picture := plot.Picture{
				Title: fmt.Sprintf("%s, by clients", operation(Load{Write: write})),
				Conditions: fmt.Sprintf("values of %d bytes, forced; clients at one member; %s", r.Size,
					r.real()[0]),
				X: plot.Axis{Label: "clients", Log: true, Ticks: ticks(r.Clients)},
				Y: plot.Axis{Label: figure.label, Log: true},
			}
			for tone, v := range rivals {
				for _, p := range parts {
					if p.write != write || p.spread {
						continue
					}
					if line := v.line(p, r.Clients, figure.of); len(line.Points) > 0 {
						line.Tone = tone + 1
						picture.Lines = append(picture.Lines, line)
					}
				}
			}
			name := fmt.Sprintf("kv-%s-%s", operation(Load{Write: write}), figure.name)
			all = append(all, Drawn{name, picture})
		}
	}
	return all
}

func ticks(clients []int) (all []float64) {
	for _, c := range clients {
		all = append(all, float64(c))
	}
	return all
}

// line is a store in a picture.
func (v *rival) line(p part, clients []int, of func(Speed) float64) plot.Line {
	line := plot.Line{Name: fmt.Sprintf("%s, %s", v.name, p.title), Dashed: p.one}
	for _, n := range slices.Sorted(slices.Values(clients)) {
		var c Cell
		for _, s := range v.speeds[point{p.name(), n}] {
			c.Values = append(c.Values, of(s))
		}
		if len(c.Values) > 0 {
			y := c.bar()
			line.Points = append(line.Points, plot.Point{X: float64(n), Y: y.Y, Low: y.Low, High: y.High})
		}
	}
	return line
}
