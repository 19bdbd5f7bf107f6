package draw

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"paxon/process"
	"paxon/register"
)

// lane is the horizontal line of a process, or of a shared disk.
type lane struct {
	process process.ID // 0 for a disk.
	disk    int
}

func (l lane) name() string {
	if l.disk != 0 {
		return "disk " + strconv.Itoa(l.disk)
	}
	return l.process.String()
}

// scene is what of a story is drawn, and the column of each moment.
type scene struct {
	story
	options     Options
	lanes       []lane
	first, last moment          // Of what is drawn.
	columnOf    []int           // By moment; of no meaning where nothing is drawn.
	columns     []time.Duration // When each column is.
	instances   int             // How many different ones the operations have.
}

// choose takes from a story what the options want.
func choose(s story, o Options) (*scene, error) {
	c := &scene{story: s, options: o, first: 0, last: len(s.times) - 1}
	for c.first <= c.last && s.times[c.first] < o.From {
		c.first++
	}
	for o.To != 0 && c.last >= c.first && s.times[c.last] > o.To {
		c.last--
	}
	if err := c.chooseLanes(); err != nil {
		return nil, err
	}
	c.messages = keep(c.messages, c.wantsMessage)
	c.puts = keep(c.puts, func(u *put) bool {
		return !o.without(Disk) && c.wants(u.process, u.instance) && c.during(u.begin, u.end)
	})
	c.operations = keep(c.operations, c.wantsOperation)
	c.phases = keep(c.phases, func(p *phase) bool {
		hidden := p.kind == isLeader && o.without(Leaders)
		return !hidden && c.laneOf(p.process) >= 0 && c.during(p.begin, p.end)
	})
	c.cuts = keep(c.cuts, func(l *cut) bool {
		return !o.without(Links) && c.laneOf(l.from) >= 0 && c.laneOf(l.to) >= 0 && c.during(l.begin, l.end)
	})
	c.marks = keep(c.marks, func(m mark) bool {
		local := m.kind == "" || m.kind == Leaders // Of no instance by nature.
		wanted := c.laneOf(m.process) >= 0 && (local || c.wants(m.process, m.instance))
		return wanted && !o.without(m.kind) && c.during(m.at, m.at)
	})
	c.forgetBeginning()
	c.rules = keep(c.rules, func(r rule) bool { return c.during(r.at, r.at) })
	c.fillColumns()
	if len(c.columns) == 0 {
		return nil, errors.New("nothing to draw: expected events of these processes and instances, " +
			"at this time")
	}
	return c, nil
}

// forgetBeginning leaves out that processes start, if they do so at the time of the first event.
func (c *scene) forgetBeginning() {
	first := func(m moment) bool { return m < len(c.times) && c.times[m] == c.times[0] }
	c.phases = keep(c.phases, func(p *phase) bool { return p.begin >= 0 || !first(p.end) })
	c.marks = keep(c.marks, func(m mark) bool { return m.shape != startMark || !first(m.at) })
}

func keep[T any](items []T, wanted func(T) bool) []T {
	var kept []T
	for _, item := range items {
		if wanted(item) {
			kept = append(kept, item)
		}
	}
	return kept
}

func (c *scene) chooseLanes() error {
	known := slices.Sorted(maps.Keys(c.processes))
	for _, p := range c.options.Processes {
		if !c.processes[p] {
			return fmt.Errorf("process %v: expected one of the trace's, %v", p, known)
		}
	}
	for _, p := range known {
		if len(c.options.Processes) == 0 || slices.Contains(c.options.Processes, p) {
			c.lanes = append(c.lanes, lane{process: p})
		}
	}
	if !c.options.without(Disk) {
		for _, d := range slices.Sorted(maps.Keys(c.disks)) {
			c.lanes = append(c.lanes, lane{disk: d})
		}
	}
	return nil
}

// laneOf is the lane of a process, −1 if it is not drawn.
func (c *scene) laneOf(p process.ID) int { return slices.Index(c.lanes, lane{process: p}) }

// laneOfDisk is the lane of a shared disk, −1 if it is not drawn.
func (c *scene) laneOfDisk(disk int) int { return slices.Index(c.lanes, lane{disk: disk}) }

// during says whether something happens within the time that is drawn.
func (c *scene) during(begin, end moment) bool { return begin <= c.last && end >= c.first }

// wants says whether a process and an instance are drawn.
func (c *scene) wants(p process.ID, l register.Instance) bool {
	instances := c.options.Instances
	return c.laneOf(p) >= 0 && (len(instances) == 0 || slices.Contains(instances, l))
}

func (c *scene) wantsOperation(p *operation) bool {
	kind := Registers
	if name(p.text) == "propose" {
		kind = Consensus
	}
	return !c.options.without(kind) && c.wants(p.process, p.instance) && c.during(p.begin, p.end)
}

// wantsMessage also leaves those of its arrivals that are not drawn.
func (c *scene) wantsMessage(m *message) bool {
	o := c.options
	switch {
	case !c.wants(m.from, m.instance), c.laneOf(m.to) < 0,
		slices.ContainsFunc(kindsOfMessage(m.text, m.from, m.to), o.without):
		return false
	}
	received := slices.IndexFunc(m.arrivals, func(a arrival) bool { return a.lost == "" })
	if o.without(Losses) {
		if received < 0 && len(m.arrivals) > 0 {
			return false
		}
		m.arrivals = keep(m.arrivals, func(a arrival) bool { return a.lost == "" })
	}
	if o.without(Duplicates) && len(m.arrivals) > 1 {
		m.arrivals = m.arrivals[max(received, 0):][:1]
	}
	begun := c.during(m.sent, m.sent)
	if len(m.arrivals) == 0 {
		return begun
	}
	return begun || slices.ContainsFunc(m.arrivals, func(a arrival) bool {
		return c.during(m.sent, a.at) && a.at >= c.first
	})
}

// spans calls yield with the beginning and the end of all that is drawn.
func (c *scene) spans(yield func(begin, end moment)) {
	for _, m := range c.messages {
		yield(m.sent, m.sent)
		for _, a := range m.arrivals {
			if a.lost != lostOnLink {
				yield(m.sent, a.at)
			}
		}
	}
	for _, u := range c.puts {
		yield(u.begin, u.end)
	}
	for _, p := range c.operations {
		yield(p.begin, p.end)
	}
	for _, p := range c.phases {
		yield(p.begin, p.end)
	}
	for _, l := range c.cuts {
		yield(l.begin, l.end)
	}
	for _, m := range c.marks {
		yield(m.at, m.at)
	}
	for _, r := range c.rules {
		yield(r.at, r.at)
	}
}

// fillColumns gives each moment at which something drawn happens a column: one for all of the
// same time, but what ends is right of its beginning.
func (c *scene) fillColumns() {
	drawn := make([]bool, len(c.times))
	after := make([]moment, len(c.times)) // 1 + the last beginning of what ends there.
	c.spans(func(begin, end moment) {
		if begin >= c.first && begin <= c.last {
			drawn[begin] = true
		}
		if end >= c.first && end <= c.last {
			drawn[end] = true
			if begin >= c.first && begin < end {
				after[end] = max(after[end], begin+1)
			}
		}
	})
	c.columnOf = make([]int, len(c.times))
	for m := c.first; m <= c.last; m++ {
		if !drawn[m] {
			continue
		}
		n := len(c.columns)
		if n == 0 || c.columns[n-1] != c.times[m] ||
			after[m] > 0 && c.columnOf[after[m]-1] == n-1 {
			c.columns = append(c.columns, c.times[m])
		}
		c.columnOf[m] = len(c.columns) - 1
	}
	known := map[register.Instance]bool{}
	for _, p := range c.operations {
		known[p.instance] = true
	}
	c.instances = len(known)
}

// column is where a moment is drawn: −1 is left of the diagram, and the number of columns right
// of it.
func (c *scene) column(m moment) int {
	switch {
	case m < c.first:
		return -1
	case m > c.last:
		return len(c.columns)
	default:
		return c.columnOf[m]
	}
}
