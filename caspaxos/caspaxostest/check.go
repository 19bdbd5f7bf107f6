package caspaxostest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"paxon/caspaxos"
	"paxon/conformance"
	"paxon/history/keys"
)

// The names of the properties: those of package caspaxos, and what the suite adds.
const (
	Theorem1        = "Theorem 1"
	ExactlyOnce     = "Exactly once"
	Linearizability = "Linearizability"
	Removal         = "Removal"
	Ballots         = "Ballots" // All that is accepted in one round is one state.
	Progress        = "Progress"
	Collection      = "Collection"     // In the end nothing is left of what was deleted.
	Membership      = "Membership"     // A change of membership ends, as it was asked for.
	Listing         = "Listing"        // What exists all the while is listed.
	NonTriviality   = "Non-triviality" // Proposers refuse nothing.
	DoneOnce        = "Hygiene: done at most once"
	DoneLater       = "Hygiene: never synchronously"
	Deterministic   = "Hygiene: deterministic"
	NoPanic         = "Hygiene: no panic"
)

// searched is how many steps a search for an order takes; a run of ours takes some hundred.
const searched = 50_000

// history is the operations of one key.
type history struct {
	key  string
	all  []*operation
	line *lineage
}

// check looks at what all operations were told.
func check(t *tree, all []*operation) []*conformance.Failure {
	by := map[string]*history{}
	for _, o := range all {
		if by[o.key] == nil {
			by[o.key] = &history{key: o.key, line: t.at(o.key)}
		}
		by[o.key].all = append(by[o.key].all, o)
	}
	var found []*conformance.Failure
	for _, key := range slices.Sorted(maps.Keys(by)) {
		found = append(found, by[key].check()...)
	}
	return found
}

func (h *history) check() (found []*conformance.Failure) {
	fail := func(property, format string, args ...any) {
		found = append(found, &conformance.Failure{
			Property: property, Detail: fmt.Sprintf("of %q, ", h.key) + fmt.Sprintf(format, args...),
		})
	}
	seen := h.acknowledged()
	for _, s := range seen {
		if name, twice := twice(s.node); twice {
			fail(ExactlyOnce, "%s is in the state %s more than once", name, s)
		}
	}
	way, whole := h.theorem(seen, fail)
	if whole = whole && !h.line.unsure(); whole {
		h.once(way, fail)
	}
	h.removal(seen, fail)
	if reason, _ := keys.Check(h.operations(way, whole), searched); reason != "" {
		fail(Linearizability, "%s", reason)
	}
	return found
}

// shown is a state that somebody was told of, and who was the first and the last.
type shown struct {
	node *node
	by   []*operation
}

func (s shown) String() string {
	if s.node.value == "" {
		return fmt.Sprintf("tombstone@%d", s.node.version)
	}
	return fmt.Sprintf("%s@%d", s.node.value, s.node.version)
}

// acknowledged are the states that callers were told of, in the order of their versions.
func (h *history) acknowledged() []shown {
	by := map[*node][]*operation{}
	for _, o := range h.all {
		if o.node != nil {
			by[o.node] = append(by[o.node], o)
		}
	}
	var all []shown
	for _, o := range h.all {
		if of := by[o.node]; o.node != nil && of[0] == o {
			all = append(all, shown{o.node, of})
		}
	}
	slices.SortStableFunc(all, func(a, b shown) int { return cmp.Compare(a.node.version, b.node.version) })
	return all
}

// twice finds an operation that is in a value more than once.
func twice(n *node) (name string, twice bool) {
	names := strings.SplitAfter(n.value, ";")
	for i, name := range names {
		if name != "" && slices.Contains(names[:i], name) {
			return name, true
		}
	}
	return "", false
}

// theorem is Theorem 1: each state that was acknowledged is a descendant of the one before. Way is
// all operations that are in the last of them; whole is false if the property does not hold.
func (h *history) theorem(
	seen []shown, fail func(property, format string, args ...any),
) (way []*operation, whole bool) {
	whole = true
	for i := range seen {
		later := seen[i].node
		if i == 0 {
			way, whole = later.fromNothing(), h.one(seen[i])
			continue
		}
		before := seen[i-1]
		part, ok := h.line.segment(later, later.version, before.node)
		way = append(way, part...)
		if ok && before.node.version < later.version && h.one(seen[i]) {
			continue
		}
		whole = false
		if before.node.value == "" && before.ended() < seen[i].begun() {
			fail(Removal, "%v is no descendant of the deletion %v, which was acknowledged before",
				seen[i], before)
		}
		fail(Theorem1, "%v was acknowledged, and is no descendant of %v, or by two", seen[i], before)
	}
	return way, whole
}

// removal is that nobody who calls after a deletion was acknowledged is told of what was before.
func (h *history) removal(seen []shown, fail func(property, format string, args ...any)) {
	for i, deletion := range seen {
		if deletion.node.value != "" {
			continue
		}
		for _, s := range seen[:i] {
			if last := s.by[len(s.by)-1]; last.call > deletion.ended() {
				fail(Removal, "%v was shown by %v %s, which was called after %v was acknowledged",
					s, last.kind, last.name(), deletion)
			}
		}
	}
}

// one says that not more than one operation was told to have made a state.
func (h *history) one(s shown) bool {
	n := 0
	for _, o := range s.by {
		if changed, _ := o.outcome.Result.(bool); changed {
			n++
		}
	}
	return n <= 1
}

func (s shown) ended() int64 {
	end := int64(-1)
	for _, o := range s.by {
		if end < 0 || o.answer < end {
			end = o.answer
		}
	}
	return end
}

func (s shown) begun() int64 { return s.by[0].call }

// once is that each operation is in what was acknowledged last once, and at most once if it was not
// acknowledged itself.
func (h *history) once(way []*operation, fail func(property, format string, args ...any)) {
	times := map[*operation]int{}
	for _, o := range way {
		times[o]++
	}
	for _, o := range h.all {
		changed, _ := o.outcome.Result.(bool)
		switch n := times[o]; {
		case n > 1:
			fail(ExactlyOnce, "%v %s was applied %d times", o.kind, o.name(), n)
		case n == 0 && o.answer > 0 && changed:
			fail(ExactlyOnce, "%v %s was acknowledged and is in no state", o.kind, o.name())
		case n == 1 && o.answer > 0 && o.outcome.Status == caspaxos.Done && !changed:
			fail(ExactlyOnce, "%v %s was told that it does not fit, and was applied", o.kind, o.name())
		}
	}
}

// operations is the history as a checker of linearizability takes it. What became of an operation
// that was not answered is known where the lineage is whole: it is on the way to the last state, or it
// had no effect that anybody saw; but for deletions, of which nothing may be left.
func (h *history) operations(way []*operation, whole bool) []keys.Operation {
	var all []keys.Operation
	for i, o := range h.all {
		k := keys.Operation{
			Client: i, Kind: o.kind, Name: o.name(), Expect: o.expect, Call: o.call, Return: o.answer,
			Answered: o.answer > 0 && o.outcome.Status == caspaxos.Done,
		}
		if !k.Answered && whole {
			k.Took = slices.Contains(way, o)
			if !k.Took && o.kind != keys.Delete {
				continue
			}
		}
		if k.Answered {
			s := o.outcome.State
			value, _, _ := strings.Cut(string(s.Value), "|")
			k.Exists, k.Version, k.Value = s.Exists, s.Version, value
			k.Fits, _ = o.outcome.Result.(bool)
			if o.kind == keys.Append || o.kind == keys.Set {
				k.Fits = true
			}
		}
		all = append(all, k)
	}
	return all
}
