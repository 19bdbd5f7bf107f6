package tob

import (
	"fmt"

	"paxon/process"
	"paxon/register"
)

// Message is a message between the broadcasts of two processes.
type Message interface{ isTOB() }

// Forward is FORWARD: frames of messages for the leader to propose.
type Forward struct{ Frames []byte }

// Decision is DECISION: Instance is decided, with Value, or if that is empty by reference, with
// what was accepted in exactly Round.
type Decision struct {
	Instance register.Instance
	Round    register.Round
	Value    register.Value
}

// Pull is PULL: the sender has delivered all instances below Next, and asks for more.
type Pull struct{ Next register.Instance }

// Update is UPDATE: the batches that the sender delivered in instances First and following.
// Next is the sender's nextBatch.
type Update struct {
	First   register.Instance
	Batches []register.Value
	Next    register.Instance
}

func (Forward) isTOB()  {}
func (Decision) isTOB() {}
func (Pull) isTOB()     {}
func (Update) isTOB()   {}

// Messages lists the types of message of this part, for the codec.
func Messages() []process.Message {
	return []process.Message{Forward{}, Decision{}, Pull{}, Update{}}
}

func (m Forward) String() string { return fmt.Sprintf("FORWARD(%d bytes)", len(m.Frames)) }
func (m Pull) String() string    { return fmt.Sprintf("PULL(L%d)", m.Next) }

func (m Decision) String() string {
	if len(m.Value) == 0 {
		return fmt.Sprintf("DECISION(L%d,%v)", m.Instance, m.Round)
	}
	return fmt.Sprintf("DECISION(L%d,%v,%d bytes)", m.Instance, m.Round, len(m.Value))
}

func (m Update) String() string {
	return fmt.Sprintf("UPDATE(L%d+%d,next=L%d)", m.First, len(m.Batches), m.Next)
}
