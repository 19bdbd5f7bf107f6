package sim

import (
	"time"

	"paxon/process"
)

// point is a crash just when a process uses its storage: before what it asks is durable, or after,
// but before it hears so.
type point struct {
	operation int // The number of the operation, of all processes together, from 1.
	durable   bool
}

// drawPoints draws, for a part of the runs, at which operations of storage a process crashes. Its
// source is one of its own, so that all other choices of a seed stay what they are.
func (r *runner) drawPoints(seed uint64) {
	random := rng(seed, 3)
	if !r.config.Faults.Crashes || random.IntN(3) > 0 {
		return
	}
	for range 1 + random.IntN(3) {
		const most = 240 // About as many as a run has.
		r.faults.points = append(r.faults.points,
			point{1 + random.IntN(most), random.IntN(2) == 0})
	}
	if r.faults.down == 0 {
		r.faults.down = time.Duration(1+random.IntN(60)) * time.Millisecond
	}
}

// used notes that a process uses its storage, and has it crash if that is drawn: as soon as its
// turn has ended.
func (r *runner) used(p process.ID) {
	r.operations++
	for _, at := range r.faults.points {
		if at.operation == r.operations {
			r.world.At(1, func() { r.crashAt(at, p) })
		}
	}
}

func (r *runner) crashAt(at point, p process.ID) {
	if r.healed {
		return
	}
	r.point = &at
	r.crash(p)
	r.point = nil
}
