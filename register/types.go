package register

import (
	"cmp"
	"fmt"

	"paxon/process"
)

// Instance numbers the registers of an array, one per instance of consensus: the paper's
// batch number L. The first is 1.
type Instance uint64

// Value is what a register holds: bytes that never change, empty for ⊥.
type Value []byte

// Round is the paper's round number k. A round belongs to one propose for ever: the process
// and its incarnation are part of it, and within an incarnation no process uses a Number twice
// for the same instance. Rounds are ordered by Number, then Process, then Incarnation. The
// zero Round is below every round that is used.
type Round struct {
	Number      uint64
	Process     process.ID
	Incarnation process.Incarnation
}

// Compare returns a negative number, zero or a positive one as k is below, at or above o.
func (k Round) Compare(o Round) int {
	return cmp.Or(
		cmp.Compare(k.Number, o.Number),
		cmp.Compare(k.Process, o.Process),
		cmp.Compare(k.Incarnation, o.Incarnation),
	)
}

// Less reports whether k is below o.
func (k Round) Less(o Round) bool { return k.Compare(o) < 0 }

// IsZero reports whether k is the round below all others.
func (k Round) IsZero() bool { return k == Round{} }

// String writes a round as number.process.incarnation, such as "3.p1.2", and the zero Round
// as "0".
func (k Round) String() string {
	if k.IsZero() {
		return "0"
	}
	return fmt.Sprintf("%d.%v.%d", k.Number, k.Process, k.Incarnation)
}

// String shows a value in traces: ⊥, or the bytes quoted, the first 40 of them.
func (v Value) String() string {
	const most = 40
	switch {
	case len(v) == 0:
		return "⊥"
	case len(v) > most:
		return fmt.Sprintf("%q…(%d bytes)", string(v[:most]), len(v))
	default:
		return fmt.Sprintf("%q", string(v))
	}
}
