package register

import (
	"fmt"

	"paxon/process"
)

// Message is a message between an operation and a copy. Each carries the attempt of the operation
// it is of, from 0 on: an answer to an earlier attempt does not count (§6.1: Winter).
type Message interface {
	instance() Instance
	round() Round
	attempt() uint64
}

// Read is READ: read(Round) of the register of Instance.
type Read struct {
	Instance Instance
	Round    Round
	Attempt  uint64
}

// AckRead is ackREAD: the copy has promised Round and holds Value, written with Written.
type AckRead struct {
	Instance Instance
	Round    Round
	Written  Round
	Value    Value
	Attempt  uint64
}

// NackRead is nackREAD: an operation of round Higher has been at the copy before Round.
type NackRead struct {
	Instance Instance
	Round    Round
	Higher   Round
	Attempt  uint64
}

// Write is WRITE: write(Round, Value) to the register of Instance.
type Write struct {
	Instance Instance
	Round    Round
	Value    Value
	Attempt  uint64
}

// AckWrite is ackWRITE: the copy has the value of Round. Permitted is its permission (Fig. 20).
type AckWrite struct {
	Instance  Instance
	Round     Round
	Permitted bool
	Attempt   uint64
}

// NackWrite is nackWRITE: an operation of round Higher has been at the copy before Round.
type NackWrite struct {
	Instance Instance
	Round    Round
	Higher   Round
	Attempt  uint64
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

func (m Read) attempt() uint64      { return m.Attempt }
func (m AckRead) attempt() uint64   { return m.Attempt }
func (m NackRead) attempt() uint64  { return m.Attempt }
func (m Write) attempt() uint64     { return m.Attempt }
func (m AckWrite) attempt() uint64  { return m.Attempt }
func (m NackWrite) attempt() uint64 { return m.Attempt }

func (m Read) String() string {
	return fmt.Sprintf("READ(L%d,%v%s)", m.Instance, m.Round, again(m))
}

func (m AckRead) String() string {
	return fmt.Sprintf("ackREAD(L%d,%v%s,%v,%v)", m.Instance, m.Round, again(m), m.Written, m.Value)
}

func (m NackRead) String() string {
	return fmt.Sprintf("nackREAD(L%d,%v%s<%v)", m.Instance, m.Round, again(m), m.Higher)
}

func (m Write) String() string {
	return fmt.Sprintf("WRITE(L%d,%v%s,%v)", m.Instance, m.Round, again(m), m.Value)
}

func (m AckWrite) String() string {
	permission := ""
	if m.Permitted {
		permission = ",permitted"
	}
	return fmt.Sprintf("ackWRITE(L%d,%v%s%s)", m.Instance, m.Round, again(m), permission)
}

func (m NackWrite) String() string {
	return fmt.Sprintf("nackWRITE(L%d,%v%s<%v)", m.Instance, m.Round, again(m), m.Higher)
}

// again shows which attempt a message is of, unless it is of the first.
func again(m Message) string {
	if m.attempt() == 0 {
		return ""
	}
	return fmt.Sprintf("+%d", m.attempt())
}
