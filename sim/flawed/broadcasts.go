package flawed

import (
	"time"

	"paxon/consensus"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
	"paxon/tob"
)

// broadcasts are plain Paxos with something broken above consensus, or beside it.
func broadcasts() []Composition {
	order := []string{sim.Validity, sim.TotalOrder, sim.ClientOrder}
	stuck := []string{sim.Termination, sim.Agreement}
	return []Composition{
		{
			Flaw:    flaw("holes-stay", "a new leader leaves holes of an earlier one open", "trap 4", stuck),
			Variant: holesStay(), Seeds: 2000,
		},
		{
			Flaw: flaw("last-decision-missed",
				"nobody asks for what it has missed, so that the last decision may never come",
				"trap 5: Fig. 9 as printed", stuck),
			Variant: neverPulls(), Seeds: 2000,
		},
		{
			Flaw: flaw("clients-forgotten", "what was delivered of whom is not remembered over a crash",
				"trap 6", order),
			Variant: clientsForgotten(), Seeds: 2000,
		},
		{
			Flaw: flaw("delivered-again",
				"what is decided a second time, by a new leader, is delivered a second time",
				"ahelwer/PaxosCluster#3, CurvineIO/curvine#676", order),
			Variant: deliveredAgain(), Seeds: 2000,
		},
		{
			Flaw: flaw("delivered-before-decided", "a leader delivers what it proposes before it is decided",
				"", append(order, sim.ConsensusAgreement)),
			Variant: deliveredBeforeDecided(), Seeds: 2000,
		},
		{
			Flaw: flaw("forgotten-before-durable",
				"the registers are forgotten before what was delivered is durable", "trap 8",
				append(safety(), sim.Validity, sim.Agreement, sim.Termination)),
			Variant: forgottenBeforeDurable(), Seeds: 2000,
		},
	}
}

func holesStay() seasons.Variant {
	return onConsensus(seasons.Paxos(), func(
		_ seasons.Host, a consensus.Array, _ register.Array,
	) consensus.Array {
		return blind{a}
	})
}

type blind struct{ consensus.Array }

func (blind) Highest() register.Instance { return 0 }

func neverPulls() seasons.Variant {
	return onBroadcast(seasons.Paxos(), func(_ *seasons.Host, parts *tob.Parts) {
		parts.Net = incurious{parts.Net}
	})
}

type incurious struct{ retransmit.Net[tob.Message] }

func (n incurious) Send(to process.ID, m tob.Message) {
	if _, pull := m.(tob.Pull); !pull {
		n.Net.Send(to, m)
	}
}

func clientsForgotten() seasons.Variant {
	return onStore(seasons.Paxos(), func(h seasons.Host) process.Store {
		return altered{h.Store, func(r process.Record) process.Record {
			if c, ok := r.(tob.Checkpoint); ok {
				c.Clients, c.Horizon = nil, 0
				return c
			}
			return r
		}}
	})
}

func deliveredAgain() seasons.Variant {
	return onBroadcast(seasons.Paxos(), func(_ *seasons.Host, parts *tob.Parts) {
		raw := map[register.Instance]register.Value{}
		parts.Consensus = noting{proposing{parts.Consensus, func(
			l register.Instance, sound propose,
		) propose {
			return func(
				k register.Round, v register.Value, done func(register.Value, bool, register.Round),
			) {
				sound(k, v, func(decision register.Value, ok bool, higher register.Round) {
					if ok {
						raw[l] = decision
					}
					done(decision, ok, higher)
				})
			}
		}}, raw}
		deliver := parts.Deliver
		parts.Deliver = func(l register.Instance, batch register.Value) {
			if whole, known := raw[l]; known {
				batch = whole
			}
			delete(raw, l)
			deliver(l, batch)
		}
	})
}

// noting is consensus that notes the decisions by reference.
type noting struct {
	consensus.Array
	decisions map[register.Instance]register.Value
}

func (a noting) Accepted(l register.Instance, k register.Round) (register.Value, bool) {
	v, ok := a.Array.Accepted(l, k)
	if ok {
		a.decisions[l] = v
	}
	return v, ok
}

func deliveredBeforeDecided() seasons.Variant {
	return onBroadcast(seasons.Paxos(), func(h *seasons.Host, parts *tob.Parts) {
		clock := h.Clock
		parts.Consensus = proposing{parts.Consensus, func(
			_ register.Instance, sound propose,
		) propose {
			return func(
				k register.Round, v register.Value, done func(register.Value, bool, register.Round),
			) {
				sound(k, v, func(register.Value, bool, register.Round) {})
				clock.After(time.Microsecond, func() { done(v, true, register.Round{}) })
			}
		}}
	})
}

func forgottenBeforeDurable() seasons.Variant {
	return onRegisters(seasons.Paxos(), func(
		_ seasons.Host, r register.Array, _ register.Config,
	) register.Array {
		return hasty{r}
	})
}

type hasty struct{ register.Array }

func (a hasty) Settle(next register.Instance) { a.Forget(next) }
