package caspaxostest

import (
	"slices"
	"time"

	"paxon/caspaxos"
	"paxon/process"
)

// edits has the membership edited at some times, at two processes at once each time.
func (s *stage) edits() {
	r := s.Random
	for range s.plan.edits {
		at := time.Duration(r.Int64N(int64(duration)))
		for range 2 {
			s.World.At(at, func() { s.edit(s.anyone(), s.drawEdit()) })
		}
	}
}

// drawEdit draws who is to come or to go.
func (s *stage) drawEdit() (e caspaxos.Edit) {
	one, other := []process.ID{s.anyone()}, []process.ID{s.anyone()}
	switch s.Random.IntN(3) {
	case 0:
		e.Add = one
	case 1:
		e.Remove = one
	default:
		if e.Add = one; other[0] != one[0] {
			e.Remove = other
		}
	}
	return e
}

// wanted are those who are to keep copies in the end.
func wanted(c caspaxos.Configuration) []process.ID {
	if len(c.Target) > 0 {
		return c.Target
	}
	return c.Acceptors()
}

// edited are those of some processes that an edit leaves, and those that it adds.
func edited(of []process.ID, e caspaxos.Edit) []process.ID {
	all := slices.Concat(of, e.Add)
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(p process.ID) bool {
		return slices.Contains(e.Remove, p)
	})
}

// follows demands that in each configuration those are to keep copies who were to in the one before, but for
// what a single change that was asked for makes of these.
func (s *stage) follows() {
	last := s.newest().Epoch
	for epoch := s.plan.initial.Epoch + 1; epoch <= last; epoch++ {
		before, known := s.seen[epoch-1]
		c, seen := s.seen[epoch]
		if !known || !seen { // Nobody has taken it over.
			continue
		}
		from, to := wanted(before), wanted(c)
		if !slices.Equal(from, to) && !slices.ContainsFunc(s.changes, func(c *reconfiguration) bool {
			return c.kind == ofMembers && slices.Equal(c.target, to) ||
				c.kind == ofEdit && slices.Equal(edited(from, c.edit), to)
		}) {
			s.fail(Membership, "in epoch %d %v are to keep copies after %v, which nobody has asked for",
				epoch, to, from)
			return
		}
	}
}
