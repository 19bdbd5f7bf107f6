package explore

import (
	"maps"
	"slices"

	"paxon/process"
	"paxon/register"
)

// blocks are the blocks of one key, in ascending order of their owners.
type blocks []process.Block[register.Copy]

// diskState is what one shared disk holds.
type diskState struct {
	hashes []Hash
	keys   map[uint64]blocks
}

// diskRead is what a read of one key returned.
type diskRead struct {
	hashes []Hash
	blocks blocks
}

// written is what the disk holds once a process has written a block there.
func (d *diskState) written(p process.ID, key uint64, block register.Copy) map[uint64]blocks {
	keys := maps.Clone(d.keys)
	b := process.Block[register.Copy]{Owner: p, Block: block}
	i, found := slices.BinarySearchFunc(keys[key], p,
		func(o process.Block[register.Copy], p process.ID) int { return int(o.Owner) - int(p) })
	if found {
		keys[key] = slices.Clone(keys[key])
		keys[key][i] = b
	} else {
		keys[key] = slices.Insert(slices.Clone(keys[key]), i, b)
	}
	return keys
}

// diskOperation is one request of a process to a disk; a write has a block.
type diskOperation struct {
	key       uint64
	block     *register.Copy
	done      func(blocks []process.Block[register.Copy])
	cancelled bool // A write that is cancelled may happen all the same.
	cause     cause
}

type disksOf struct{ *Host }

// Count is process.Disks.
func (d disksOf) Count() int { return d.model.Disks }

// Write is process.Disks.
func (d disksOf) Write(
	disk int, key uint64, block register.Copy, done func(),
) (cancel func()) {
	d.trace.write(d.Host, disk, key, block)
	return d.ask(disk, &diskOperation{
		key: key, block: &block, cause: d.cause,
		done: func([]process.Block[register.Copy]) { done() },
	})
}

// Read is process.Disks.
func (d disksOf) Read(
	disk int, key uint64, done func(blocks []process.Block[register.Copy]),
) (cancel func()) {
	return d.ask(disk, &diskOperation{key: key, done: done, cause: d.cause})
}

func (d disksOf) ask(disk int, o *diskOperation) (cancel func()) {
	h := d.Host
	h.disks[disk] = append(h.disks[disk], o)
	return func() {
		o.cancelled = true
		if o.block == nil {
			h.disks[disk] = slices.DeleteFunc(h.disks[disk],
				func(other *diskOperation) bool { return other == o })
		}
	}
}

// Forget is process.Disks. Blocks that nobody needs stay.
func (d disksOf) Forget(uint64) {}

// completeDisk takes the outcome of an operation on a disk: what was read, or nothing.
func (h *Host) completeDisk(in input, x *search) {
	at, i := in.diskOperation()
	o := h.disks[at][i]
	h.disks[at] = slices.Delete(h.disks[at], i, i+1)
	if o.cancelled {
		return
	}
	if o.block != nil {
		h.trace.written(h, at, o.key)
		o.done(nil)
		return
	}
	o.done(slices.Clone(x.reads.at(in.b).blocks))
}
