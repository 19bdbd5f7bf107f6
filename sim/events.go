package sim

import (
	"time"

	"paxon/process"
	"paxon/retransmit"
)

type kind uint8

const (
	external kind = iota // A driver's own event.
	arrival              // A message arrives.
	local                // A timer fires or a disk operation completes at a process.
)

type event struct {
	at       time.Duration
	sequence uint64 // Orders events of one time.
	kind     kind
	from, to process.ID
	life     int // Of process to, for events that a crash takes away.
	id       uint64
	packet   retransmit.Packet
	fire     func()
	timer    *timer
}

type timer struct{ cancelled bool }

// eventHeap is a binary heap, typed because container/heap allocates for every element.
type eventHeap []event

func (e *event) before(o *event) bool {
	return e.at < o.at || e.at == o.at && e.sequence < o.sequence
}

func (h *eventHeap) push(e event) {
	*h = append(*h, e)
	s := *h
	for i := len(s) - 1; i > 0; {
		parent := (i - 1) / 2
		if !s[i].before(&s[parent]) {
			return
		}
		s[i], s[parent] = s[parent], s[i]
		i = parent
	}
}

func (h *eventHeap) pop() event {
	s := *h
	top, last := s[0], len(s)-1
	s[0], s[last] = s[last], event{}
	s = s[:last]
	*h = s
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			return top
		}
		if child+1 < last && s[child+1].before(&s[child]) {
			child++
		}
		if !s[child].before(&s[i]) {
			return top
		}
		s[i], s[child] = s[child], s[i]
		i = child
	}
}
