package broken

import (
	"paxon/process"
	"paxon/register"
	"paxon/register/registertest"
	"paxon/retransmit"
	"paxon/seasons"
)

// received makes sound registers to which messages come changed, or not at all if change is false.
func received(
	change func(h seasons.Host) func(from process.ID, m register.Message) (register.Message, bool),
) registertest.Factory {
	return func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return changed{sound(h, net, c), change(h)}
	}
}

type changed struct {
	register.Array
	change func(from process.ID, m register.Message) (register.Message, bool)
}

func (a changed) Receive(from process.ID, m register.Message) bool {
	m, ok := a.change(from, m)
	return !ok || a.Array.Receive(from, m)
}

// onAckRead makes sound registers that see other answers to reads.
func onAckRead(change func(m register.AckRead) register.AckRead) registertest.Factory {
	return received(func(seasons.Host) func(process.ID, register.Message) (register.Message, bool) {
		return func(_ process.ID, m register.Message) (register.Message, bool) {
			if ack, is := m.(register.AckRead); is {
				return change(ack), true
			}
			return m, true
		}
	})
}

// ReadIgnored reads nothing, whatever the answers hold.
func ReadIgnored() registertest.Factory {
	return onAckRead(func(m register.AckRead) register.AckRead {
		m.Written, m.Value = register.Round{}, nil
		return m
	})
}

// LowestWins takes the value with the lowest write round of the answers.
func LowestWins() registertest.Factory {
	return onAckRead(func(m register.AckRead) register.AckRead {
		if len(m.Value) > 0 {
			m.Written.Number = 1<<20 - m.Written.Number
		}
		return m
	})
}

// LastWins drops the write rounds: of the values in the answers it takes that which came last.
func LastWins() registertest.Factory {
	return received(func(seasons.Host) func(process.ID, register.Message) (register.Message, bool) {
		order := uint64(0)
		return func(_ process.ID, m register.Message) (register.Message, bool) {
			if ack, is := m.(register.AckRead); is && len(ack.Value) > 0 {
				order++
				ack.Written = register.Round{Number: order}
				return ack, true
			}
			return m, true
		}
	})
}

// InventsValue returns a value of its own where nothing was written.
func InventsValue() registertest.Factory {
	return onAckRead(func(m register.AckRead) register.AckRead {
		if len(m.Value) == 0 {
			m.Value, m.Written = register.Value("invented"), register.Round{Number: 1}
		}
		return m
	})
}

// NamelessAbort does not say which round won.
func NamelessAbort() registertest.Factory {
	return received(func(seasons.Host) func(process.ID, register.Message) (register.Message, bool) {
		return func(_ process.ID, m register.Message) (register.Message, bool) {
			switch m := m.(type) {
			case register.NackRead:
				m.Higher = register.Round{}
				return m, true
			case register.NackWrite:
				m.Higher = register.Round{}
				return m, true
			}
			return m, true
		}
	})
}

// Panics has no mercy with a process that is outrun.
func Panics() registertest.Factory {
	return received(func(seasons.Host) func(process.ID, register.Message) (register.Message, bool) {
		return func(_ process.ID, m register.Message) (register.Message, bool) {
			if nack, is := m.(register.NackRead); is {
				panic("outrun by " + nack.Higher.String())
			}
			return m, true
		}
	})
}
