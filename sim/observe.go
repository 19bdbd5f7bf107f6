package sim

import (
	"fmt"

	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

// Observation is something that a process did which a property speaks of. Which fields it has
// depends on Kind.
type Observation struct {
	Kind        Kind
	Process     process.ID
	Incarnation process.Incarnation
	Instance    register.Instance // Of Recovered, the one that the process delivers next.
	Round       register.Round
	Value       register.Value // Written, proposed, read or decided, or the batch delivered.
	OK          bool           // It committed.
	Higher      register.Round // That an abort names.

	Payload string // Of a broadcast.
	Named   bool   // The broadcast has a client that its caller named.
	Outcome tob.Outcome

	// Of is what was seen of a part that has properties of its own.
	Of Seen
}

// Seen is what is observed of a part that has properties of its own. It must be comparable. Event is as
// that of an Observation.
type Seen interface {
	fmt.Stringer
	Event() (e TraceEvent, ok bool)
}

// Kind is the kind of an observation.
type Kind uint8

// The kinds of observation.
const (
	InvokeRead Kind = iota
	ReturnRead
	InvokeWrite
	ReturnWrite
	InvokePropose
	ReturnPropose
	Broadcast     // A message was broadcast.
	BroadcastEnds // Its outcome is known.
	Deliver       // A batch was delivered.
	Recovered     // Delivery goes on from an instance.
	Other         // What was seen is in Of.
)

// Observer hears of observations as they happen.
type Observer func(o Observation)

// Event is the observation as an event of a trace, and whether it is one.
func (o Observation) Event() (e TraceEvent, ok bool) {
	e.Process, e.Instance = o.Process, o.Instance
	switch o.Kind {
	case InvokeRead, InvokeWrite, InvokePropose:
		e.Event = "invoke"
	case ReturnRead, ReturnWrite, ReturnPropose:
		e.Event = "return"
	case Broadcast:
		e.Event = "broadcast"
	case BroadcastEnds:
		e.Event = "outcome"
	case Deliver:
		e.Event = "deliver"
	case Recovered:
		return e, false
	case Other:
		e, ok = o.Of.Event()
		e.Process = o.Process
		return e, ok
	}
	e.Text = o.String()
	return e, true
}

// String shows the observation in traces.
func (o Observation) String() string {
	switch o.Kind {
	case InvokeRead:
		return fmt.Sprintf("read(%v)", o.Round)
	case ReturnRead:
		return fmt.Sprintf("read(%v) %s", o.Round, o.ending(true))
	case InvokeWrite:
		return fmt.Sprintf("write(%v, %s)", o.Round, tob.Describe(o.Value))
	case ReturnWrite:
		return fmt.Sprintf("write(%v) %s", o.Round, o.ending(false))
	case InvokePropose:
		return fmt.Sprintf("propose(%v, %s)", o.Round, tob.Describe(o.Value))
	case ReturnPropose:
		return fmt.Sprintf("propose(%v) %s", o.Round, o.ending(true))
	case Broadcast:
		return fmt.Sprintf("%q", o.Payload)
	case BroadcastEnds:
		return fmt.Sprintf("%q %v at %v", o.Payload, o.Outcome.Status, o.Outcome.Position)
	case Deliver:
		return tob.Describe(o.Value)
	case Recovered:
		return fmt.Sprintf("delivers from L%d on", o.Instance)
	case Other:
		return o.Of.String()
	}
	return fmt.Sprintf("Kind(%d)", o.Kind)
}

// ending shows how an operation returned.
func (o Observation) ending(valued bool) string {
	switch {
	case !o.OK:
		return "abort by " + o.Higher.String()
	case !valued:
		return "commit"
	case len(o.Value) == 0:
		return "commit ⊥"
	}
	return "commit " + tob.Describe(o.Value)
}
