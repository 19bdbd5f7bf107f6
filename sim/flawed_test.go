package sim_test

import (
	"slices"
	"testing"
	"time"

	"paxon/consensus"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
	"paxon/tob"
)

// flaw makes of a variant one that is broken as a trap of the algorithms describes. The random
// runs must find it, in the property named.
type flaw struct {
	name       string
	variant    seasons.Variant
	properties []string // One of them must fall.
	from       uint64   // The first seed tried.
	seeds      uint64   // Within how many it must fall.
}

func flaws() []flaw {
	return []flaw{
		{
			"trap 1: rounds restart after recovery", roundsRestart(),
			[]string{sim.ConsensusAgreement, sim.TotalOrder, sim.WriteCommit},
			9000, 500,
		},
		{
			"the acknowledgement leaves before the force", ackBeforeForce(),
			[]string{sim.ConsensusAgreement, sim.TotalOrder, sim.WriteCommit, sim.ReadWriteCommit},
			0, 10000,
		},
		{
			"the promise is lost on recovery", promiseLost(),
			[]string{sim.ConsensusAgreement, sim.TotalOrder, sim.ReadWriteCommit, sim.WriteCommit},
			0, 10000,
		},
		{
			"trap 4: holes stay open", holesStay(),
			[]string{sim.Termination, sim.Agreement},
			0, 5000,
		},
		{
			"duplicates are not remembered over a crash", duplicatesForgotten(),
			[]string{sim.Validity, sim.TotalOrder, sim.ClientOrder},
			0, 5000,
		},
		{
			"a minority is enough", minority(),
			[]string{sim.ConsensusAgreement, sim.WriteCommit, sim.ReadWriteCommit},
			0, 200,
		},
		{
			"the value read is ignored", readIgnored(),
			[]string{sim.ConsensusAgreement, sim.TotalOrder},
			0, 2000,
		},
	}
}

// TestFlawed shows that the monitors see each flaw, and that the same seeds find nothing in the
// variant without it.
func TestFlawed(t *testing.T) {
	for _, f := range flaws() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for seed := f.from; seed < f.from+f.seeds; seed++ {
				r := sim.Run(sim.DefaultConfig(f.variant, 3), seed, nil)
				if r.Violation != nil && slices.Contains(f.properties, r.Violation.Property) {
					t.Logf("seed %d: %v", seed, r.Violation)
					return
				}
			}
			t.Fatalf("survives %d seeds", f.seeds)
		})
	}
}

// roundsRestart is Fig. 13 as printed: rounds begin again after recovery.
func roundsRestart() seasons.Variant {
	v := seasons.Paxos()
	sound := v.Consensus
	v.Consensus = func(h seasons.Host, registers register.Array, c register.Config) consensus.Array {
		return restartingArray{sound(h, registers, c)}
	}
	return v
}

type restartingArray struct{ consensus.Array }

func (a restartingArray) At(l register.Instance) consensus.Consensus {
	return restarting{a.Array.At(l)}
}

type restarting struct{ consensus.Consensus }

func (c restarting) Propose(
	k register.Round, v register.Value, done func(register.Value, bool, register.Round),
) {
	k.Incarnation = 0
	c.Consensus.Propose(k, v, done)
}

// onStore makes a variant whose registers have a changed store.
func onStore(change func(h seasons.Host) process.Store) seasons.Variant {
	v := seasons.Paxos()
	registers, broadcast := v.Registers, v.Broadcast
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		h.Store = change(h)
		return registers(h, net, c)
	}
	v.Broadcast = func(h seasons.Host, parts tob.Parts) *tob.TOB {
		h.Store = change(h)
		return broadcast(h, parts)
	}
	return v
}

func ackBeforeForce() seasons.Variant {
	return onStore(func(h seasons.Host) process.Store { return eager{h.Store, h.Clock} })
}

type eager struct {
	process.Store
	clock process.Clock
}

func (s eager) Put(space process.Space, key uint64, r process.Record, done func()) {
	s.Store.Put(space, key, r, nil)
	s.clock.After(time.Microsecond, done)
}

func promiseLost() seasons.Variant {
	return onStore(func(h seasons.Host) process.Store {
		return altered{h.Store, func(r process.Record) process.Record {
			if c, ok := r.(register.Copy); ok {
				c.Read = register.Round{}
				return c
			}
			return r
		}}
	})
}

func duplicatesForgotten() seasons.Variant {
	return onStore(func(h seasons.Host) process.Store {
		return altered{h.Store, func(r process.Record) process.Record {
			if c, ok := r.(tob.Checkpoint); ok {
				c.Clients, c.Horizon = nil, 0
				return c
			}
			return r
		}}
	})
}

// altered gives back other records than were put.
type altered struct {
	process.Store
	alter func(r process.Record) process.Record
}

func (s altered) Stored(space process.Space, yield func(uint64, process.Record) bool) {
	s.Store.Stored(space, func(key uint64, r process.Record) bool { return yield(key, s.alter(r)) })
}

// holesStay proposes only for instances that it began itself or knows to be decided.
func holesStay() seasons.Variant {
	v := seasons.Paxos()
	sound := v.Consensus
	v.Consensus = func(h seasons.Host, registers register.Array, c register.Config) consensus.Array {
		return blind{sound(h, registers, c)}
	}
	return v
}

type blind struct{ consensus.Array }

func (blind) Highest() register.Instance { return 0 }

// minority takes its own answer for that of a majority.
func minority() seasons.Variant {
	v := seasons.Paxos()
	sound := v.Registers
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		c.Members = func(register.Instance) []process.ID { return []process.ID{net.Self()} }
		return sound(h, net, c)
	}
	return v
}

// readIgnored writes its own value whatever it read.
func readIgnored() seasons.Variant {
	v := seasons.Paxos()
	v.Consensus = func(_ seasons.Host, registers register.Array, _ register.Config) consensus.Array {
		return stubbornArray{consensus.New(registers), registers}
	}
	return v
}

type stubbornArray struct {
	consensus.Array
	registers register.Array
}

func (a stubbornArray) At(l register.Instance) consensus.Consensus {
	return stubborn{a.registers.At(l)}
}

type stubborn struct{ register.Register }

func (c stubborn) Propose(
	k register.Round, v register.Value, done func(register.Value, bool, register.Round),
) {
	c.Read(k, func(_ register.Value, ok bool, higher register.Round) {
		if !ok {
			done(nil, false, higher)
			return
		}
		c.Write(k, v, func(ok bool, higher register.Round) { done(v, ok, higher) })
	})
}
