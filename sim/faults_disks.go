package sim

import (
	"time"

	"paxon/process"
)

// shareDisks gives the processes of a run their disks, and draws the faults of these.
func (r *runner) shareDisks() {
	random, count := r.random, r.config.Disks
	r.makeDisks(count, func(disk int) time.Duration {
		if r.healed {
			return r.record.disk(disk, r.within(time.Millisecond))
		}
		return r.stalledDisk(disk) + r.record.disk(disk, r.within(r.faults.disk))
	})
	if !r.config.Faults.Disks || random.IntN(2) == 0 {
		return
	}
	for range random.IntN(4) {
		r.world.At(r.within(r.config.Duration), r.stallShared)
	}
	for range random.IntN(4) {
		r.world.At(r.within(r.config.Duration), r.vanish)
	}
	for _, disk := range random.Perm(count)[:random.IntN(count-process.Majority(count)+1)] {
		at := r.within(r.config.Duration)
		r.record.note(Intervention{Act: ActVanish, At: at, Disk: disk + 1})
		r.world.At(at, func() { r.world.Disks.Lose(disk) })
	}
}

// makeDisks makes the shared disks, and latency says how long an operation takes.
func (r *runner) makeDisks(count int, latency func(disk int) time.Duration) {
	r.faults.stalledDisks = make([]time.Duration, count)
	r.world.Disks = NewDisks(r.world, count, latency)
}

// stalledDisk is for how long a shared disk still hangs.
func (r *runner) stalledDisk(disk int) time.Duration {
	if r.healed {
		return 0
	}
	return max(0, r.faults.stalledDisks[disk]-r.world.now)
}

// stallShared has a shared disk hang for a while.
func (r *runner) stallShared() {
	disk, length := r.random.IntN(r.config.Disks), r.within(200*time.Millisecond)
	r.record.note(Intervention{Act: ActStall, Disk: disk + 1, For: length})
	r.faults.stalledDisks[disk] = r.world.now + length
}

// vanish takes a shared disk away for a while.
func (r *runner) vanish() {
	disk := r.random.IntN(r.config.Disks)
	length := min(r.within(150*time.Millisecond), max(0, r.config.Duration-r.world.now))
	r.record.note(Intervention{Act: ActVanish, Disk: disk + 1, For: max(length, 1)})
	r.takeDisk(disk, length)
}

// takeDisk takes a shared disk away, and gives it back after a while.
func (r *runner) takeDisk(disk int, length time.Duration) {
	r.world.Disks.Vanish(disk, true)
	r.world.At(length, func() { r.world.Disks.Vanish(disk, false) })
}
