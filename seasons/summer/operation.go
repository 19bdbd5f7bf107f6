package summer

import (
	"paxon/process"
	"paxon/register"
)

// instance is the register of one instance as this process operates on it.
type instance struct {
	array    *Registers
	instance register.Instance

	own       Block      // What this process has written last, or is writing, on every disk.
	retrieved bool       // Own has what earlier incarnations left.
	operation *operation // Under way, nil if none.
	permitted bool       // The last operation was a write that committed with permission.
}

// operation is a read or a write under way, or the retrieval before it.
type operation struct {
	round  register.Round
	writes bool
	value  register.Value // To write.
	done   func(v register.Value, ok bool, higher register.Round)

	disks     int      // How many are through with the present step.
	best      Block    // Of the blocks read, one with the highest write round.
	permitted bool     // As far as is known.
	cancels   []func() // Of what the disks were asked.
}

// Read is read(k) (Fig. 18, lines 3–7).
func (i *instance) Read(
	k register.Round, done func(v register.Value, ok bool, higher register.Round),
) {
	i.begin(&operation{round: k, done: done})
}

// Write is write(k, v) (lines 8–11).
func (i *instance) Write(
	k register.Round, v register.Value, done func(ok bool, higher register.Round),
) {
	i.begin(&operation{
		round: k, writes: true, value: v,
		done: func(_ register.Value, ok bool, higher register.Round) { done(ok, higher) },
	})
}

// Permitted says whether the last write committed with permission for instance + Window.
func (i *instance) Permitted() bool { return i.permitted }

// Cancel ends the operation under way.
func (i *instance) Cancel() {
	if i.operation != nil {
		i.operation.stop()
		i.operation = nil
	}
}

func (o *operation) stop() {
	for _, cancel := range o.cancels {
		cancel()
	}
	o.cancels = nil
}

func (i *instance) begin(o *operation) {
	i.Cancel()
	i.array.highest = max(i.array.highest, i.instance)
	i.operation, i.permitted = o, false
	if i.retrieved {
		i.perform(o)
		return
	}
	i.retrieve(o)
}

// retrieve is "upon recovery" (lines 12–14), done when the instance is first operated on: it
// takes the highest rounds of this process's own blocks on a majority of disks, each by itself,
// because the block with the highest read round need not be the one that was written last.
func (i *instance) retrieve(o *operation) {
	for disk := range i.array.disks.Count() {
		i.read(o, disk, i.instance, func(blocks []process.Block[Block]) {
			for _, b := range blocks {
				if b.Owner == i.array.self {
					i.own = merge(i.own, b.Block)
				}
			}
			o.disks++
			if o.disks == i.array.majority() {
				o.stop()
				o.disks, i.retrieved = 0, true
				i.perform(o)
			}
		})
	}
}

func merge(a, b Block) Block {
	if a.Written.Less(b.Written) {
		a.Written, a.Value = b.Written, b.Value
	}
	if a.Read.Less(b.Read) {
		a.Read = b.Read
	}
	return a
}

// perform writes the block on every disk and then, disk by disk, reads everybody's: of two
// operations that meet on a disk, one at least sees the other. A round that this process's own
// block beats leaves the block as it is, and will read so.
func (i *instance) perform(o *operation) {
	o.permitted = o.writes && i.array.config.Permission && i.own.Written.IsZero()
	if !o.round.Less(highest(i.own)) {
		i.own.Read = o.round
		if o.writes {
			i.own.Written, i.own.Value = o.round, o.value
		}
	}
	for disk := range i.array.disks.Count() {
		cancel := i.array.disks.Write(disk, uint64(i.instance), i.own, func() {
			i.read(o, disk, i.instance, func(blocks []process.Block[Block]) {
				i.see(o, disk, blocks)
			})
		})
		o.cancels = append(o.cancels, cancel)
	}
}

// read has a disk read for an operation.
func (i *instance) read(
	o *operation, disk int, l register.Instance, done func(blocks []process.Block[Block]),
) {
	o.cancels = append(o.cancels, i.array.disks.Read(disk, uint64(l), done))
}

// see takes the blocks that a disk has after this process's own was written there (lines 6–7
// and 11).
func (i *instance) see(o *operation, disk int, blocks []process.Block[Block]) {
	for _, b := range blocks {
		if above := highest(b.Block); o.round.Less(above) {
			i.finish(false, above)
			return
		}
		if o.best.Written.Less(b.Block.Written) {
			o.best = b.Block
		}
		if b.Owner != i.array.self && !b.Block.Written.IsZero() {
			o.permitted = false
		}
	}
	if o.permitted {
		i.read(o, disk, i.ahead(), func(blocks []process.Block[Block]) {
			o.permitted = o.permitted && len(blocks) == 0
			i.through(o)
		})
		return
	}
	i.through(o)
}

// ahead is the instance that permission is for.
func (i *instance) ahead() register.Instance {
	return i.instance + register.Instance(i.array.config.Window)
}

// through counts a disk on which the operation has done all it has to.
func (i *instance) through(o *operation) {
	o.disks++
	if o.disks == i.array.majority() {
		i.finish(true, register.Round{})
	}
}

// finish ends the operation under way. Permission says that a majority of disks has no block of
// the instance ahead, not even one of this process, so that there is nothing to retrieve there.
func (i *instance) finish(ok bool, above register.Round) {
	o := i.operation
	i.Cancel()
	if ok && o.permitted {
		ahead := i.array.at(i.ahead())
		i.permitted = highest(ahead.own).IsZero() && ahead.operation == nil
		ahead.retrieved = ahead.retrieved || i.permitted
	}
	if !ok {
		o.best = Block{}
	}
	o.done(o.best.Value, ok, above)
}

// highest is the highest round of a block.
func highest(b Block) register.Round {
	if b.Read.Less(b.Written) {
		return b.Written
	}
	return b.Read
}
