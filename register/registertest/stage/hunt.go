package stage

import (
	"math/rand/v2"
	"time"

	"paxon/conformance"
	"paxon/process"
	"paxon/register"
	"paxon/sim"
)

// Outcome is what a whole random run has shown.
type Outcome struct {
	Violation *sim.Violation // Nil if all properties held.
	Events    uint64         // Messages that arrived, and events of storage.
	Received  uint64         // Messages that arrived.
	Log       string         // The last events of the shortest run found with such a violation.
	Marks     sim.Marks      // Zero without coverage.
}

// Hunt does a whole random run: processes begin operations while there are faults, of kinds that
// are drawn for the run, crashes at the moment of a Put among them. Then the faults end, for as
// many processes as the assumptions need or for all, and these must make progress. Of a run with a
// violation the steps that it needs are found, for its events. With coverage marks are counted.
func Hunt(subject Subject, a conformance.Assumptions, seed uint64, coverage bool) Outcome {
	h := &hunter{}
	o := Outcome{}
	if coverage {
		h.marks = &o.Marks
	}
	h.run(subject, a, seed)
	o.Events, o.Received = h.World.Steps()+h.received, h.received
	if h.failed() {
		o.Violation = h.Monitor.Violation()
		if o.Violation == nil {
			o.Violation = &sim.Violation{
				Property: h.property, Detail: h.detail, At: h.World.Now(),
			}
		}
		o.Log = shortest(subject, a, seed)
	}
	return o
}

// Choices of a hunt.
const (
	receive    = iota // A message arrives.
	proceed           // The next event of storage happens.
	begin             // An operation begins.
	cancelled         // What is under way somewhere is cancelled.
	crashing          // A process crashes.
	recovering        // A process recovers.
	cutting           // A link breaks.
	mending           // All links are whole again.
	doubled           // A message arrives, and may do so again.
	losing            // What may be lost is.
	choices
)

// hunter is a run of Hunt. It is the chooser of its storage.
type hunter struct {
	*Stage
	random    *rand.Rand
	tape      *tape // Nil if nobody plays the run again.
	weights   [choices]int
	sum       int
	alone     bool // All operations are attempts.
	instances int
	slowest   int // Milliseconds that a Put takes, at most.

	puts     int // So far.
	fatal    int // The number of the Put at which a process crashes, 0 for none.
	victim   process.ID
	survives bool // The fatal Put is durable, and was not reported so.
	healed   bool
	marks    *sim.Marks
}

// Disk is chooser.
func (h *hunter) Disk(p process.ID) time.Duration {
	if h.healed {
		return time.Millisecond
	}
	h.puts++
	if h.puts == h.fatal {
		h.victim = p
	}
	return time.Duration(1+h.random.IntN(h.slowest)) * time.Millisecond
}

// Survives is chooser.
func (h *hunter) Survives(p process.ID, underWay int) int {
	if p != h.victim {
		return h.random.IntN(underWay + 1)
	}
	if h.survives {
		return underWay
	}
	return h.random.IntN(max(1, underWay)) // Not the last.
}

// run does the run of a seed.
func (h *hunter) run(subject Subject, a conformance.Assumptions, seed uint64) {
	h.random = rand.New(rand.NewPCG(seed, 1))
	h.hunt(subject, a, false)
}

// play does the run of a tape.
func (h *hunter) play(subject Subject, a conformance.Assumptions, t *tape, logging bool) {
	h.random, h.tape = rand.New(t), t
	h.hunt(subject, a, logging)
}

func (h *hunter) hunt(subject Subject, a conformance.Assumptions, logging bool) {
	r := h.random
	h.slowest = 1 + r.IntN(6)
	if r.IntN(2) == 0 {
		h.fatal = 1 + r.IntN(24)
		h.survives = r.IntN(2) == 0
	}
	h.draw(&a)
	h.alone = r.IntN(2) == 0
	h.instances = 1 + r.IntN(subject.Instances)
	h.Stage = newStage(subject, a, h, logging)
	h.World.Marks = h.marks
	h.protect(func() {
		for range h.tape.length(20 + r.IntN(140)) {
			if h.violated() {
				return
			}
			h.tape.next()
			h.choose()
		}
		h.tape.end()
		h.heal()
	})
}

// draw draws which kinds of fault a run has, and how likely everything is.
func (h *hunter) draw(a *conformance.Assumptions) {
	r := h.random
	some := func(allowed bool, most int) int {
		if !allowed || r.IntN(2) == 0 {
			return 0
		}
		return 1 + r.IntN(most)
	}
	h.weights = [choices]int{
		receive: 40, proceed: 4 + r.IntN(36), begin: 1 + r.IntN(8),
		cancelled: some(true, 2), crashing: some(a.Crashes != 0, 4), recovering: 1 + r.IntN(6),
		cutting: some(true, 3), mending: 1,
		doubled: some(a.Duplicates, 10), losing: some(a.Loss, 3),
	}
	for _, w := range h.weights {
		h.sum += w
	}
	a.Reordering = a.Reordering && r.IntN(4) > 0
}

// choose lets one thing happen.
func (h *hunter) choose() {
	at, choice := h.random.IntN(h.sum), 0
	for at >= h.weights[choice] {
		at -= h.weights[choice]
		choice++
	}
	switch choice {
	case receive, doubled:
		if now := h.arrivable(); len(now) > 0 {
			i := now[h.random.IntN(len(now))]
			h.arrive(i, choice == doubled && h.messages[i].from != h.messages[i].to)
		}
	case proceed:
		if h.eventful() {
			h.World.Step()
		}
	case begin:
		h.begin(h.anyone())
	case cancelled:
		if p := h.anyone(); h.IsUp(p) {
			h.cancel(p, h.instance())
		}
	case crashing:
		h.Crash(h.anyone())
	case recovering:
		h.Recover(h.anyone())
	case cutting:
		if from, to := h.anyone(), h.anyone(); from != to {
			h.cut[[2]process.ID{from, to}] = true
		}
	case mending:
		clear(h.cut)
	case losing:
		h.lose(0)
	}
	if h.victim != 0 {
		h.Crash(h.victim)
		h.victim = 0
	}
}

func (h *hunter) anyone() process.ID {
	return process.ID(1 + h.random.IntN(h.assumptions.Processes))
}

func (h *hunter) instance() register.Instance {
	return register.Instance(1 + h.random.IntN(h.instances))
}

// begin begins an operation at a process, seldom where one is under way already.
func (h *hunter) begin(p process.ID) {
	l := h.instance()
	if !h.IsUp(p) || h.calls[place{p, l}] != nil && h.random.IntN(5) > 0 {
		return
	}
	k := h.NextRound(p, uint64(1+h.random.IntN(3)))
	if h.random.IntN(3) == 0 && h.highest > k.Number {
		k = h.highestRound(p)
	}
	if h.subject.Other != nil && !h.alone && h.random.IntN(2) == 0 {
		h.subject.Other(h.Stage, p, l, k, h.value())
		return
	}
	h.Attempt(p, l, k)
}

// heal ends all faults, and demands progress of the processes that are left.
func (h *hunter) heal() {
	h.healed = true
	clear(h.cut)
	left := h.left()
	for _, p := range h.World.All() {
		if h.random.IntN(2) == 0 && left > h.needed() && h.IsUp(p) && h.mayCrash(p) {
			h.Crash(p)
			left--
		}
	}
	up := len(h.Up())
	for _, i := range h.random.Perm(h.assumptions.Processes) {
		p := process.ID(i + 1)
		if !h.IsUp(p) && (up < h.needed() || h.random.IntN(2) == 0) {
			h.Recover(p)
			up++
		}
	}
	h.Run(func() bool { return len(h.calls) == 0 })
	if h.failed() || len(h.Up()) < h.needed() {
		return
	}
	h.demandReturns()
	for l := range register.Instance(h.instances) {
		left := h.Up()
		h.Commit(left[h.random.IntN(len(left))], l+1, Progress)
		if h.failed() {
			return
		}
	}
}

// left is how many processes are up or may be up again.
func (h *hunter) left() int {
	if h.assumptions.Recovers {
		return h.assumptions.Processes
	}
	return len(h.Up())
}

// needed is how many processes must be up for progress.
func (h *hunter) needed() int {
	if h.assumptions.Needed > 0 {
		return h.assumptions.Needed
	}
	return process.Majority(h.assumptions.Processes)
}
