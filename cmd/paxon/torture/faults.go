package torture

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"paxon/process"
)

// Kind is a kind of fault.
type Kind string

// The kinds of fault.
const (
	// Kill ends a process with kill -9. If the variant recovers, it starts again.
	Kill Kind = "kill"
	// Stop pauses a process with SIGSTOP for a time, and then lets it go on.
	Stop Kind = "stop"
	// Partition breaks links, in one direction or in both: what is sent meanwhile is lost, or is
	// held and comes late.
	Partition Kind = "partition"
	// Delay slows links down.
	Delay Kind = "delay"
)

// Kinds lists all kinds.
func Kinds() []Kind { return []Kind{Kill, Stop, Partition, Delay} }

// ParseFaults reads a list of kinds, "all" or "none".
func ParseFaults(list string) ([]Kind, error) {
	switch list {
	case "all":
		return Kinds(), nil
	case "none":
		return nil, nil
	}
	var kinds []Kind
	for name := range strings.SplitSeq(list, ",") {
		if !slices.Contains(Kinds(), Kind(name)) {
			return nil, fmt.Errorf("fault %q: expected all, none, or some of %v, such as kill,stop",
				name, Kinds())
		}
		if !slices.Contains(kinds, Kind(name)) {
			kinds = append(kinds, Kind(name))
		}
	}
	return kinds, nil
}

// How long faults last, and how far apart they begin.
const (
	shortest   = 50 * time.Millisecond
	longest    = 2 * time.Second
	longestGap = 800 * time.Millisecond
	mostDelay  = 60 * time.Millisecond
)

// fault is one fault of a schedule.
type fault struct {
	kind   Kind
	at     time.Duration // From the beginning of the round.
	lasts  time.Duration // A process that is killed is down for that long, if it comes back.
	target process.ID    // Of Kill and Stop.
	links  []arrow       // Of Partition and Delay.
	hold   bool          // Of Partition: what is sent is held, not lost.
	delay  time.Duration
}

// arrow is a link in one direction.
type arrow struct{ from, to process.ID }

// schedule draws the faults of a round in the order they begin. Of the kinds, each round may have
// some only, so that rare mixtures occur.
func schedule(random *rand.Rand, kinds []Kind, processes int, duration time.Duration) []fault {
	var chosen []Kind
	for _, k := range kinds {
		if random.IntN(4) > 0 {
			chosen = append(chosen, k)
		}
	}
	if len(chosen) == 0 {
		chosen = kinds
	}
	var faults []fault
	if len(chosen) == 0 {
		return nil
	}
	for at := within(random, 0, longestGap); at < duration; at += within(random, 0, longestGap) {
		f := fault{
			kind: chosen[random.IntN(len(chosen))], at: at, lasts: within(random, shortest, longest),
			target: process.ID(1 + random.IntN(processes)),
		}
		switch f.kind {
		case Partition:
			f.links, f.hold = drawLinks(random, processes), random.IntN(2) == 0
		case Delay:
			f.links, f.delay = drawLinks(random, processes), within(random, time.Millisecond, mostDelay)
		case Kill, Stop:
		}
		faults = append(faults, f)
	}
	return faults
}

func within(random *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(random.Int64N(int64(most-least)))
}

// drawLinks draws which links are broken: those between two groups, those of one process, those in
// one direction, or each with the same chance.
func drawLinks(random *rand.Rand, processes int) []arrow {
	alone := process.ID(1 + random.IntN(processes))
	groups := random.Uint64()
	side := func(p process.ID) bool { return groups>>(uint(p)%64)&1 == 1 }
	var cut func(a arrow) bool
	switch random.IntN(5) {
	case 0:
		cut = func(a arrow) bool { return side(a.from) != side(a.to) }
	case 1:
		cut = func(a arrow) bool { return a.from == alone || a.to == alone }
	case 2:
		cut = func(a arrow) bool { return a.from == alone }
	case 3:
		cut = func(a arrow) bool { return a.to == alone }
	default:
		cut = func(arrow) bool { return random.IntN(2) == 0 }
	}
	var links []arrow
	for _, a := range arrows(processes) {
		if cut(a) {
			links = append(links, a)
		}
	}
	return links
}

// arrows are all links of a number of processes.
func arrows(processes int) []arrow {
	var all []arrow
	for from := range processes {
		for to := range processes {
			if from != to {
				all = append(all, arrow{process.ID(from + 1), process.ID(to + 1)})
			}
		}
	}
	return all
}
