package flawed

import (
	"maps"
	"slices"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
)

// recounting makes registers that count answers to an earlier attempt: after each new attempt they
// are handed the answers to those before once more, as if they were to it.
type recounting struct {
	register.Array
	operations map[register.Instance]*recounted
}

// recounted is the operation under way in an instance, and who has answered it.
type recounted struct {
	request  register.Message // Of the last attempt.
	attempt  uint64
	answered []answered
}

type answered struct {
	from process.ID
	m    register.Message
}

// recountingNet sees the requests of recounting.
type recountingNet struct {
	retransmit.Net[register.Message]
	registers *recounting
}

func (n recountingNet) SSend(to process.ID, m register.Message) retransmit.Ticket {
	switch m := m.(type) {
	case register.Read:
		n.registers.asked(m.Instance, m.Attempt, register.Read{Instance: m.Instance, Round: m.Round})
	case register.Write:
		n.registers.asked(m.Instance, m.Attempt, register.Write{Instance: m.Instance, Round: m.Round})
	}
	return n.Net.SSend(to, m)
}

func (r *recounting) asked(l register.Instance, attempt uint64, request register.Message) {
	o := r.operations[l]
	if o == nil || !sameRequest(o.request, request) {
		o = &recounted{request: request}
		r.operations[l] = o
	}
	o.attempt = attempt
}

// sameRequest compares requests of which the attempt and the value are left out.
func sameRequest(a, b register.Message) bool {
	switch a := a.(type) {
	case register.Read:
		b, ok := b.(register.Read)
		return ok && a.Round == b.Round
	case register.Write:
		b, ok := b.(register.Write)
		return ok && a.Round == b.Round
	}
	return false
}

// Receive notes acknowledgements.
func (r *recounting) Receive(from process.ID, m register.Message) bool {
	switch m := m.(type) {
	case register.AckRead:
		r.note(m.Instance, register.Read{Round: m.Round}, answered{from, m})
	case register.AckWrite:
		r.note(m.Instance, register.Write{Round: m.Round}, answered{from, m})
	}
	return r.Array.Receive(from, m)
}

func (r *recounting) note(l register.Instance, to register.Message, a answered) {
	if o := r.operations[l]; o != nil && sameRequest(o.request, to) {
		o.answered = append(o.answered, a)
	}
}

// Restarted counts all answers again.
func (r *recounting) Restarted(p process.ID) {
	r.Array.Restarted(p)
	for _, l := range slices.Sorted(maps.Keys(r.operations)) {
		o := r.operations[l]
		for _, a := range o.answered {
			switch m := a.m.(type) {
			case register.AckRead:
				m.Attempt = o.attempt
				r.Array.Receive(a.from, m)
			case register.AckWrite:
				m.Attempt = o.attempt
				r.Array.Receive(a.from, m)
			}
		}
	}
}
