package caspaxos

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"paxon/process"
	"paxon/register"
)

// Format numbers the forms that a State, and a Configuration, are encoded in within a register.
const Format = 1

// State is what the register of a key holds.
type State struct {
	// Version grows with every change of the key, over deletions too. It is 0 if nothing was ever
	// written, or all of it was collected.
	Version uint64
	// Exists tells a value from a tombstone (§3.1) and from ∅.
	Exists bool
	// Value is there if it exists. It must never change.
	Value []byte
	// marks are the last changes of each proposer that are in this state, by process: see attempt.
	marks []mark
}

// mark says that the change which a process made with that turn is in a state. A process has one
// change of a key under way at a time, so that one mark is enough.
type mark struct {
	by   process.ID
	turn process.Incarnation
}

// marked is the last turn of p whose change is in the state, 0 if there is none.
func (s State) marked(p process.ID) process.Incarnation {
	for _, m := range s.marks {
		if m.by == p {
			return m.turn
		}
	}
	return 0
}

// withMark is the marks of the state with another one in the place of the process's last.
func (s State) withMark(m mark) []mark {
	marks := slices.Clone(s.marks)
	if i := slices.IndexFunc(marks, func(o mark) bool { return o.by == m.by }); i >= 0 {
		marks[i] = m
		return marks
	}
	return append(marks, m)
}

// String shows the state in traces.
func (s State) String() string {
	switch {
	case s.Version == 0:
		return "∅"
	case !s.Exists:
		return fmt.Sprintf("tombstone@%d", s.Version)
	}
	return fmt.Sprintf("%v@%d", register.Value(s.Value), s.Version)
}

// The flags of an encoded state.
const (
	flagTombstone = 1
	flagExists    = 2
)

// Encode is the state as a register holds it: flags, version, marks, and the value. ∅ is ⊥.
func (s State) Encode() register.Value {
	if s.Version == 0 {
		return nil
	}
	b := make([]byte, 0, headerMost)
	flags := byte(flagTombstone)
	if s.Exists {
		flags = flagExists
	}
	b = append(b, flags)
	b = binary.AppendUvarint(b, s.Version)
	b = binary.AppendUvarint(b, uint64(len(s.marks)))
	for _, m := range s.marks {
		b = binary.AppendUvarint(b, uint64(m.by))
		b = binary.AppendUvarint(b, uint64(m.turn))
	}
	return slices.Concat(b, s.Value) // It is kept for long, and so no longer than it has to be.
}

// headerMost is how long what is before a value may be without memory of its own.
const headerMost = 64

var errState = errors.New("caspaxos: no encoded state: expected flags, a version, marks and a value")

// Decode reads what Encode wrote. The value shares its memory.
func Decode(v register.Value) (State, error) {
	if len(v) == 0 {
		return State{}, nil
	}
	var s State
	switch v[0] {
	case flagTombstone:
	case flagExists:
		s.Exists = true
	default:
		return State{}, errState
	}
	r := reader{rest: v[1:]}
	s.Version = r.uint()
	for range r.count() {
		by, turn := r.uint(), r.uint()
		if by == 0 || by > 1<<32-1 || turn == 0 {
			return State{}, errState
		}
		s.marks = append(s.marks, mark{process.ID(by), process.Incarnation(turn)})
	}
	if r.bad || s.Version == 0 {
		return State{}, errState
	}
	switch {
	case s.Exists:
		s.Value = r.rest
	case len(r.rest) > 0:
		return State{}, errState
	}
	return s, nil
}
