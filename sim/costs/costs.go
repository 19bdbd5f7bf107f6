package costs

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"paxon/process"
	"paxon/seasons"
	"paxon/sim"
)

// How long what is counted takes: 2.001 ms are two communication steps and one forced log.
const (
	step  = time.Millisecond
	force = time.Microsecond
	read  = time.Nanosecond
)

// Config says what is counted.
type Config struct {
	Variant   seasons.Variant
	Processes int // At least 1.
	// Window is W, how many instances the leader may have open; as many messages are on their
	// way all the time, each in an instance of its own. At least 1.
	Window uint64
	// Leader says whether the leader broadcasts, or the process with the highest id.
	Leader bool
}

// Path is what comes one after another between two events.
type Path struct {
	Steps  int `json:"steps"`      // Communication steps: messages that wait for each other.
	Forced int `json:"forcedLogs"` // Forced logs that wait for each other, or for a message.
	Reads  int `json:"diskReads"`  // Reads of shared disks that do.
}

// Costs are what a decision costs. There is one message in each decision, so that they are
// those of a delivery as well.
type Costs struct {
	Decision  Path `json:"decision"`  // From the proposal to the decision, at the leader.
	Delivery  Path `json:"delivery"`  // From the broadcast to the delivery, at the process that broadcasts.
	Elsewhere Path `json:"elsewhere"` // From the broadcast to the last delivery, wherever that is.
	// Messages and Forced are all that are sent and forced for one decision, FORWARD and
	// DECISION included, by whichever process.
	Messages float64 `json:"messages"`
	Forced   float64 `json:"forcedLogs"`
}

// Phases of a run.
const (
	settleTime = 500 * time.Millisecond // Until a leader is elected, and its first instances over.
	quietTime  = 500 * time.Millisecond // Until nothing is under way any more.
	counted    = 40                     // Decisions that are counted.
)

// Count runs a composition in a stable period, and counts. The error says what made that
// impossible: no leader, a property that is violated, or decisions that do not all cost the same.
func Count(c Config) (Costs, error) {
	var buffer bytes.Buffer
	w := sim.NewWorld(c.Processes, prompt{})
	w.Trace = sim.NewTrace(&buffer)
	m := sim.NewMonitor(w)
	w.Build = m.Build(share(c.Variant, w), options(c))
	for _, p := range w.All() {
		w.Start(p)
	}
	r := &run{world: w, monitor: m, broadcaster: 1}
	if !c.Leader {
		r.broadcaster = process.ID(c.Processes)
	}
	// The first messages are for a leader that has to find out where it is.
	until(w, settleTime)
	r.load(int(c.Window), 2*int(c.Window))
	until(w, w.Now()+quietTime)
	buffer.Reset()
	r.load(int(c.Window), counted)
	until(w, w.Now()+quietTime)
	if r.refused != nil {
		return Costs{}, r.refused
	}
	if m.Demand(); m.Violation() != nil {
		return Costs{}, m.Violation()
	}
	return count(&buffer, r.broadcaster)
}

// String is such as "2 steps, 1 force".
func (p Path) String() string {
	var parts []string
	add := func(n int, what string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+what)
		case n > 0:
			parts = append(parts, fmt.Sprintf("%d %ss", n, what))
		}
	}
	add(p.Steps, "step")
	add(p.Forced, "force")
	add(p.Reads, "read")
	return strings.Join(parts, ", ")
}
