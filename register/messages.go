package register

import (
	"fmt"

	"paxon/process"
)

// Message is a message between an operation and a copy.
type Message interface {
	instance() Instance
	round() Round
}

// Read is READ: read(Round) of the register of Instance.
type Read struct {
	Instance Instance
	Round    Round
}

// AckRead is ackREAD: the copy has promised Round and holds Value, written with Written.
type AckRead struct {
	Instance Instance
	Round    Round
	Written  Round
	Value    Value
}

// NackRead is nackREAD: an operation of round Higher has been at the copy before Round.
type NackRead struct {
	Instance Instance
	Round    Round
	Higher   Round
}

// Write is WRITE: write(Round, Value) to the register of Instance.
type Write struct {
	Instance Instance
	Round    Round
	Value    Value
}

// AckWrite is ackWRITE: the copy has the value of Round. Permitted is its permission (Fig. 20).
type AckWrite struct {
	Instance  Instance
	Round     Round
	Permitted bool
}

// NackWrite is nackWRITE: an operation of round Higher has been at the copy before Round.
type NackWrite struct {
	Instance Instance
	Round    Round
	Higher   Round
}

// Messages lists the types of message of this part, for the codec.
func Messages() []process.Message {
	return []process.Message{Read{}, AckRead{}, NackRead{}, Write{}, AckWrite{}, NackWrite{}}
}

func (m Read) instance() Instance      { return m.Instance }
func (m AckRead) instance() Instance   { return m.Instance }
func (m NackRead) instance() Instance  { return m.Instance }
func (m Write) instance() Instance     { return m.Instance }
func (m AckWrite) instance() Instance  { return m.Instance }
func (m NackWrite) instance() Instance { return m.Instance }

func (m Read) round() Round      { return m.Round }
func (m AckRead) round() Round   { return m.Round }
func (m NackRead) round() Round  { return m.Round }
func (m Write) round() Round     { return m.Round }
func (m AckWrite) round() Round  { return m.Round }
func (m NackWrite) round() Round { return m.Round }

func (m Read) String() string { return fmt.Sprintf("READ(L%d,%v)", m.Instance, m.Round) }

func (m AckRead) String() string {
	return fmt.Sprintf("ackREAD(L%d,%v,%v,%v)", m.Instance, m.Round, m.Written, m.Value)
}

func (m NackRead) String() string {
	return fmt.Sprintf("nackREAD(L%d,%v<%v)", m.Instance, m.Round, m.Higher)
}

func (m Write) String() string {
	return fmt.Sprintf("WRITE(L%d,%v,%v)", m.Instance, m.Round, m.Value)
}

func (m AckWrite) String() string {
	permission := ""
	if m.Permitted {
		permission = ",permitted"
	}
	return fmt.Sprintf("ackWRITE(L%d,%v%s)", m.Instance, m.Round, permission)
}

func (m NackWrite) String() string {
	return fmt.Sprintf("nackWRITE(L%d,%v<%v)", m.Instance, m.Round, m.Higher)
}
