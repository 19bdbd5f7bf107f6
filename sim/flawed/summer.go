package flawed

import (
	"slices"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/seasons/summer"
	"paxon/sim"
)

type disks = process.Disks[register.Copy]

type blocks = []process.Block[register.Copy]

// ofSummer are flaws of Fig. 18: registers that are shown other disks than there are.
func ofSummer() []Composition {
	plain, fast := compose(summer.Season()), compose(summer.Season(), fall.Season())
	var all []Composition
	add := func(
		name, broken, source string, seeds uint64, show func(d disks, self process.ID) disks,
	) {
		for _, v := range []seasons.Variant{plain, fast} {
			all = append(all, Composition{
				Flaw:    flaw(v.Name+"-"+name, broken, source, safety()),
				Variant: showing(v, show), Seeds: seeds,
			})
		}
	}
	add("read-before-write", "a disk is read before the own write",
		"against Fig. 18, and Gafni and Lamport, Disk Paxos", 400,
		func(d disks, _ process.ID) disks { return readFirst{d, map[place]blocks{}} })
	add("one-disk", "a minority of the disks is enough", "", 300,
		func(d disks, self process.ID) disks { return oneDisk{d, int(self) % d.Count()} })
	add("blocks-forgotten", "own blocks are not retrieved on recovery", "", 400,
		func(d disks, self process.ID) disks { return &forgetful{d, self, map[place]bool{}} })
	add("others-ignored", "the values of others are ignored", "", 400,
		func(d disks, self process.ID) disks { return ignorant{d, self} })

	blindly := plain
	blindly.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return summer.NewRegisters(net.Self(), h.Disks, c)
	}
	return append(all, Composition{
		Flaw: flaw("summer-nobody-looks", "nobody looks at the disks for what one decided alone",
			"trap 5", []string{sim.Agreement}),
		Variant: blindly, Seeds: 400,
	}, Composition{
		Flaw: flaw("fall+summer-all-permitted", "every write is permitted", "",
			[]string{sim.ConsensusAgreement, sim.TotalOrder, sim.WriteCommit}),
		Variant: onRegisters(fast, generously), Seeds: 400,
	})
}

func showing(v seasons.Variant, show func(d disks, self process.ID) disks) seasons.Variant {
	sound := v.Registers
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		h.Disks = show(h.Disks, net.Self())
		return sound(h, net, c)
	}
	return v
}

// place is a key on a disk.
type place struct {
	disk int
	key  uint64
}

// readFirst reads before each write what it shows after it.
type readFirst struct {
	disks
	seen map[place]blocks
}

func (d readFirst) Write(disk int, key uint64, b summer.Block, done func()) func() {
	stop := d.disks.Read(disk, key, func(seen blocks) { d.seen[place{disk, key}] = seen })
	cancel := d.disks.Write(disk, key, b, done)
	return func() { stop(); cancel() }
}

func (d readFirst) Read(disk int, key uint64, done func(blocks)) func() {
	return d.disks.Read(disk, key, func(seen blocks) {
		if earlier, ok := d.seen[place{disk, key}]; ok {
			seen = earlier
		}
		done(seen)
	})
}

// oneDisk takes one of the disks, another for each process, for all there are.
type oneDisk struct {
	disks
	own int
}

func (oneDisk) Count() int { return 1 }

func (d oneDisk) Write(_ int, key uint64, b summer.Block, done func()) func() {
	return d.disks.Write(d.own, key, b, done)
}

func (d oneDisk) Read(_ int, key uint64, done func(blocks)) func() {
	return d.disks.Read(d.own, key, done)
}

// forgetful hides a process's own blocks of earlier incarnations.
type forgetful struct {
	disks
	self    process.ID
	written map[place]bool
}

func (d *forgetful) Write(disk int, key uint64, b summer.Block, done func()) func() {
	d.written[place{disk, key}] = true
	return d.disks.Write(disk, key, b, done)
}

func (d *forgetful) Read(disk int, key uint64, done func(blocks)) func() {
	return d.disks.Read(disk, key, func(seen blocks) {
		done(slices.DeleteFunc(slices.Clone(seen), func(b process.Block[register.Copy]) bool {
			return b.Owner == d.self && !d.written[place{disk, key}]
		}))
	})
}

// ignorant shows of the blocks of others only the rounds.
type ignorant struct {
	disks
	self process.ID
}

func (d ignorant) Read(disk int, key uint64, done func(blocks)) func() {
	return d.disks.Read(disk, key, func(seen blocks) {
		seen = slices.Clone(seen)
		for i, b := range seen {
			if b.Owner != d.self && b.Block.Read.Less(b.Block.Written) {
				seen[i].Block.Read = b.Block.Written
			}
			if b.Owner != d.self {
				seen[i].Block.Written, seen[i].Block.Value = register.Round{}, nil
			}
		}
		done(seen)
	})
}
