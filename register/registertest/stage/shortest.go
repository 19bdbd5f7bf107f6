package stage

import (
	"fmt"
	"math/rand/v2"

	"paxon/conformance"
	"paxon/sim/shrink"
)

// Bounds of the runs that are tried for a shorter one, and of its events that are told.
const (
	mostPlays = 2000
	mostLines = 80
)

// drawing is what a run drew, by what it was for.
type drawing struct {
	kinds []uint64   // What there is, and how likely.
	steps [][]uint64 // For each thing that happens.
	heal  []uint64
}

// tape is a source of randomness that keeps what it gives, or gives again what was kept.
type tape struct {
	drawing
	from    rand.Source // Of what is not kept.
	playing bool
	step    int       // How many steps have begun.
	now     *[]uint64 // Where what is given is kept.
	given   int       // Of now, when playing.
}

// Uint64 is rand.Source.
func (t *tape) Uint64() uint64 {
	if !t.playing {
		*t.now = append(*t.now, t.from.Uint64())
		return (*t.now)[len(*t.now)-1]
	}
	if t.given >= len(*t.now) {
		return t.from.Uint64()
	}
	t.given++
	return (*t.now)[t.given-1]
}

// next begins the next step of a run.
func (t *tape) next() {
	if t == nil {
		return
	}
	if !t.playing {
		t.steps = append(t.steps, nil)
	}
	t.turn(&t.steps[t.step])
	t.step++
}

// end begins the time after the faults.
func (t *tape) end() {
	if t != nil {
		t.turn(&t.heal)
	}
}

func (t *tape) turn(to *[]uint64) { t.now, t.given = to, 0 }

// length is how many steps a run has, of which so many were drawn.
func (t *tape) length(drawn int) int {
	if t != nil && t.playing {
		return len(t.steps)
	}
	return drawn
}

func recording(seed uint64) *tape {
	t := &tape{from: rand.NewPCG(seed, 1)}
	t.now = &t.kinds
	return t
}

func playing(d drawing) *tape {
	t := &tape{drawing: d, from: rand.NewPCG(0, 1), playing: true}
	t.now = &t.kinds
	return t
}

// shortest finds the shortest run in which the same property falls as in that of a seed, and gives
// its last events.
func shortest(subject Subject, a conformance.Assumptions, seed uint64) string {
	recorded := recording(seed)
	first := &hunter{}
	first.play(subject, a, recorded, false)
	play := func(steps [][]uint64, logging bool) *hunter {
		d := recorded.drawing
		d.steps = steps
		h := &hunter{}
		h.play(subject, a, playing(d), logging)
		h.failed()
		return h
	}
	steps, report, err := shrink.Task[[]uint64]{
		Schedule: recorded.steps, Budget: mostPlays,
		Play: func(candidate [][]uint64) ([][]uint64, bool) {
			h := play(candidate, false)
			return candidate, h.failed() && h.property == first.property
		},
	}.Minimal()
	if err != nil {
		steps = recorded.steps
	}
	h := play(steps, true)
	return last(fmt.Sprintf("%s%s: %s (%d of the run's %d steps)", h.log.String(), h.property,
		h.detail, len(steps), report.Before), mostLines)
}
