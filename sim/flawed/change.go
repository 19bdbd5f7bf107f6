package flawed

import (
	"paxon/consensus"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/tob"
)

// What follows changes one constructor of a variant each.

// configured changes what the registers of a variant are told to do.
func configured(
	v seasons.Variant, change func(self process.ID, c *register.Config),
) seasons.Variant {
	sound := v.Registers
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		change(net.Self(), &c)
		return sound(h, net, c)
	}
	return v
}

// onRegisters wraps the registers of a variant.
func onRegisters(
	v seasons.Variant, wrap func(h seasons.Host, r register.Array, c register.Config) register.Array,
) seasons.Variant {
	sound := v.Registers
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return wrap(h, sound(h, net, c), c)
	}
	return v
}

// onConsensus wraps the consensus of a variant.
func onConsensus(
	v seasons.Variant,
	wrap func(h seasons.Host, a consensus.Array, r register.Array) consensus.Array,
) seasons.Variant {
	sound := v.Consensus
	v.Consensus = func(h seasons.Host, r register.Array, c register.Config) consensus.Array {
		return wrap(h, sound(h, r, c), r)
	}
	return v
}

// onStore changes the stable storage of registers and broadcast.
func onStore(v seasons.Variant, change func(h seasons.Host) process.Store) seasons.Variant {
	registers := v.Registers
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		h.Store = change(h)
		return registers(h, net, c)
	}
	return onBroadcast(v, func(h *seasons.Host, _ *tob.Parts) { h.Store = change(*h) })
}

// onBroadcast changes what the broadcast of a variant is built from.
func onBroadcast(
	v seasons.Variant, change func(h *seasons.Host, parts *tob.Parts),
) seasons.Variant {
	sound := v.Broadcast
	v.Broadcast = func(h seasons.Host, parts tob.Parts) *tob.TOB {
		change(&h, &parts)
		return sound(h, parts)
	}
	return v
}

// propose is Propose of consensus.Consensus.
type propose = func(
	k register.Round, v register.Value,
	done func(decision register.Value, ok bool, higher register.Round),
)

// proposing has the proposes of consensus go through a function.
type proposing struct {
	consensus.Array
	through func(l register.Instance, sound propose) propose
}

func (a proposing) At(l register.Instance) consensus.Consensus {
	sound := a.Array.At(l)
	return proposingInstance{sound, a.through(l, sound.Propose)}
}

type proposingInstance struct {
	consensus.Consensus
	propose propose
}

func (c proposingInstance) Propose(
	k register.Round, v register.Value,
	done func(decision register.Value, ok bool, higher register.Round),
) {
	c.propose(k, v, done)
}

// altered gives back other records than were put.
type altered struct {
	process.Store
	alter func(r process.Record) process.Record
}

func (s altered) Stored(space process.Space, yield func(uint64, process.Record) bool) {
	s.Store.Stored(space, func(key uint64, r process.Record) bool { return yield(key, s.alter(r)) })
}
