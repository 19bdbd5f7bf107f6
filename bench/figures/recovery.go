package figures

import (
	"paxon/bench"
	"paxon/bench/figures/model"
	"paxon/bench/plot"
)

// recovery is a process of this machine that was ended with messages in its log.
type recovery struct {
	messages   int
	checkpoint uint64 // Instances from one checkpoint to the next; 0 for none.
}

// figure27 is how long a recovery takes, by what was logged.
func figure27(s Scale) []chart {
	c := chart{
		name: "27", title: "Recovery time, by number of logged messages",
		conditions: "fast Paxos, 1 KB messages, one in each record",
		x:          plot.Axis{Label: "messages logged"},
		y:          plot.Axis{Label: "seconds until it can take part"},
	}
	if s == Machine {
		numbers := []int{1000, 2000, 5000, 10000, 20000, 50000}
		for _, kind := range []struct {
			name       string
			checkpoint uint64
		}{{"no checkpoint", 0}, {"a checkpoint every 4096 instances", 4096}} {
			c.lines = append(c.lines, line{name: kind.name, points: of(numbers, func(n int) point {
				return point{x: float64(n), recovered: &recovery{n, kind.checkpoint}}
			})})
		}
		return []chart{c}
	}
	numbers := []int{100, 250, 500, 750, 1000, 1500, 2000}
	c.conditions += ", 4 processes"
	for _, kind := range []struct {
		name       string
		each       bool
		checkpoint uint64
	}{
		{"a read for each record", true, 0},
		{"one log from end to end", false, 0},
		{"the same, a checkpoint every 400 instances", false, 400},
	} {
		c.lines = append(c.lines, line{name: kind.name, points: of(numbers, func(n int) point {
			set := simulated(fast, 4, bench.AtAll)
			set.Outstanding, set.Burst, set.Messages = 0, n, 1
			set.Costs.ReadEach, set.Checkpoint = kind.each, kind.checkpoint
			return point{x: float64(n), simulated: &set, value: readTime}
		})})
	}
	return []chart{c}
}

func readTime(s model.Setting) (seconds float64, err error) {
	r, err := model.Recover(s)
	return r.Read.Seconds(), err
}
