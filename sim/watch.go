package sim

import (
	"paxon/consensus"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/tob"
)

// watchVariant makes of a variant one whose registers, consensus and broadcast are observed.
func watchVariant(v seasons.Variant, observe Observer) seasons.Variant {
	watched := v
	watched.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return WatchRegisters(v.Registers(h, net, c), net.Self(), observe)
	}
	watched.Consensus = func(
		h seasons.Host, registers register.Array, c register.Config,
	) consensus.Array {
		return WatchConsensus(v.Consensus(h, registers, c), h.Net.Self(), observe)
	}
	watched.Broadcast = func(h seasons.Host, parts tob.Parts) *tob.TOB {
		return v.Broadcast(h, WatchDeliveries(parts, observe))
	}
	return watched
}

// WatchDeliveries has observed from where on a process delivers, and what.
func WatchDeliveries(parts tob.Parts, observe Observer) tob.Parts {
	deliver, p := parts.Deliver, parts.Net.Self()
	parts.Deliver = func(l register.Instance, batch register.Value) {
		observe(Observation{Kind: Deliver, Process: p, Instance: l, Value: batch})
		if deliver != nil {
			deliver(l, batch)
		}
	}
	_, next := parts.History.Bounds()
	observe(Observation{Kind: Recovered, Process: p, Instance: next})
	return parts
}

// WatchBroadcast has a broadcast observed. Its return value is for tob's done; the outcome of the
// call itself goes there too, unless it is Pending.
func WatchBroadcast(o Observation, observe Observer) func(tob.Outcome) {
	o.Kind = Broadcast
	observe(o)
	return func(outcome tob.Outcome) {
		o.Kind, o.Outcome = BroadcastEnds, outcome
		observe(o)
	}
}

// BroadcastAll has a process broadcast messages together, as its host does. Begun is called for each
// first, and gives what hears of its end, as WatchBroadcast does.
func BroadcastAll(
	broadcastAll func(payloads [][]byte, done tob.Done) (taken int, o tob.Outcome),
	payloads []string, begun func(payload string) func(tob.Outcome),
) {
	all, ends := make([][]byte, len(payloads)), make([]func(tob.Outcome), len(payloads))
	for i, payload := range payloads {
		all[i], ends[i] = []byte(payload), begun(payload)
	}
	tob.InOrder(broadcastAll, all, func(first, count int, o tob.Outcome) {
		for i, end := range ends[first : first+count] {
			end(o.After(i))
		}
	}, func(i int, o tob.Outcome) { ends[i](o) })
}

// WatchRegisters makes of the registers of a process some that are observed.
func WatchRegisters(
	registers register.Array, self process.ID, observe Observer,
) register.Array {
	return watchedRegisters{registers, watch{observe, self}}
}

// watch observes one process.
type watch struct {
	observe Observer
	self    process.ID
}

type watchedRegisters struct {
	register.Array
	watch
}

func (a watchedRegisters) At(l register.Instance) register.Register {
	return watchedRegister{a.Array.At(l), a.watch, l}
}

type watchedRegister struct {
	register.Register
	watch
	instance register.Instance
}

func (r watchedRegister) Read(
	k register.Round, done func(v register.Value, ok bool, higher register.Round),
) {
	o := Observation{Kind: InvokeRead, Process: r.self, Instance: r.instance, Round: k}
	r.observe(o)
	r.Register.Read(k, func(v register.Value, ok bool, higher register.Round) {
		o.Kind, o.Value, o.OK, o.Higher = ReturnRead, v, ok, higher
		r.observe(o)
		done(v, ok, higher)
	})
}

func (r watchedRegister) Write(
	k register.Round, v register.Value, done func(ok bool, higher register.Round),
) {
	o := Observation{
		Kind: InvokeWrite, Process: r.self, Instance: r.instance, Round: k, Value: v,
	}
	r.observe(o)
	r.Register.Write(k, v, func(ok bool, higher register.Round) {
		o.Kind, o.OK, o.Higher = ReturnWrite, ok, higher
		r.observe(o)
		done(ok, higher)
	})
}

// WatchConsensus makes of the consensus of a process one that is observed.
func WatchConsensus(
	array consensus.Array, self process.ID, observe Observer,
) consensus.Array {
	return watchedConsensus{array, watch{observe, self}}
}

type watchedConsensus struct {
	consensus.Array
	watch
}

func (a watchedConsensus) At(l register.Instance) consensus.Consensus {
	return watchedInstance{a.Array.At(l), a.watch, l}
}

type watchedInstance struct {
	consensus.Consensus
	watch
	instance register.Instance
}

func (i watchedInstance) Propose(
	k register.Round, v register.Value,
	done func(decision register.Value, ok bool, higher register.Round),
) {
	o := Observation{
		Kind: InvokePropose, Process: i.self, Instance: i.instance, Round: k, Value: v,
	}
	i.observe(o)
	i.Consensus.Propose(k, v, func(d register.Value, ok bool, higher register.Round) {
		o.Kind, o.Value, o.OK, o.Higher = ReturnPropose, d, ok, higher
		i.observe(o)
		done(d, ok, higher)
	})
}
