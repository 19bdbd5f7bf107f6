package sim

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"paxon/process"
	"paxon/register"
)

// Disks are simulated disks that the processes share. They fail independently of the processes,
// and what they hold survives.
type Disks struct {
	world *World
	// latency decides how long an operation on a disk takes.
	latency func(disk int) time.Duration
	disks   []*sharedDisk
}

// sharedDisk is one of the disks.
type sharedDisk struct {
	gone   bool
	lost   bool                                      // It never comes back.
	blocks map[uint64][]process.Block[register.Copy] // By key, in ascending order of their owners.
	floors []uint64                                  // By ID − 1: what each process has forgotten.
	queues []diskQueue                               // By ID − 1.
}

// diskQueue is what one process has asked of one disk, in the order in which it happens.
type diskQueue struct {
	pending []*diskOperation
	last    time.Duration // When the last pending operation will be due.
}

// diskOperation is one request of a process; a write has a block.
type diskOperation struct {
	key       uint64
	block     *register.Copy
	done      func(blocks []process.Block[register.Copy])
	due       bool
	cancelled bool
}

// NewDisks makes empty disks for the processes of a world, and latency says how long operations
// on each of them take.
func NewDisks(w *World, count int, latency func(disk int) time.Duration) *Disks {
	d := &Disks{world: w, latency: latency}
	for range count {
		d.disks = append(d.disks, &sharedDisk{
			blocks: map[uint64][]process.Block[register.Copy]{},
			floors: make([]uint64, len(w.all)), queues: make([]diskQueue, len(w.all)),
		})
	}
	return d
}

// Vanish takes a disk away, or gives it back with what it held. What is asked of it meanwhile
// waits.
func (d *Disks) Vanish(disk int, gone bool) {
	s := d.disks[disk]
	s.gone = gone || s.lost
	if s.gone {
		d.world.Marks.Make(DiskGone)
	}
	for _, p := range d.world.all {
		if h := d.world.Host(p); !s.gone && h.up {
			h.later(0, func() { d.proceed(p, s) })
		}
	}
}

// Lose takes a disk away for good.
func (d *Disks) Lose(disk int) {
	d.disks[disk].lost = true
	d.Vanish(disk, true)
}

// Of gives the disks as the present incarnation of a process sees them.
func (d *Disks) Of(h *Host) process.Disks[register.Copy] { return hostDisks{d, h} }

type hostDisks struct {
	*Disks
	host *Host
}

// Count is process.Disks.
func (d hostDisks) Count() int { return len(d.disks) }

// Write is process.Disks.
func (d hostDisks) Write(
	disk int, key uint64, block register.Copy, done func(),
) (cancel func()) {
	p, w := d.host.id, d.world
	w.messages++
	id := w.messages
	if w.Trace != nil {
		w.Trace.Event(w.now, TraceEvent{
			Event: "write", Process: p, Message: id, Disk: disk + 1, Key: key, Text: text(block),
		})
	}
	return d.ask(disk, &diskOperation{
		key: key, block: &block,
		done: func([]process.Block[register.Copy]) {
			w.Trace.Event(w.now, TraceEvent{
				Event: "written", Process: p, Message: id, Disk: disk + 1, Key: key,
			})
			done()
		},
	})
}

// Read is process.Disks.
func (d hostDisks) Read(
	disk int, key uint64, done func(blocks []process.Block[register.Copy]),
) (cancel func()) {
	p, marks := d.host.id, d.world.Marks
	if marks == nil {
		return d.ask(disk, &diskOperation{key: key, done: done})
	}
	return d.ask(disk, &diskOperation{key: key, done: func(blocks []process.Block[register.Copy]) {
		own := slices.ContainsFunc(blocks, func(b process.Block[register.Copy]) bool {
			return b.Owner == p
		})
		if len(blocks) > 0 && !own {
			marks.Make(OthersFound)
		}
		done(blocks)
	}})
}

// Forget is process.Disks.
func (d hostDisks) Forget(below uint64) {
	for _, s := range d.disks {
		s.floors[d.host.id-1] = below
		floor := slices.Min(s.floors)
		maps.DeleteFunc(s.blocks, func(key uint64, _ []process.Block[register.Copy]) bool {
			return key < floor
		})
	}
}

func (d hostDisks) ask(disk int, o *diskOperation) (cancel func()) {
	s, p, now := d.disks[disk], d.host.id, d.world.now
	q := &s.queues[p-1]
	q.pending = append(q.pending, o)
	q.last = max(q.last, now+d.latency(disk))
	d.host.later(q.last-now, func() {
		o.due = true
		d.proceed(p, s)
	})
	return func() { o.cancelled = true }
}

// proceed does what a process has asked of a disk and is due. A cancelled write may happen too.
func (d *Disks) proceed(p process.ID, s *sharedDisk) {
	q := &s.queues[p-1]
	for len(q.pending) > 0 && q.pending[0].due && !s.gone {
		o := q.pending[0]
		q.pending = q.pending[1:]
		if o.block != nil && (!o.cancelled || d.world.driver.Survives(p, 1) == 1) {
			s.write(p, o)
		}
		if !o.cancelled {
			o.done(s.read(o.key))
		}
	}
}

func (s *sharedDisk) write(p process.ID, o *diskOperation) {
	blocks := s.blocks[o.key]
	i, found := slices.BinarySearchFunc(blocks, p,
		func(b process.Block[register.Copy], p process.ID) int { return cmp.Compare(b.Owner, p) })
	if found {
		blocks[i].Block = *o.block
		return
	}
	s.blocks[o.key] = slices.Insert(blocks, i,
		process.Block[register.Copy]{Owner: p, Block: *o.block})
}

func (s *sharedDisk) read(key uint64) []process.Block[register.Copy] {
	return slices.Clone(s.blocks[key])
}

// crash ends what a process has asked. Of its writes the driver decides how many, the oldest
// first, had reached each disk.
func (d *Disks) crash(p process.ID) {
	if d == nil {
		return
	}
	for _, s := range d.disks {
		q := &s.queues[p-1]
		var writes []*diskOperation
		for _, o := range q.pending {
			if o.block != nil {
				writes = append(writes, o)
			}
		}
		for _, o := range writes[:d.world.driver.Survives(p, len(writes))] {
			s.write(p, o)
		}
		*q = diskQueue{}
	}
}
