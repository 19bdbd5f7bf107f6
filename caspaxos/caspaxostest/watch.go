package caspaxostest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"paxon/caspaxos"
	"paxon/history/keys"
	"paxon/process"
	"paxon/register"
	"paxon/sim"
)

// Call is an operation that a search asks of a process. Its change function notes nothing outside of
// the states: behind the bar of a value are the calls that it was made by since the last tombstone, and
// before them the version of that.
type Call struct {
	Number int // From 1; no two calls share it.
	Key    string
	Kind   keys.Kind
	Look   bool // A read by Read, not by Change.
	Expect uint64
}

func (c Call) String() string {
	what := c.Kind.String()
	switch {
	case c.Look:
		what = "look"
	case c.Kind == keys.CompareAndSet:
		what += fmt.Sprintf("=%d", c.Expect)
	}
	return fmt.Sprintf("%s(%q) %d;", what, c.Key, c.Number)
}

// Change is the change function of the call. Deletes hears of each state that a deletion is applied to,
// because a tombstone cannot tell.
func (c Call) Change(deletes func(s Sight)) caspaxos.Change { return calling{c, deletes} }

type calling struct {
	Call
	deletes func(s Sight)
}

// Apply is caspaxos.Change.
func (c calling) Apply(s caspaxos.State) caspaxos.Next {
	o := c.operation()
	value, exists, fits := o.apply(s)
	switch {
	case !fits:
		return caspaxos.Next{Result: false}
	case !exists:
		c.deletes(Sight{Kind: Deletes, Call: c.Call, Version: s.Version, Value: string(s.Value)})
		return caspaxos.Next{Changes: true, Result: true}
	}
	way := ""
	switch {
	case s.Exists:
		_, way, _ = strings.Cut(string(s.Value), "|")
	case s.Version > 0:
		way = strconv.FormatUint(s.Version, 10)
	}
	return caspaxos.Next{
		Changes: true, Exists: true, Value: fmt.Appendf(nil, "%s|%s/%d", value, way, c.Number),
		Result: true,
	}
}

func (c Call) operation() *operation {
	return &operation{number: c.Number, key: c.Key, kind: c.Kind, look: c.Look, expect: c.Expect}
}

// Sight is something that was seen of a call, or of a copy.
type Sight struct {
	Kind SightKind
	Call Call
	// Key and Round are of what a copy has taken on, and Value is as the register has it.
	Key   string
	Round register.Round
	// Status, Exists, Version, Value and Result are of the answer; Deletes has those of the state that
	// the deletion was applied to.
	Status  caspaxos.Status
	Exists  bool
	Version uint64
	Value   string
	Result  bool
}

// Way is the numbers of the calls that the value was made by since the last tombstone.
func (s Sight) Way() []string { return strings.Split(way(s.Value), "/")[1:] }

// SightKind is the kind of a sight.
type SightKind uint8

// The kinds.
const (
	Called SightKind = iota
	Deletes
	Answered
	TookOn
)

// TakenOn is the sight of a copy that a record holds; ok is false if it holds none that was written.
func TakenOn(r process.Record) (s Sight, ok bool) {
	c, ok := r.(caspaxos.Cell)
	return Sight{Kind: TookOn, Key: c.Key, Round: c.Copy.Written, Value: string(c.Copy.Value)},
		ok && !c.Copy.Written.IsZero()
}

// AnsweredBy is the sight of an answer.
func AnsweredBy(c Call, o caspaxos.Outcome) Sight {
	changed, _ := o.Result.(bool)
	return Sight{
		Kind: Answered, Call: c, Status: o.Status, Exists: o.State.Exists, Version: o.State.Version,
		Value: string(o.State.Value), Result: changed,
	}
}

// String shows the sight in traces.
func (s Sight) String() string {
	switch s.Kind {
	case Called:
		return s.Call.String()
	case Deletes:
		return fmt.Sprintf("%v of %s@%d", s.Call, s.Value, s.Version)
	case TookOn:
		return fmt.Sprintf("%q: %s in %v", s.Key, text(s.Value), s.Round)
	case Answered:
	}
	state := caspaxos.State{Version: s.Version, Exists: s.Exists, Value: []byte(s.Value)}
	return fmt.Sprintf("%v: %v %v %v", s.Call, s.Status, state, s.Result)
}

// Event is sim.Seen.
func (s Sight) Event() (e sim.TraceEvent, ok bool) {
	names := [...]string{Called: "invoke", Deletes: "", Answered: "return", TookOn: ""}
	return sim.TraceEvent{Event: names[s.Kind], Text: s.String()}, names[s.Kind] != ""
}

// Watch judges calls as they are seen, by Theorem 1, Exactly once, Linearizability, Removal and
// Hygiene: done at most once, and copies by Ballots. What it keeps is a function of what may matter: in
// which order calls were made that were under way together is forgotten, and likewise answers with no
// call between them.
type Watch struct {
	calls     []watched // In the order of their numbers.
	ballots   ballots
	moment    int
	answering bool // The last sight of a moment was an answer.
	violation *sim.Violation

	// Only, if not empty, is the one property that is checked.
	Only string
}

// watched is what was seen of a call. Calls of a moment come before its answers.
type watched struct {
	call             Call
	called, answered int     // The moments; 0 for no answer.
	deletes          []Sight // Of different states, in ascending order of versions and values.
	answer           Sight
}

// See takes the next observation.
func (w *Watch) See(o sim.Observation) {
	s, ok := o.Of.(Sight)
	switch {
	case !ok:
		return
	case s.Kind == TookOn:
		if w.ballots == nil {
			w.ballots = ballots{}
		}
		c := register.Copy{Written: s.Round, Value: register.Value(s.Value)}
		if difference := w.ballots.took(s.Key, c); difference != "" {
			w.fail(Ballots, difference)
		}
		return
	}
	i, found := slices.BinarySearchFunc(w.calls, s.Call.Number, func(o watched, number int) int {
		return o.call.Number - number
	})
	if s.Kind == Called {
		if w.answering || w.moment == 0 {
			w.moment++
			w.answering = false
		}
		w.calls = slices.Insert(w.calls, i, watched{call: s.Call, called: w.moment})
		return
	}
	if !found {
		panic(fmt.Sprintf("caspaxostest: %v, which was not called", s))
	}
	of := &w.calls[i]
	switch {
	case s.Kind == Deletes:
		of.deleting(s)
	case of.answered > 0:
		w.fail(DoneOnce, fmt.Sprintf("%v is answered twice", s.Call))
	default:
		w.answering = true
		of.answered, of.answer = w.moment, s
		w.judge()
	}
}

func (o *watched) deleting(s Sight) {
	i, found := slices.BinarySearchFunc(o.deletes, s, func(a, b Sight) int {
		if a.Version != b.Version {
			return int(a.Version) - int(b.Version)
		}
		return strings.Compare(a.Value, b.Value)
	})
	if !found {
		o.deletes = slices.Insert(o.deletes, i, s)
	}
}

// Violation is the first violation seen, nil if none was.
func (w *Watch) Violation() *sim.Violation { return w.violation }

func (w *Watch) fail(property, detail string) {
	if w.violation == nil && (w.Only == "" || w.Only == property) {
		w.violation = &sim.Violation{Property: property, Detail: detail}
	}
}

// judge checks the calls so far as the suite does those of a run.
func (w *Watch) judge() {
	const room = 1000 // For the calls, and for the answers, of a moment.
	t := newTree()
	all := make([]*operation, len(w.calls))
	for i, c := range w.calls {
		all[i] = c.call.operation()
		all[i].call = int64(2*c.called*room + i)
	}
	for i, c := range w.calls {
		l := t.at(c.call.Key)
		for _, s := range c.deletes {
			n := l.tombstone(s.Version + 1)
			n.made = append(n.made, made{all[i], l.enter(way(s.Value), all)})
		}
	}
	for i, c := range w.calls {
		if c.answered == 0 {
			continue
		}
		s := c.answer
		if s.Exists {
			t.at(c.call.Key).enter(way(s.Value), all)
		}
		all[i].answer = int64((2*c.answered+1)*room + i)
		all[i].outcome = caspaxos.Outcome{
			Status: s.Status, Result: s.Result,
			State: caspaxos.State{Version: s.Version, Exists: s.Exists, Value: []byte(s.Value)},
		}
		if s.Status == caspaxos.Done {
			t.answered(all[i])
		}
	}
	for _, f := range check(t, all) {
		w.fail(f.Property, f.Detail)
	}
}

func way(value string) string {
	_, way, _ := strings.Cut(value, "|")
	return way
}

// enter gives the node that the change function of a Call made, as behind the bar of its value, with all
// those before it.
func (l *lineage) enter(way string, all []*operation) *node {
	if n := l.values[way]; n != nil {
		return n
	}
	at := strings.LastIndexByte(way, '/')
	if at < 0 {
		version, err := strconv.ParseUint(way, 10, 64)
		if err != nil {
			return nil // ∅.
		}
		return l.tombstone(version)
	}
	from := l.enter(way[:at], all)
	i := slices.IndexFunc(all, func(o *operation) bool { return strconv.Itoa(o.number) == way[at+1:] })
	before := ""
	if from != nil {
		before = from.value
	}
	n := &node{made: []made{{all[i], from}}}
	n.value, _, _ = all[i].applied(before, 0, false)
	l.values[way] = n
	return n
}

// By is the observation of a sight at a process.
func (s Sight) By(p process.ID) sim.Observation {
	return sim.Observation{Kind: sim.Other, Process: p, Of: s}
}
