package history

import (
	"cmp"
	"maps"
	"slices"

	"github.com/anishathalye/porcupine"

	"paxon/process"
	"paxon/tob"
)

// plan is what Porcupine gets to see of a history.
type plan struct {
	steps    []porcupine.Operation
	sessions int
	counts   Counts
}

// session is one start of a process.
type session struct {
	process process.ID
	start   int
}

// message is all broadcasts of one value.
type message struct {
	first    *Operation // Called first.
	answered *Operation // Answered first, nil if none was.
	read     tob.Position
}

// place is where the message is: where its answer or else a read has it.
func (m *message) place() tob.Position {
	if m.answered != nil && m.answered.At.Instance != 0 {
		return m.answered.At
	}
	return m.read
}

// planner makes a plan.
type planner struct {
	history  []Operation
	messages map[string]*message
	values   []string // The keys of messages, in the order of the history.
	sessions map[session]int
	places   []tob.Position // All that the history speaks of, in order, each once.
	end      int64          // After everything.
	plan     plan
}

// newPlan prepares a history. The error is an *OperationError.
func newPlan(history []Operation) (plan, error) {
	p := &planner{
		history: history, messages: map[string]*message{}, sessions: map[session]int{},
	}
	for i := range history {
		o := &history[i]
		if err := o.check(); err != nil {
			return plan{}, err
		}
		p.note(o)
	}
	p.noteReads()
	slices.SortFunc(p.places, compare)
	p.places = slices.Compact(p.places)
	p.end++
	for _, value := range p.values {
		p.addMessage(value)
	}
	for i := range history {
		p.addAnswer(&history[i])
	}
	p.plan.sessions = len(p.sessions)
	p.plan.lanes()
	return p.plan, nil
}

// lanes gives each client a line of the picture, and its acknowledgements, which take place at the
// same time as its broadcasts, the next one.
func (p *plan) lanes() {
	type lane struct {
		client int
		ack    bool
	}
	of := func(o porcupine.Operation) lane {
		st := o.Input.(*step)
		return lane{st.op.Client, st.kind == ackStep}
	}
	lines := map[lane]int{}
	for _, o := range p.steps {
		lines[of(o)] = 0
	}
	inOrder := slices.SortedFunc(maps.Keys(lines), func(a, b lane) int {
		if a.client != b.client || a.ack == b.ack {
			return cmp.Compare(a.client, b.client)
		}
		if a.ack {
			return 1
		}
		return -1
	})
	for i, l := range inOrder {
		lines[l] = i
	}
	for i := range p.steps {
		p.steps[i].ClientId = lines[of(p.steps[i])]
	}
}

// note learns of sessions, messages and places.
func (p *planner) note(o *Operation) {
	p.end = max(p.end, o.Call)
	if !o.Unknown {
		p.end = max(p.end, o.Return)
	}
	if s := (session{o.Process, o.Start}); !o.Unknown {
		if _, known := p.sessions[s]; !known {
			p.sessions[s] = len(p.sessions)
		}
	}
	if o.Kind == Read {
		return
	}
	m := p.messages[o.Value]
	if m == nil {
		m = &message{first: o}
		p.messages[o.Value] = m
		p.values = append(p.values, o.Value)
	}
	if o.Call < m.first.Call {
		m.first = o
	}
	if !o.Unknown && (m.answered == nil || o.Return < m.answered.Return) {
		m.answered = o
	}
	if o.At.Instance != 0 {
		p.places = append(p.places, o.At)
	}
}

// noteReads learns where messages are that were not answered.
func (p *planner) noteReads() {
	for i := range p.history {
		for _, e := range p.history[i].Entries {
			p.places = append(p.places, e.At)
			if m := p.messages[e.Value]; m != nil && m.read.Instance == 0 {
				m.read = e.At
			}
		}
	}
}

func compare(a, b tob.Position) int {
	return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Offset, b.Offset))
}

// rank is how many places are before one, −1 for none.
func (p *planner) rank(at tob.Position) int {
	if at.Instance == 0 {
		return -1
	}
	i, _ := slices.BinarySearchFunc(p.places, at, compare)
	return i
}

// addMessage adds the append of a message.
func (p *planner) addMessage(value string) {
	m := p.messages[value]
	p.plan.counts.Messages++
	end := p.end
	switch {
	case m.answered != nil:
		end = m.answered.Return
	case m.read.Instance != 0:
		p.plan.counts.Unknown++
		p.plan.counts.UnknownSeen++
	default:
		p.plan.counts.Unknown++
		return
	}
	shown := m.first
	if m.answered != nil {
		shown = m.answered
	}
	p.plan.steps = append(p.plan.steps, porcupine.Operation{
		Call: m.first.Call, Return: end,
		Input: &step{kind: appendStep, op: shown, value: value, rank: p.rank(m.place())},
	})
}

// addAnswer adds the ack or the read.
func (p *planner) addAnswer(o *Operation) {
	if o.Kind == Broadcast {
		p.plan.counts.Calls++
	} else {
		p.plan.counts.Reads++
	}
	if o.Unknown {
		return
	}
	st := &step{op: o, session: p.sessions[session{o.Process, o.Start}]}
	begin := o.Call
	if o.Kind == Broadcast {
		st.kind, st.value, st.rank = ackStep, o.Value, p.rank(o.At)
		begin = o.Return // See step.
	} else {
		st.kind, st.rank = readStep, p.rank(o.From)
		for _, e := range o.Entries {
			st.ranks = append(st.ranks, p.rank(e.At))
		}
		st.end = st.rank + len(st.ranks)
		st.bounded = o.To.Instance != 0
		if st.bounded {
			st.end = p.rank(o.To)
		}
	}
	p.plan.steps = append(p.plan.steps, porcupine.Operation{
		Call: begin, Return: o.Return, Input: st,
	})
}
