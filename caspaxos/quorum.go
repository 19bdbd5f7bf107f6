package caspaxos

import (
	"fmt"
	"slices"

	"paxon/process"
)

// Quorums say which sets of processes are enough: those of Sets, and what holds one of them; or, if
// there are none, any Least of Among.
type Quorums struct {
	Among []process.ID // In ascending order.
	Least int
	Sets  [][]process.ID
}

// MajorityOf is the majorities of some processes.
func MajorityOf(among []process.ID) Quorums {
	return Quorums{Among: among, Least: process.Majority(len(among))}
}

// Members are all who are in a quorum, in ascending order.
func (q Quorums) Members() []process.ID {
	if len(q.Sets) == 0 {
		return q.Among
	}
	return union(q.Sets...)
}

// Enough says whether a set of processes, each once, holds a quorum.
func (q Quorums) Enough(set []process.ID) bool {
	if len(q.Sets) == 0 {
		return count(q.Among, set) >= q.Least
	}
	return slices.ContainsFunc(q.Sets, func(s []process.ID) bool { return count(s, set) == len(s) })
}

// Blocks says whether every quorum has one of a set of processes.
func (q Quorums) Blocks(set []process.ID) bool {
	if len(q.Sets) == 0 {
		return len(q.Among)-count(q.Among, set) < q.Least
	}
	return !slices.ContainsFunc(q.Sets, func(s []process.ID) bool { return count(s, set) == 0 })
}

// holds says that every quorum of q holds one of o. It may say no where it is so.
func (q Quorums) holds(o Quorums) bool {
	if len(q.Sets) > 0 {
		return !slices.ContainsFunc(q.Sets, func(s []process.ID) bool { return !o.Enough(s) })
	}
	return len(o.Sets) == 0 && q.Least-(len(q.Among)-count(q.Among, o.Among)) >= o.Least
}

// check says what is wrong with quorums as such.
func (q Quorums) check() error {
	if len(q.Sets) == 0 {
		if q.Least < 1 || q.Least > len(q.Among) || !ascending(q.Among) {
			return fmt.Errorf("quorums of %d of %v: expected at least 1 of them and at most all, "+
				"in ascending order", q.Least, q.Among)
		}
		return nil
	}
	for _, s := range q.Sets {
		if len(s) == 0 || !ascending(s) {
			return fmt.Errorf("the quorum %v: expected some processes in ascending order", s)
		}
	}
	return nil
}

// Disjoint finds a quorum of each that have no process in common.
func Disjoint(a, b Quorums) (ofA, ofB []process.ID, found bool) {
	switch {
	case len(a.Sets) > 0:
		for _, s := range a.Sets {
			if rest, found := b.without(s); found {
				return s, rest, true
			}
		}
		return nil, nil, false
	case len(b.Sets) > 0:
		ofB, ofA, found = Disjoint(b, a)
		return ofA, ofB, found
	}
	// The quorum of a takes what b has not, first, and b what is left.
	var outside, inside []process.ID
	for _, p := range a.Among {
		if slices.Contains(b.Among, p) {
			inside = append(inside, p)
		} else {
			outside = append(outside, p)
		}
	}
	ofA = slices.Sorted(slices.Values(append(outside, inside...)[:a.Least]))
	ofB, found = b.without(ofA)
	return ofA, ofB, found
}

// without finds a quorum that has none of a set of processes.
func (q Quorums) without(set []process.ID) (quorum []process.ID, found bool) {
	if len(q.Sets) > 0 {
		i := slices.IndexFunc(q.Sets, func(s []process.ID) bool { return count(s, set) == 0 })
		if i < 0 {
			return nil, false
		}
		return q.Sets[i], true
	}
	for _, p := range q.Among {
		if !slices.Contains(set, p) && len(quorum) < q.Least {
			quorum = append(quorum, p)
		}
	}
	return quorum, len(quorum) == q.Least
}

// count is how many of some processes are in a set.
func count(of, set []process.ID) int {
	n := 0
	for _, p := range of {
		if slices.Contains(set, p) {
			n++
		}
	}
	return n
}

func ascending(ids []process.ID) bool {
	for i, p := range ids {
		if p == 0 || i > 0 && ids[i-1] >= p {
			return false
		}
	}
	return true
}

func union(sets ...[]process.ID) []process.ID {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(sets...))))
}

func without(set []process.ID, p process.ID) []process.ID {
	return slices.DeleteFunc(slices.Clone(set), func(q process.ID) bool { return q == p })
}
