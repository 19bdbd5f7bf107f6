package flexible

import (
	"errors"
	"fmt"
	"slices"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
)

// Quorum is a set of processes whose answers together are enough.
type Quorum []process.ID

// System is the quorums of reads and those of writes. However Faulty processes are chosen, a quorum
// of each kind must be left without them.
type System struct {
	Read, Write []Quorum
	Faulty      int
}

// DisjointError says that a read and a write need not meet: what is written could be missed.
type DisjointError struct{ Read, Write Quorum }

func (e *DisjointError) Error() string {
	return fmt.Sprintf("reads by %v miss writes by %v: expected a common process", e.Read, e.Write)
}

// Season swaps the quorums of a variant's register. The error is a *DisjointError if any are.
func Season(s System) (seasons.Season, error) {
	if len(s.Read) == 0 || len(s.Write) == 0 {
		return seasons.Season{}, errors.New("no quorums for reads, or none for writes: expected both")
	}
	if read, write, found := disjoint(s.Read, s.Write); found {
		return seasons.Season{}, &DisjointError{read, write}
	}
	season := seasons.Season{
		Name: "flexible", Assumes: "a correct read quorum and a correct write quorum",
		Excludes: []string{"winter", "summer"}, Check: s.check, Apply: s.apply,
	}
	if one, other, found := disjoint(s.Write, s.Write); found {
		season.Assumes += fmt.Sprintf(", and that writes to %v and to %v need not meet", one, other)
		season.Excludes = append(season.Excludes, "fall")
	}
	return season, nil
}

// disjoint finds a quorum in each of two lists such that they have no process in common.
func disjoint(ones, others []Quorum) (one, other Quorum, found bool) {
	for _, one := range ones {
		for _, other := range others {
			if !slices.ContainsFunc(one, func(p process.ID) bool { return slices.Contains(other, p) }) {
				return one, other, true
			}
		}
	}
	return nil, nil, false
}

func (s System) check(processes int) error {
	for _, q := range slices.Concat(s.Read, s.Write) {
		if slices.Min(q) < 1 || int(slices.Max(q)) > processes {
			return fmt.Errorf("a quorum %v: expected processes from 1 to %d", q, processes)
		}
	}
	return nil
}

func (s System) apply(v seasons.Variant) seasons.Variant {
	v.Faulty = func(int) int { return s.Faulty }
	registers := v.Registers
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		c.Enough = s.enough
		return registers(h, net, c)
	}
	return v
}

// enough says whether all of some quorum have acknowledged.
func (s System) enough(reading bool, _, acked []process.ID) bool {
	quorums := s.Write
	if reading {
		quorums = s.Read
	}
	missing := func(p process.ID) bool { return !slices.Contains(acked, p) }
	return slices.ContainsFunc(quorums, func(q Quorum) bool { return !slices.ContainsFunc(q, missing) })
}
