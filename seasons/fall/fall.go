package fall

import (
	"maps"

	"paxon/consensus"
	"paxon/register"
	"paxon/seasons"
)

// Season makes the consensus of a variant fast.
func Season() seasons.Season {
	return seasons.Season{
		Name:    "fall",
		Assumes: "that stable periods are common, for speed alone",
		Apply: func(v seasons.Variant) seasons.Variant {
			regular := v.Consensus
			v.Permission = true
			v.Consensus = func(
				h seasons.Host, r register.Array, c register.Config,
			) consensus.Array {
				return New(regular(h, r, c), r, register.Instance(c.Window))
			}
			return v
		},
	}
}

// New makes fast consensus of regular consensus and the registers below it, for a window of
// open instances.
func New(regular consensus.Array, registers register.Array, window register.Instance) consensus.Array {
	return &instances{regular, registers, window, map[register.Instance]bool{}}
}

type instances struct {
	consensus.Array
	registers register.Array
	window    register.Instance
	permitted map[register.Instance]bool
}

func (c *instances) At(l register.Instance) consensus.Consensus {
	return instance{c.Array.At(l), c, l}
}

func (c *instances) Permitted(l register.Instance) bool { return c.permitted[l] }

// Settle drops the permissions for instances that are decided.
func (c *instances) Settle(next register.Instance) {
	c.Array.Settle(next)
	maps.DeleteFunc(c.permitted, func(l register.Instance, _ bool) bool { return l < next })
}

// committed keeps the permission that came with the write that has committed in an instance
// (Fig. 21).
func (c *instances) committed(l register.Instance) {
	if c.registers.At(l).Permitted() {
		c.permitted[l+c.window] = true
	}
}

type instance struct {
	consensus.Consensus
	array *instances
	l     register.Instance
}

// Propose is propose of Fig. 21, or in a round of number 0 fastpropose (Fig. 22).
func (i instance) Propose(
	k register.Round, v register.Value,
	done func(decision register.Value, ok bool, higher register.Round),
) {
	if k.Number > 0 {
		i.Consensus.Propose(k, v, func(d register.Value, ok bool, higher register.Round) {
			if ok {
				i.array.committed(i.l)
			}
			done(d, ok, higher)
		})
		return
	}
	delete(i.array.permitted, i.l)
	i.array.registers.At(i.l).Write(k, v, func(ok bool, higher register.Round) {
		if !ok {
			done(nil, false, higher)
			return
		}
		i.array.committed(i.l)
		done(v, true, register.Round{})
	})
}
