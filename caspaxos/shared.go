package caspaxos

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Where registers have numbers that all processes agree on, there cannot be one for each key: keys that
// fall into the same bucket share a register. Its state is a map, and a change of a key one of the map.
// What is deleted leaves the map, and nothing is left to collect.

// sharedRegisters is how many registers there are then.
const sharedRegisters = 1 << 10

// sharedKey is the key of the register that a key shares with others.
func sharedKey(key string) string {
	return strconv.Itoa(int(bucketOf(key) % sharedRegisters))
}

// sharedNumber is the number of that register, from 1 on.
func sharedNumber(key string) uint64 {
	n, err := strconv.Atoi(key)
	if err != nil {
		panic(fmt.Sprintf("caspaxos: %q is not the key of a shared register", key))
	}
	return uint64(n) + 1
}

// within is a change of one key in the map that a register holds.
type within struct {
	key    string
	change Change
}

// withinResult is the result of such a change: the key's own.
type withinResult struct {
	state  State
	result any
	err    error
}

// Apply applies the change to the state of the key.
func (w within) Apply(s State) Next {
	entries, err := decodeEntries(s.Value)
	if err != nil {
		return Next{Result: withinResult{err: err}}
	}
	i, found := slices.BinarySearchFunc(entries, w.key, func(e entry, key string) int {
		return cmp.Compare(e.key, key)
	})
	var own State
	if found {
		own = entries[i].state
	}
	n := w.change.Apply(own)
	if !n.Changes {
		return Next{Result: withinResult{state: own, result: n.Result}}
	}
	// Versions of the register grow, so those of its keys do, also over deletions.
	next := State{Version: s.Version + 1, Exists: n.Exists}
	switch {
	case n.Exists:
		next.Value = n.Value
		if found {
			entries[i].state = next
		} else {
			entries = slices.Insert(entries, i, entry{w.key, next})
		}
	case found:
		entries = slices.Delete(entries, i, i+1)
	}
	return Next{
		Changes: true, Exists: true, Value: encodeEntries(entries),
		Result: withinResult{state: next, result: n.Result},
	}
}

// sharing is the client of such a change: it tells the key's own.
type sharing struct {
	within within
	client client
}

func (s sharing) ended(o Outcome) { s.client.ended(s.within.outcome(o)) }

// outcome is that of the key's own change.
func (w within) outcome(o Outcome) Outcome {
	if r, ok := o.Result.(withinResult); ok {
		o.State, o.Result = r.state, r.result
		if r.err != nil && o.Status == Done {
			o.Status = Unreadable
		}
	}
	return o
}

// entry is a key and its state in a shared register.
type entry struct {
	key   string
	state State
}

func encodeEntries(entries []entry) []byte {
	b := binary.AppendUvarint(nil, uint64(len(entries)))
	for _, e := range entries {
		b = binary.AppendUvarint(b, e.state.Version)
		b = binary.AppendUvarint(b, uint64(len(e.key)))
		b = append(b, e.key...)
		b = binary.AppendUvarint(b, uint64(len(e.state.Value)))
		b = append(b, e.state.Value...)
	}
	return b
}

var errEntries = errors.New("caspaxos: no encoded map of keys: expected them in ascending order")

// decodeEntries reads what encodeEntries wrote; nothing is no entries. Values share its memory.
func decodeEntries(b []byte) ([]entry, error) {
	if len(b) == 0 {
		return nil, nil
	}
	r := reader{rest: b}
	var entries []entry
	for i := range r.count() {
		e := entry{state: State{Version: r.uint(), Exists: true}}
		e.key = string(r.bytes())
		e.state.Value = r.bytes()
		if i > 0 && entries[i-1].key >= e.key {
			return nil, errEntries
		}
		entries = append(entries, e)
	}
	if r.bad || len(r.rest) > 0 {
		return nil, errEntries
	}
	return entries, nil
}
