package sim

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"paxon/process"
	"paxon/retransmit"
)

// Faults says which kinds of fault a run may have. Each run draws which of them it has and how
// strong they are, so that rare mixtures occur.
type Faults struct {
	Loss       bool // Messages are lost.
	Duplicates bool // Messages arrive more than once.
	Delay      bool // Messages are slow and overtake each other.
	Old        bool // Messages arrive a second time much later, even after crashes.
	Partitions bool // Links break, in one direction or in both.
	Crashes    bool // Processes crash, and recover if the variant does.
	Disks      bool // Disks are slow and stall.
}

// AllFaults is every kind.
func AllFaults() Faults { return Faults{true, true, true, true, true, true, true} }

// drawn is how strong the faults of one run are.
type drawn struct {
	loss, duplicates, old       float64 // Probabilities for each message.
	latency                     time.Duration
	disk                        time.Duration
	crashes, partitions, stalls int
	stalled                     map[process.ID]time.Duration // Until when.
	stalledDisks                []time.Duration              // Those that are shared.
	blackout                    bool                         // All crash at once, some time.
	down                        time.Duration                // How long a crash lasts, at most.
	truncations                 int                          // Of histories, by the application.
	padding                     int                          // Bytes that payloads have more.
	points                      []point                      // Crashes when storage is used.
}

func (f Faults) draw(random *rand.Rand) drawn {
	d := drawn{
		latency: time.Millisecond, disk: time.Millisecond,
		stalled: map[process.ID]time.Duration{},
	}
	d.truncations = random.IntN(8) / 4
	d.padding = random.IntN(4) / 3 * random.IntN(50)
	some := func(kind bool) bool { return kind && random.IntN(2) == 0 }
	if some(f.Loss) {
		d.loss = 0.3 * random.Float64()
	}
	if some(f.Duplicates) {
		d.duplicates = 0.3 * random.Float64()
	}
	if some(f.Delay) {
		d.latency = time.Duration(1+random.IntN(20)) * time.Millisecond
	}
	if some(f.Old) {
		d.old = 0.1 * random.Float64()
	}
	if some(f.Partitions) {
		d.partitions = 1 + random.IntN(6)
	}
	if some(f.Crashes) {
		d.crashes = 1 + random.IntN(6)*(1+random.IntN(4)/3*3)
		d.down = time.Duration(1+random.IntN(10)*random.IntN(11)) * time.Millisecond
		d.blackout = random.IntN(4) == 0
	}
	if some(f.Disks) {
		d.disk = time.Duration(1+random.IntN(15)) * time.Millisecond
		d.stalls = random.IntN(3)
	}
	return d
}

// Message is Driver.
func (r *runner) Message(process.ID, process.ID, retransmit.Packet) []time.Duration {
	arrivals := r.arrivals[:0]
	if r.healed {
		return append(arrivals, r.within(time.Millisecond))
	}
	if r.random.Float64() >= r.faults.loss {
		arrivals = append(arrivals, r.within(r.faults.latency))
	}
	if r.random.Float64() < r.faults.duplicates {
		arrivals = append(arrivals, r.within(2*r.faults.latency))
	}
	if r.random.Float64() < r.faults.old {
		arrivals = append(arrivals, r.within(r.config.Duration))
	}
	r.arrivals = arrivals
	return arrivals
}

// Disk is Driver.
func (r *runner) Disk(p process.ID) time.Duration {
	if r.healed {
		return r.within(time.Millisecond)
	}
	r.used(p)
	return r.stalled(p) + r.within(r.faults.disk)
}

// stalled is for how long the disk of a process still hangs.
func (r *runner) stalled(p process.ID) time.Duration {
	if r.healed {
		return 0
	}
	return max(0, r.faults.stalled[p]-r.world.now)
}

// Survives is Driver.
func (r *runner) Survives(_ process.ID, underWay int) int {
	switch {
	case r.point == nil:
		return r.random.IntN(underWay + 1)
	case r.point.durable:
		return underWay
	}
	return max(0, underWay-1)
}

// crashOne crashes a process, or all. Those that may recover do, after a while.
func (r *runner) crashOne() {
	if r.healed {
		return
	}
	if r.faults.blackout && r.config.Variant.Recovers && r.random.IntN(3) == 0 {
		for _, p := range r.world.all {
			r.crash(p)
		}
		return
	}
	r.crash(r.anyone())
}

func (r *runner) crash(p process.ID) {
	if !r.world.Host(p).up || !r.mayCrash(p) {
		return
	}
	r.world.Crash(p)
	r.crashed[p] = true
	if !r.config.Variant.Recovers {
		r.record.note(Intervention{Act: ActCrash, Process: p})
		return
	}
	down := r.within(r.faults.down)
	r.record.note(Intervention{Act: ActCrash, Process: p, For: max(down, 1)})
	r.recover(p, down)
}

// recover starts a process again after a while, unless all has healed until then.
func (r *runner) recover(p process.ID, down time.Duration) {
	r.world.At(down, func() {
		if !r.healed && !r.world.Host(p).up {
			r.world.Start(p)
		}
	})
}

// mayCrash says whether the variant's assumptions still hold if p crashes.
func (r *runner) mayCrash(p process.ID) bool {
	v := r.config.Variant
	return v.Crashes == nil || r.crashed[p] || len(r.crashed) < v.Crashes(r.config.Processes)
}

// partition cuts some links off for a while: between two groups, or one direction of one link.
func (r *runner) partition() {
	if r.healed {
		return
	}
	var links []Link
	cut := func(from, to process.ID) { links = append(links, Link{from, to}) }
	if r.random.IntN(2) == 0 {
		if from, to := r.anyone(), r.anyone(); from != to {
			cut(from, to)
		}
	} else {
		r.split(cut)
	}
	length := r.within(150 * time.Millisecond)
	r.record.note(Intervention{Act: ActCut, Links: links, For: length})
	r.cut(links, length)
}

// cut breaks links, and mends them after a while.
func (r *runner) cut(links []Link, length time.Duration) {
	for _, l := range links {
		r.world.Cut(l.From, l.To, true)
	}
	r.world.At(length, func() {
		for _, l := range links {
			r.world.Cut(l.From, l.To, false)
		}
	})
}

// split cuts all links between two groups, or all from the one to the other.
func (r *runner) split(cut func(from, to process.ID)) {
	side := r.random.Uint64()
	oneWay := r.random.IntN(3) == 0
	for _, p := range r.world.all {
		for _, q := range r.world.all {
			if side>>p&1 == 1 && side>>q&1 == 0 {
				cut(p, q)
				if !oneWay {
					cut(q, p)
				}
			}
		}
	}
}

// stall has the disk of a process hang for a while.
func (r *runner) stall() {
	p, length := r.anyone(), r.within(200*time.Millisecond)
	r.record.note(Intervention{Act: ActStall, Process: p, For: length})
	r.faults.stalled[p] = r.world.now + length
}

// truncate drops what all have delivered from the history of a process.
func (r *runner) truncate() {
	p := r.anyone()
	r.record.note(Intervention{Act: ActTruncate, Process: p})
	r.truncateAt(p)
}

func (r *runner) truncateAt(p process.ID) {
	if h := r.world.Host(p); h.up {
		_, next := h.History.Bounds()
		r.world.Call(p, func() { broadcastOf(h).Truncate(next) })
	}
}

// drawGone decides which processes are down for good in the end: as many as the variant stands.
func (r *runner) drawGone() {
	if !r.config.Faults.Crashes || !r.config.Variant.Recovers || r.random.IntN(2) == 0 {
		return
	}
	n := r.config.Processes
	most := n - r.config.Variant.Correct(n)
	for _, i := range r.random.Perm(n)[:r.random.IntN(most+1)] {
		r.gone[r.world.all[i]] = true
		r.record.note(Intervention{Act: ActGone, Process: r.world.all[i]})
	}
}

// heal ends all faults: if processes recover, all are up for good but those that are gone.
// Messages still on their way may arrive late all the same.
func (r *runner) heal() {
	r.healed = true
	if len(r.gone) > 0 {
		r.world.Marks.Make(SomeGone)
	}
	r.world.Trace.Event(r.world.now, TraceEvent{Event: "heal"})
	for _, p := range r.world.all {
		for _, q := range r.world.all {
			r.world.Cut(p, q, false)
		}
		switch up := r.world.Host(p).up; {
		case up && r.gone[p] && r.mayCrash(p):
			r.world.Crash(p)
			r.crashed[p] = true
		case !up && !r.gone[p] && r.config.Variant.Recovers:
			r.world.Start(p)
		}
	}
}

// FaultNames are the kinds of fault as ParseFaults takes them, in the order of Faults.
func FaultNames() []string {
	return []string{"loss", "duplicates", "delay", "old", "partitions", "crashes", "disks"}
}

// ParseFaults reads a list of kinds of fault separated by commas, or "all", or "none".
func ParseFaults(list string) (Faults, error) {
	switch list {
	case "all":
		return AllFaults(), nil
	case "none":
		return Faults{}, nil
	}
	var f Faults
	for name := range strings.SplitSeq(list, ",") {
		switch name {
		case "loss":
			f.Loss = true
		case "duplicates":
			f.Duplicates = true
		case "delay":
			f.Delay = true
		case "old":
			f.Old = true
		case "partitions":
			f.Partitions = true
		case "crashes":
			f.Crashes = true
		case "disks":
			f.Disks = true
		default:
			return Faults{}, fmt.Errorf("unknown fault %q: expected all, none, or some of %s, "+
				"separated by commas", name, strings.Join(FaultNames(), ", "))
		}
	}
	return f, nil
}
