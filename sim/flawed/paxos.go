package flawed

import (
	"time"

	"paxon/consensus"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
)

// paxos are plain Paxos with broken registers or consensus.
func paxos() []Composition {
	return []Composition{
		{
			Flaw: flaw("rounds-restart", "rounds restart after recovery",
				"trap 1: Fig. 13 as printed; asked of others in Tencent/phxpaxos#145", safety()),
			Variant: roundsRestart(seasons.Paxos()), Seeds: 2000,
		},
		{
			Flaw: flaw("ack-before-force", "the acknowledgement leaves before the force",
				"robustmq/robustmq#2039, deventlab/d-engine#445", safety()),
			Variant: ackBeforeForce(), Seeds: 2000,
		},
		{
			Flaw:    flaw("promise-lost", "the promise is lost on recovery", "", safety()),
			Variant: promiseLost(), Seeds: 2000,
		},
		{
			Flaw: flaw("minority", "its own answer is enough for a process", "",
				[]string{sim.ConsensusAgreement, sim.WriteCommit, sim.ReadWriteCommit}),
			Variant: minority(), Seeds: 200,
		},
		{
			Flaw: flaw("half", "n/2 of n are a majority, also of an even n",
				"integer division: async-raft/async-raft#143", safety()),
			Variant: half(), Processes: 4, Seeds: 200,
		},
		{
			Flaw: flaw("read-ignored", "the value read is ignored", "",
				[]string{sim.ConsensusAgreement, sim.TotalOrder}),
			Variant: readIgnored(), Seeds: 2000,
		},
		{
			Flaw: flaw("accepted-in-any-round",
				"a decision by reference is taken to be what was accepted, in whatever round",
				"trap 9", []string{sim.ConsensusAgreement, sim.TotalOrder}),
			Variant: acceptedInAnyRound(), Seeds: 2000,
		},
		{
			Flaw: flaw("promise-without-decided",
				"a promise leaves out what it knows to be decided, so that a new leader finds the slot empty",
				"Multi-Paxos with a log that is cut at the decided slots", safety()),
			Variant: promiseWithoutDecided(), Seeds: 2000,
		},
		{
			Flaw: flaw("own-copy-not-forced",
				"a leader counts its own copy, and delivers, before that is durable",
				"deventlab/d-engine#445", safety()),
			Variant: ownCopyNotForced(), Seeds: 2000,
		},
	}
}

func roundsRestart(v seasons.Variant) seasons.Variant {
	return onConsensus(v, func(
		_ seasons.Host, a consensus.Array, _ register.Array,
	) consensus.Array {
		return proposing{a, func(_ register.Instance, sound propose) propose {
			return func(
				k register.Round, v register.Value, done func(register.Value, bool, register.Round),
			) {
				k.Incarnation = 1
				sound(k, v, done)
			}
		}}
	})
}

func ackBeforeForce() seasons.Variant {
	return onStore(seasons.Paxos(), func(h seasons.Host) process.Store {
		return eager{h.Store, h.Clock}
	})
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
	return onStore(seasons.Paxos(), func(h seasons.Host) process.Store {
		return altered{h.Store, func(r process.Record) process.Record {
			if c, ok := r.(register.Copy); ok {
				c.Read = register.Round{}
				return c
			}
			return r
		}}
	})
}

func minority() seasons.Variant {
	return configured(seasons.Paxos(), func(self process.ID, c *register.Config) {
		c.Members = func(register.Instance) []process.ID { return []process.ID{self} }
	})
}

func half() seasons.Variant {
	return configured(seasons.Paxos(), func(_ process.ID, c *register.Config) {
		c.Enough = func(_ bool, members, acked []process.ID) bool {
			return len(acked) >= len(members)/2
		}
	})
}

func readIgnored() seasons.Variant {
	return onConsensus(seasons.Paxos(), func(
		_ seasons.Host, a consensus.Array, r register.Array,
	) consensus.Array {
		return proposing{a, func(l register.Instance, _ propose) propose {
			return func(
				k register.Round, v register.Value, done func(register.Value, bool, register.Round),
			) {
				r.At(l).Read(k, func(_ register.Value, ok bool, higher register.Round) {
					if !ok {
						done(nil, false, higher)
						return
					}
					r.At(l).Write(k, v, func(ok bool, higher register.Round) { done(v, ok, higher) })
				})
			}
		}}
	})
}

func acceptedInAnyRound() seasons.Variant {
	return onConsensus(seasons.Paxos(), func(
		_ seasons.Host, a consensus.Array, _ register.Array,
	) consensus.Array {
		return credulous{a}
	})
}

type credulous struct{ consensus.Array }

func (a credulous) Accepted(l register.Instance, _ register.Round) (register.Value, bool) {
	return a.Array.Accepted(l, register.Round{Process: 1}) // Below all rounds that are used.
}

func promiseWithoutDecided() seasons.Variant {
	v := seasons.Paxos()
	sound := v.Registers
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return &cut{sound(h, net, c), net, 1}
	}
	return v
}

// cut is registers whose copies answer as empty ones where the decision is known.
type cut struct {
	register.Array
	net  retransmit.Net[register.Message]
	next register.Instance
}

func (a *cut) Settle(next register.Instance) {
	a.next = max(a.next, next)
	a.Array.Settle(next)
}

func (a *cut) Receive(from process.ID, m register.Message) bool {
	switch m := m.(type) {
	case register.Read:
		if m.Instance < a.next {
			a.net.SSend(from, register.AckRead{Instance: m.Instance, Round: m.Round})
			return true
		}
	case register.Write:
		if m.Instance < a.next {
			a.net.SSend(from, register.AckWrite{Instance: m.Instance, Round: m.Round})
			return true
		}
	}
	return a.Array.Receive(from, m)
}

func ownCopyNotForced() seasons.Variant {
	return onRegisters(seasons.Paxos(), func(
		h seasons.Host, r register.Array, _ register.Config,
	) register.Array {
		return confident{r, h}
	})
}

// confident is registers whose process takes its own WRITE for acknowledged when it gets it.
type confident struct {
	register.Array
	host seasons.Host
}

func (a confident) Receive(from process.ID, m register.Message) bool {
	accepted := a.Array.Receive(from, m)
	if w, is := m.(register.Write); is && from == a.host.Net.Self() {
		if _, written := a.Written(w.Instance, w.Round); written {
			a.host.Clock.After(time.Microsecond, func() {
				a.Array.Receive(from, register.AckWrite{
					Instance: w.Instance, Round: w.Round, Attempt: w.Attempt,
				})
			})
		}
	}
	return accepted
}
