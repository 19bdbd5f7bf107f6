package caspaxos

import "bytes"

// Change is a change function (§2.2). It is applied where the proposer is, to what was read, and
// again if the change has to be tried again: so it must have no side effects, and must not change
// what the state points to.
type Change interface {
	Apply(s State) Next
}

// Next is what a change function makes of a state.
type Next struct {
	// Changes says that the state changes; otherwise it stays, with its version, and Exists and
	// Value are ignored.
	Changes bool
	// Exists and Value are of the next state; what does not exist is a tombstone.
	Exists bool
	Value  []byte
	// Result is for whoever proposed the change. Of several times that the function was applied
	// it is that of the one which counts.
	Result any
}

// Func is a function as a Change.
type Func func(s State) Next

// Apply calls the function.
func (f Func) Apply(s State) Next { return f(s) }

// Read is x → x.
type Read struct{}

// Apply leaves the state.
func (Read) Apply(State) Next { return Next{} }

// Initialise is x → if x = ∅ then value else x. The result says whether it did.
type Initialise struct{ Value []byte }

// Apply sets the value if there is none.
func (c Initialise) Apply(s State) Next {
	return Next{Changes: !s.Exists, Exists: true, Value: c.Value, Result: !s.Exists}
}

// Set sets the value whatever was there.
type Set struct{ Value []byte }

// Apply sets the value.
func (c Set) Apply(State) Next { return Next{Changes: true, Exists: true, Value: c.Value} }

// CompareAndSet is x → if x = (version, *) then (version + 1, value) else x. Version 0 stands for a
// key that does not exist. The result says whether it did.
type CompareAndSet struct {
	Version uint64
	Value   []byte
}

// Apply sets the value if the version fits.
func (c CompareAndSet) Apply(s State) Next {
	fits := s.Exists && s.Version == c.Version || !s.Exists && c.Version == 0
	return Next{Changes: fits, Exists: true, Value: c.Value, Result: fits}
}

// Delete leaves a tombstone (§3.1). The result says whether the key existed.
type Delete struct{}

// Apply leaves a tombstone.
func (Delete) Apply(s State) Next { return Next{Changes: s.Exists, Result: s.Exists} }

// Append adds to the end of the value. What does not exist is empty.
type Append struct{ Value []byte }

// Apply adds to the value.
func (c Append) Apply(s State) Next {
	return Next{
		Changes: true, Exists: true, Value: bytes.Join([][]byte{s.Value, c.Value}, nil),
	}
}
