package sim

import (
	"time"

	"paxon/process"
)

// shareDisks gives the processes of a run their disks, and draws the faults of these.
func (r *runner) shareDisks() {
	random, count := r.random, r.config.Disks
	stalled := make([]time.Duration, count) // Until when.
	r.world.Disks = NewDisks(r.world, count, func(disk int) time.Duration {
		if r.healed {
			return r.within(time.Millisecond)
		}
		return max(0, stalled[disk]-r.world.now) + r.within(r.faults.disk)
	})
	if !r.config.Faults.Disks || random.IntN(2) == 0 {
		return
	}
	for range random.IntN(4) {
		r.world.At(r.within(r.config.Duration), func() {
			stalled[random.IntN(count)] = r.world.now + r.within(200*time.Millisecond)
		})
	}
	for range random.IntN(4) {
		r.world.At(r.within(r.config.Duration), r.vanish)
	}
	for _, disk := range random.Perm(count)[:random.IntN(count-process.Majority(count)+1)] {
		r.world.At(r.within(r.config.Duration), func() { r.world.Disks.Lose(disk) })
	}
}

// vanish takes a shared disk away for a while.
func (r *runner) vanish() {
	disk := r.random.IntN(r.config.Disks)
	r.world.Disks.Vanish(disk, true)
	r.world.At(min(r.within(150*time.Millisecond), max(0, r.config.Duration-r.world.now)),
		func() { r.world.Disks.Vanish(disk, false) })
}
