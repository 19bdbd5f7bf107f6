package consensus

import (
	"paxon/process"
	"paxon/register"
)

// Consensus is one instance of round-based consensus, seen from one process. One propose is
// under way at a time: another, or Cancel, ends the one before it without a call of its done.
type Consensus interface {
	// Propose is propose(k, v): done gets the decision with ok, or not ok and the higher round
	// that won. A propose that aborted may still be decided later. In a round of number 0 it is
	// fastpropose, for which the instance must be Permitted.
	Propose(k register.Round, v register.Value,
		done func(decision register.Value, ok bool, higher register.Round))
	// Cancel ends the propose under way, if any, without an outcome.
	Cancel()
}

// Array is the instances of consensus at one process. The methods besides At are those of
// register.Array.
type Array interface {
	// At is the consensus of an instance that is not forgotten.
	At(l register.Instance) Consensus
	// Permitted says whether this process may propose in a round of number 0, below all others,
	// which takes one round trip less (§6.4: Fall). It may do so once.
	Permitted(l register.Instance) bool
	// Accepted is the value that this process has accepted in round k or later. If round k
	// has committed, that is the decision.
	Accepted(l register.Instance, k register.Round) (register.Value, bool)
	Highest() register.Instance
	Settle(next register.Instance)
	Forget(below register.Instance)
	Receive(from process.ID, m register.Message) (accepted bool)
	Restarted(p process.ID)
}

// New makes consensus from registers (Fig. 6).
func New(registers register.Array) Array { return instances{registers} }

type instances struct{ register.Array }

func (c instances) At(l register.Instance) Consensus { return instance{c.Array.At(l)} }

func (instances) Permitted(register.Instance) bool { return false }

func (c instances) Accepted(l register.Instance, k register.Round) (register.Value, bool) {
	return c.Written(l, k)
}

type instance struct{ reg register.Register }

// Propose reads, and writes what was read, or v if nothing was (Fig. 6, lines 3–7).
func (c instance) Propose(
	k register.Round, v register.Value,
	done func(decision register.Value, ok bool, higher register.Round),
) {
	c.reg.Read(k, func(read register.Value, ok bool, higher register.Round) {
		if !ok {
			done(nil, false, higher)
			return
		}
		if len(read) > 0 {
			v = read
		}
		c.reg.Write(k, v, func(ok bool, higher register.Round) {
			if !ok {
				done(nil, false, higher)
				return
			}
			done(v, true, register.Round{})
		})
	})
}

func (c instance) Cancel() { c.reg.Cancel() }
