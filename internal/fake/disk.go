package fake

import (
	"maps"
	"slices"
)

// Disk keeps what is put from becoming durable until the test says so.
type Disk[R any] struct {
	// Durable is what a crash does not take.
	Durable map[uint64]R
	// Note hears of each operation when it is asked for; it may be nil.
	Note func(operation string)

	pending []put[R]
}

type put[R any] struct {
	key    uint64
	record R
	done   func()
}

// NewDisk makes an empty disk.
func NewDisk[R any]() *Disk[R] { return &Disk[R]{Durable: map[uint64]R{}} }

// Put is process.Disk.
func (d *Disk[R]) Put(key uint64, r R, done func()) {
	note(d.Note, "put")
	d.pending = append(d.pending, put[R]{key, r, done})
}

// Forget is process.Disk.
func (d *Disk[R]) Forget(below uint64) {
	note(d.Note, "forget")
	maps.DeleteFunc(d.Durable, func(key uint64, _ R) bool { return key < below })
}

// Stored is process.Disk.
func (d *Disk[R]) Stored(yield func(key uint64, r R) bool) {
	for _, key := range slices.Sorted(maps.Keys(d.Durable)) {
		if !yield(key, d.Durable[key]) {
			return
		}
	}
}

// Pending gives the records that are not durable yet, oldest first.
func (d *Disk[R]) Pending() []R {
	var records []R
	for _, p := range d.pending {
		records = append(records, p.record)
	}
	return records
}

// Force makes the oldest pending record durable.
func (d *Disk[R]) Force() {
	p := d.pending[0]
	d.pending = d.pending[1:]
	d.Durable[p.key] = p.record
	if p.done != nil {
		p.done()
	}
}

// ForceAll makes all durable that is pending.
func (d *Disk[R]) ForceAll() {
	for len(d.pending) > 0 {
		d.Force()
	}
}

// Crash loses what is pending.
func (d *Disk[R]) Crash() { d.pending = nil }

func note(hear func(operation string), operation string) {
	if hear != nil {
		hear(operation)
	}
}
