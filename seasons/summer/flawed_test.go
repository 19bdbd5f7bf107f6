package summer_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/seasons/summer"
	"paxon/sim"
)

type disks = process.Disks[register.Copy]

type blocks = []process.Block[register.Copy]

// flaw breaks Fig. 18 by showing its registers other disks than there are. The random runs must
// find it, in one of the properties named.
type flaw struct {
	name       string
	show       func(d disks, self process.ID) disks
	properties []string
	seeds      uint64 // Within how many it must fall.
}

func flaws() []flaw {
	safety := []string{
		sim.ConsensusAgreement, sim.TotalOrder, sim.WriteCommit, sim.ReadWriteCommit,
	}
	return []flaw{
		{
			"a disk is read before the own write",
			func(d disks, _ process.ID) disks { return readFirst{d, map[place]blocks{}} },
			safety, 3000,
		},
		{
			"a minority of the disks is enough",
			func(d disks, self process.ID) disks { return oneDisk{d, int(self) % d.Count()} },
			safety, 300,
		},
		{
			"own blocks are not retrieved on recovery",
			func(d disks, self process.ID) disks { return &forgetful{d, self, map[place]bool{}} },
			safety, 3000,
		},
		{
			"the values of others are ignored",
			func(d disks, self process.ID) disks { return ignorant{d, self} },
			safety, 3000,
		},
	}
}

// TestFlawed shows that the monitors see each flaw, in Summer and in Summer with Fall.
func TestFlawed(t *testing.T) {
	for _, f := range flaws() {
		for _, v := range compositions(t)[:2] {
			t.Run(f.name+"/"+v.Name, func(t *testing.T) {
				t.Parallel()
				falls(t, breakWith(v, f.show), f.properties, f.seeds)
			})
		}
	}
}

// TestNobodyLooks shows that without looks what a process decided alone and took to its grave is
// lost to the others.
func TestNobodyLooks(t *testing.T) {
	v := compositions(t)[0]
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return summer.NewRegisters(net.Self(), h.Disks, c)
	}
	falls(t, v, []string{sim.Agreement}, 3000)
}

// TestPermissionForAll shows what becomes of Fall if every write is permitted.
func TestPermissionForAll(t *testing.T) {
	v := compositions(t)[1]
	sound := v.Registers
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return generous{sound(h, net, c)}
	}
	falls(t, v, []string{sim.ConsensusAgreement, sim.TotalOrder, sim.WriteCommit}, 3000)
}

type generous struct{ register.Array }

func (a generous) At(l register.Instance) register.Register { return permitted{a.Array.At(l)} }

type permitted struct{ register.Register }

func (permitted) Permitted() bool { return true }

// falls has a broken variant violate one of some properties within a number of seeds.
func falls(t *testing.T, v seasons.Variant, properties []string, seeds uint64) {
	t.Helper()
	for seed := range seeds {
		r := sim.Run(sim.DefaultConfig(v, 3), seed, nil)
		if r.Violation != nil && slices.Contains(properties, r.Violation.Property) {
			t.Logf("seed %d: %v", seed, r.Violation)
			return
		}
	}
	require.Fail(t, "it survives", "%d seeds", seeds)
}

func breakWith(v seasons.Variant, show func(d disks, self process.ID) disks) seasons.Variant {
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
