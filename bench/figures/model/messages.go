package model

import (
	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

// carried is the bytes of values that a message has.
func carried(m process.Message) int {
	switch m := m.(type) {
	case register.AckRead:
		return len(m.Value)
	case register.Write:
		return len(m.Value)
	case tob.Forward:
		return len(m.Frames)
	case tob.Decision:
		return len(m.Value)
	case tob.Update:
		all := 0
		for _, b := range m.Batches {
			all += len(b)
		}
		return all
	}
	return 0
}

// instanceOf is the instance that a message of the one who proposes is for, 0 for other messages.
func instanceOf(m process.Message) uint64 {
	switch m := m.(type) {
	case register.Read:
		return uint64(m.Instance)
	case register.Write:
		return uint64(m.Instance)
	}
	return 0
}
