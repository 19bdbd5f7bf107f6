package caspaxos

import (
	"slices"

	"paxon/process"
)

// Edit is a change of membership that is made to whatever configuration was decided last, and not to one
// that whoever asks for it knows. So of edits that are asked for at once, at any processes, each is made
// to what the others have made; and one that was made already, and is asked for again, changes nothing.
// Its lists must not change once it is asked for.
type Edit struct {
	// Target, or Proposers, are those that there are to be, whoever else there is: see Reconfigure and
	// ReconfigureProposers. Then the other lists are empty.
	Target, Proposers []process.ID
	// Add are to keep copies and to propose, and Remove to do neither.
	Add, Remove []process.ID
	// Propose are to propose, and Abstain not to. They keep their copies, or have none.
	Propose, Abstain []process.ID
	// At tells all hosts where processes are, and Known where those are of which the configuration does
	// not say it.
	At, Known []Address
}

// lists are all processes that an edit names.
func (e Edit) lists() [][]process.ID {
	return [][]process.ID{e.Target, e.Proposers, e.Add, e.Remove, e.Propose, e.Abstain}
}

// sensible says whether an edit can be made to any configuration.
func (e Edit) sensible() bool {
	named := 0
	for _, ids := range e.lists() {
		if !ascending(ids) {
			return false
		}
		named += min(len(ids), 1)
	}
	in, out := union(e.Add, e.Propose), union(e.Remove, e.Abstain)
	return named > 0 && count(in, out) == 0 && (!e.absolute() || named == 1)
}

// absolute says whether an edit has those that there are to be.
func (e Edit) absolute() bool { return len(e.Target)+len(e.Proposers) > 0 }

// equal says whether two edits ask for the same.
func (e Edit) equal(o Edit) bool {
	return slices.EqualFunc(e.lists(), o.lists(), slices.Equal) && slices.Equal(e.At, o.At)
}

// on is what an edit makes of a configuration, with Pending. Done says that it leaves it as it is, and any
// other status why it is refused.
func (e Edit) on(c Configuration) (next Configuration, status Status) {
	target, changes := e.target(c)
	proposers := e.proposers(c)
	switch {
	case len(c.Target) > 0 && len(e.Proposers)+len(e.Propose)+len(e.Abstain) > 0:
		return c, Full // What is under way has its own plan for who proposes.
	case !changes && slices.Equal(proposers, c.Proposers) && !e.moves(c):
		return c, Done
	case len(e.Remove)+len(e.Abstain) > 0 && !c.led(target, proposers):
		return c, Unled
	case !changes:
		target = c.Target
	}
	next = c.toward(target, slices.Concat(e.unknown(c), e.At))
	next.Proposers = proposers
	return next, Pending
}

// target are those who keep copies in the end, and whether these are others than without the edit.
func (e Edit) target(c Configuration) (target []process.ID, changes bool) {
	if len(e.Target) > 0 {
		return e.Target, !slices.Equal(e.Target, c.Target)
	}
	now := c.Target
	if len(now) == 0 {
		now = c.Acceptors()
	}
	target = lacking(union(now, e.Add), e.Remove)
	return target, !slices.Equal(target, now)
}

// proposers are those of a configuration once the edit is made. An acceptor that goes stops to propose on
// its way out, and one that comes begins to on its way in.
func (e Edit) proposers(c Configuration) []process.ID {
	if len(e.Proposers) > 0 {
		return e.Proposers
	}
	proposers := lacking(union(c.Proposers, e.Propose), e.Abstain)
	for _, p := range e.Add {
		if c.accepts(p) {
			proposers = union(proposers, []process.ID{p})
		}
	}
	for _, p := range e.Remove {
		if !c.accepts(p) {
			proposers = without(proposers, p)
		}
	}
	return proposers
}

// accepts says whether a process is an acceptor, and not only on its way to be one.
func (c Configuration) accepts(p process.ID) bool {
	return has(c.Acceptors(), p) && c.learner(p) == 0
}

// led says whether somebody proposes, and, in the end, somebody of those who keep copies. Where others do
// alone, and are lost, nobody can change anything any more.
func (c Configuration) led(target, proposers []process.ID) bool {
	return len(proposers) > 0 && slices.ContainsFunc(target, func(p process.ID) bool {
		return has(proposers, p) || !c.accepts(p)
	})
}

// moves says whether a process is somewhere else than a configuration says.
func (e Edit) moves(c Configuration) bool {
	return slices.ContainsFunc(e.At, func(a Address) bool { return !slices.Contains(c.Addresses, a) })
}

// unknown are the addresses that a configuration lacks.
func (e Edit) unknown(c Configuration) []Address {
	return slices.DeleteFunc(slices.Clone(e.Known), func(a Address) bool {
		return slices.ContainsFunc(c.Addresses, func(o Address) bool { return o.Process == a.Process })
	})
}

// lacking are some processes but for others.
func lacking(ids, others []process.ID) []process.ID {
	return slices.DeleteFunc(slices.Clone(ids), func(p process.ID) bool { return has(others, p) })
}
