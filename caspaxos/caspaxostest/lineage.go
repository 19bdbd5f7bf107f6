package caspaxostest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"paxon/caspaxos"
	"paxon/history/keys"
)

// operation is what a caller asks a process for.
type operation struct {
	number  int
	key     string
	kind    keys.Kind
	look    bool // A read by Read, not by Change.
	expect  uint64
	by      string // The incarnation that was asked.
	call    int64
	answer  int64 // 0 if there was none.
	outcome caspaxos.Outcome
	node    *node // That the answer is about; nil for what does not exist and it did not delete.
}

// name is what a value that the operation made ends with.
func (o *operation) name() string { return strconv.Itoa(o.number) + ";" }

// node is one application of a change function, and so perhaps a state of the register. A value names
// its node, so that of each state it is known which it was made from. A tombstone holds no value: those
// of one version are taken together.
type node struct {
	version uint64
	value   string // Of operations, by name; empty for a tombstone.
	made    []made
}

// made is how a node came to be.
type made struct {
	by   *operation
	from *node // Nil for ∅.
}

// lineage is all nodes of one key.
type lineage struct {
	values     map[string]*node // By what is behind the bar in the value.
	tombstones map[uint64]*node // By version.
}

// tree is what the change functions of a run were applied to, and made.
type tree struct{ of map[string]*lineage }

func newTree() *tree { return &tree{map[string]*lineage{}} }

func (t *tree) at(key string) *lineage {
	l := t.of[key]
	if l == nil {
		l = &lineage{values: map[string]*node{}, tombstones: map[uint64]*node{}}
		t.of[key] = l
	}
	return l
}

// tombstone is the node of those of a version, which nobody may have told of: then it buries ∅.
func (l *lineage) tombstone(version uint64) *node {
	n := l.tombstones[version]
	if n == nil {
		n = &node{version: version}
		l.tombstones[version] = n
	}
	return n
}

// find is the node of a state, nil for ∅, and for a value that no change function made.
func (l *lineage) find(s caspaxos.State) *node {
	switch {
	case s.Version == 0:
		return nil
	case !s.Exists:
		return l.tombstone(s.Version)
	}
	_, name, _ := strings.Cut(string(s.Value), "|")
	return l.values[name]
}

// add enters what an operation makes of a state, and gives the value as a register holds it.
func (l *lineage) add(o *operation, s caspaxos.State, value string, exists bool) []byte {
	from := l.find(s)
	if !exists {
		n := l.tombstone(s.Version + 1)
		n.made = append(n.made, made{o, from})
		return nil
	}
	name := strconv.Itoa(len(l.values))
	l.values[name] = &node{value: value, made: []made{{o, from}}}
	return fmt.Appendf(nil, "%s|%s", value, name)
}

// apply is what the operation makes of a state, if that is what it asks for.
func (o *operation) apply(s caspaxos.State) (value string, exists, fits bool) {
	if s.Exists {
		value, _, _ = strings.Cut(string(s.Value), "|")
	}
	return o.applied(value, s.Version, s.Exists)
}

func (o *operation) applied(
	to string, version uint64, there bool,
) (value string, exists, fits bool) {
	switch o.kind {
	case keys.Append:
		return to + o.name(), true, true
	case keys.Set:
		return o.name(), true, true
	case keys.Initialise:
		return o.name(), true, !there
	case keys.CompareAndSet:
		return o.name(), true, there && version == o.expect || !there && o.expect == 0
	case keys.Delete:
		return "", false, there
	case keys.Read:
	}
	return to, there, false
}

// change is an operation as a change function.
type change struct {
	*operation
	tree *tree
}

// Apply is caspaxos.Change.
func (c change) Apply(s caspaxos.State) caspaxos.Next {
	value, exists, fits := c.apply(s)
	if !fits {
		return caspaxos.Next{Result: false}
	}
	return caspaxos.Next{
		Changes: true, Exists: exists, Value: c.tree.at(c.key).add(c.operation, s, value, exists),
		Result: true,
	}
}

// answered notes what an operation was told.
func (t *tree) answered(o *operation) {
	s := o.outcome.State
	changed, _ := o.outcome.Result.(bool)
	l := t.at(o.key)
	if n := l.find(s); n != nil && (s.Exists || changed) {
		if s.Exists {
			n.version = s.Version
		}
		o.node = n
	}
}

// segment is the way from a node of some version to an earlier one: the operations that it is made by
// since then; ok is false if it was not made from it.
func (l *lineage) segment(later *node, version uint64, earlier *node) (way []*operation, ok bool) {
	if later == earlier {
		return nil, true
	}
	if version <= earlier.version {
		return nil, false
	}
	for _, m := range later.ways() {
		if m.from == nil {
			continue
		}
		if rest, ok := l.segment(m.from, version-1, earlier); ok {
			return append(rest, m.by), true
		}
	}
	if !later.root() {
		return nil, false
	}
	for _, t := range l.ascending() { // Made from ∅, once one of these was collected.
		if t.version >= version || t.version < earlier.version {
			continue
		}
		if rest, ok := l.segment(t, t.version, earlier); ok {
			for _, m := range later.made {
				rest = append(rest, m.by)
			}
			return rest, true
		}
	}
	return nil, false
}

// fromNothing is the way from a node back to ∅.
func (n *node) fromNothing() []*operation {
	var way []*operation
	for n != nil && len(n.made) > 0 {
		m := n.ways()[0]
		way = append([]*operation{m.by}, way...)
		n = m.from
	}
	return way
}

// ways are how a node may have come to be: first by those who were told so, then by those who were not
// answered.
func (n *node) ways() []made {
	var told, unanswered, others []made
	for _, m := range n.made {
		switch {
		case m.by.node == n:
			told = append(told, m)
		case m.by.answer == 0:
			unanswered = append(unanswered, m)
		default:
			others = append(others, m)
		}
	}
	return slices.Concat(told, unanswered, others)
}

// told says that the node is one that the operation which made it was told of. Otherwise a tombstone may
// be another one of its version, such as one that buries ∅.
func (n *node) told() bool { return len(n.made) == 1 && n.made[0].by.node == n }

// root says whether a node may have been made from ∅.
func (n *node) root() bool {
	return n.value == "" && !n.told() ||
		slices.ContainsFunc(n.made, func(m made) bool { return m.from == nil })
}

// unsure says that it is not known which state a tombstone was made from: then there is a way from each
// state to the one before, but it may be another one.
func (l *lineage) unsure() bool {
	for _, n := range l.tombstones {
		if len(n.made) > 0 && !n.told() {
			return true
		}
	}
	return false
}

func (l *lineage) ascending() []*node {
	var all []*node
	for _, n := range l.tombstones {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *node) int { return int(a.version) - int(b.version) })
	return all
}
