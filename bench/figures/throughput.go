package figures

import (
	"fmt"
	"strconv"
	"time"

	"paxon/bench"
	"paxon/bench/plot"
)

func byProcesses(s Scale) plot.Axis {
	a := plot.Axis{Label: "processes", Free: true}
	for _, n := range processes(s) {
		a.Ticks = append(a.Ticks, float64(n))
	}
	return a
}

func perSecond() plot.Axis { return plot.Axis{Label: "messages/s"} }

const asMany = "1 KB messages, as many as possible (100 on their way at each process that broadcasts)"

// figure23a is regular against fast Paxos.
func figure23a(s Scale) []chart {
	c := chart{
		name: "23a", title: "Regular and fast Paxos, by number of processes",
		conditions: asMany + ", all broadcast", x: byProcesses(s), y: perSecond(),
	}
	for _, v := range []struct{ name, variant string }{
		{"fast (fall)", fast}, {"regular (paxos)", regular},
	} {
		c.lines = append(c.lines, line{name: v.name, points: of(processes(s), func(n int) point {
			return at(s, float64(n), simulated(v.variant, n, bench.AtAll),
				measured(v.variant, n, bench.AtAll))
		})})
	}
	return addLimit(s, c, "batches of at most 10")
}

// figure23b is fast Paxos by who broadcasts.
func figure23b(s Scale) []chart {
	c := chart{
		name: "23b", title: "Fast Paxos, by who broadcasts", conditions: asMany,
		x: byProcesses(s), y: perSecond(),
	}
	for _, who := range []struct {
		name string
		at   bench.At
	}{
		{"(i) the leader", bench.AtLeader},
		{"(ii) one other", bench.AtOther},
		{"(iii) all but the leader", bench.AtOthers},
		{"(iv) all", bench.AtAll},
	} {
		c.lines = append(c.lines, line{name: who.name, points: of(processes(s), func(n int) point {
			return at(s, float64(n), simulated(fast, n, who.at), measured(fast, n, who.at))
		})})
	}
	return addLimit(s, c, "batches of at most 10")
}

// addLimit says what only the models have.
func addLimit(s Scale, c chart, what string) []chart {
	if s == Paper {
		c.conditions += ", " + what
	}
	return []chart{c}
}

// modes are concurrent and consecutive instances.
func modes() []mode {
	return []mode{{"concurrent", threads}, {"consecutive", 1}}
}

type mode struct {
	name   string
	window uint64
}

// looking is what a launch takes for each message that waits, if it looks at all of them.
const looking = 20 * time.Microsecond

// figure24 is concurrent against consecutive instances, by how much is broadcast: a chart for each
// number of processes.
func figure24(s Scale) []chart {
	var all []chart
	numbers := []int{4, 8, 12, 20}
	if s == Machine {
		numbers = []int{3, 5, 7, 9}
	}
	for i, n := range numbers {
		name := "24" + string(rune('a'+i))
		if s == Machine {
			all = append(all, outstanding24(name, n))
			continue
		}
		c := burst24(name, fmt.Sprintf("Concurrent and consecutive instances, %d processes", n))
		c.conditions += ", one message in each instance"
		for _, dashed := range []bool{false, true} {
			for tone, m := range modes() {
				l := line{name: m.name, tone: tone + 1, dashed: dashed}
				if dashed {
					l.name += ", launch looks at all that waits"
				}
				l.points = of(bursts(), func(b int) point {
					set := simulated(fast, n, bench.AtAll)
					set.Window, set.Messages, set.Outstanding, set.Burst = m.window, 1, 0, b
					if dashed {
						set.Costs.Launch = looking
					}
					return at(s, float64(b), set, bench.Setting{})
				})
				c.lines = append(c.lines, l)
			}
		}
		all = append(all, c)
	}
	if s == Paper {
		all = append(all, batched24())
	}
	return all
}

// burst24 has all messages be broadcast at once.
func burst24(name, title string) chart {
	c := chart{
		name: name, title: title,
		conditions: "fast Paxos, all broadcast, 1 KB messages, all due at once",
		x:          plot.Axis{Label: "messages broadcast", Log: true}, y: perSecond(),
	}
	for _, b := range bursts() {
		c.x.Ticks = append(c.x.Ticks, float64(b))
	}
	return c
}

func bursts() []int { return []int{20, 50, 100, 200, 500, 1000, 2000} }

// batched24 is what batches make of it.
func batched24() chart {
	c := burst24("24e", "Concurrent and consecutive instances, in batches")
	c.conditions += ", batches of at most 10"
	for i, n := range []int{4, 20} {
		for _, m := range modes() {
			c.lines = append(c.lines, line{
				name: fmt.Sprintf("%s, %d processes", m.name, n), tone: i + 1, dashed: m.window == 1,
				points: of(bursts(), func(b int) point {
					set := simulated(fast, n, bench.AtAll)
					set.Window, set.Outstanding, set.Burst = m.window, 0, b
					return at(Paper, float64(b), set, bench.Setting{})
				}),
			})
		}
	}
	return c
}

// outstanding24 has, on a real machine, as many messages be on their way: one alone would be over
// before it could be measured.
func outstanding24(name string, n int) chart {
	c := chart{
		name: name, title: fmt.Sprintf("Concurrent and consecutive instances, %d processes", n),
		conditions: "fast Paxos, all broadcast, 1 KB messages; 16 instances at a time are concurrent",
		x:          plot.Axis{Label: "messages on their way at each process", Log: true},
		y:          perSecond(),
	}
	loads := []int{1, 4, 16, 64, 256, 1024}
	for _, o := range loads {
		c.x.Ticks = append(c.x.Ticks, float64(o))
	}
	for _, one := range []bool{false, true} {
		for tone, m := range modes() {
			l := line{name: m.name + ", batches", tone: tone + 1, dashed: one}
			if one {
				l.name = m.name + ", one message in each"
			}
			l.points = of(loads, func(o int) point {
				set := measured(fast, n, bench.AtAll)
				set.Outstanding, set.Window = o, 1
				if m.window > 1 {
					set.Window = 0 // The default.
				}
				if one {
					set.Batch = 1
				}
				return point{x: float64(o), measured: &set}
			})
			c.lines = append(c.lines, l)
		}
	}
	return c
}

// figure25 is what comes of a rate.
func figure25(s Scale) []chart {
	if s == Machine {
		return []chart{rates25(s, "25", "Throughput by rate", 0)}
	}
	return []chart{
		rates25(s, "25a", "Throughput by rate", 0),
		rates25(s, "25b", "Throughput by rate, if launch looks at all that waits", looking),
	}
}

func rates25(s Scale, name, title string, launch time.Duration) chart {
	c := chart{
		name: name, title: title, conditions: "fast Paxos, all broadcast, 1 KB messages",
		x: plot.Axis{Label: "broadcasts/s at each process"}, y: perSecond(),
	}
	numbers, rates := []int{3, 5, 7, 9}, []float64{250, 500, 1000, 2000, 4000, 8000, 16000, 32000}
	if s == Paper {
		numbers, rates = []int{4, 5, 6, 7, 8, 9, 10}, []float64{1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30}
		c.conditions += ", one message in each instance"
	} else {
		c.x.Log, c.y.Log, c.x.Ticks = true, true, rates
	}
	for _, n := range numbers {
		c.lines = append(c.lines, line{
			name: strconv.Itoa(n) + " processes",
			points: of(rates, func(rate float64) point {
				sim, host := simulated(fast, n, bench.AtAll), measured(fast, n, bench.AtAll)
				sim.Messages, sim.Outstanding, sim.Rate, sim.Costs.Launch = 1, 0, rate, launch
				host.Outstanding, host.Rate = 0, rate*float64(n)
				return at(s, rate, sim, host)
			}),
		})
	}
	return c
}

// figure26 is forced logs against none, batched or one message after the other.
func figure26(s Scale, batched bool) []chart {
	c := chart{
		name: "26a", title: "Forced logs and none, in batches", conditions: "fast Paxos, " + asMany,
		x: byProcesses(s), y: perSecond(),
	}
	if !batched {
		c.name, c.title = "26b", "Forced logs and none, one message after the other"
	}
	c.conditions += ", all broadcast"
	for _, kind := range []struct {
		name, variant string
		force         bool
	}{
		{"forced logs (fall)", fast, true},
		{"the same, nothing forced", fast, false},
		{"no stable storage (winter+fall)", noDisk, false},
	} {
		c.lines = append(c.lines, line{name: kind.name, points: of(processes(s), func(n int) point {
			sim, host := simulated(kind.variant, n, bench.AtAll), measured(kind.variant, n, bench.AtAll)
			host.Fsync = kind.force
			if !kind.force {
				sim.Costs = sim.Costs.WithoutForce()
			}
			if !batched {
				sim.Window, sim.Messages, host.Window, host.Batch = 1, 1, 1, 1
			}
			return at(s, float64(n), sim, host)
		})})
	}
	if batched {
		return addLimit(s, c, "batches of at most 10")
	}
	return []chart{c}
}
