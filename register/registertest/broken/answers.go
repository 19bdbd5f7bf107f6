package broken

import (
	"slices"

	"paxon/process"
	"paxon/register"
	"paxon/register/registertest"
	"paxon/retransmit"
	"paxon/seasons"
)

// matching is sound registers that are told which answers are to what they asked by a flaw.
type matching struct {
	register.Array
	members []process.ID
	asked   map[register.Instance]register.Message // Under way: a Read or a Write.
	acked   map[register.Instance][]process.ID
	flaw    func(a *matching, from process.ID, m register.Message) (process.ID, register.Message)
}

func matched(
	flaw func(a *matching, from process.ID, m register.Message) (process.ID, register.Message),
) registertest.Factory {
	return func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return &matching{
			Array: sound(h, net, c), members: net.All(), flaw: flaw,
			asked: map[register.Instance]register.Message{},
			acked: map[register.Instance][]process.ID{},
		}
	}
}

func (a *matching) Receive(from process.ID, m register.Message) bool {
	return a.Array.Receive(a.flaw(a, from, m))
}

func (a *matching) At(l register.Instance) register.Register {
	return matchedRegister{a.Array.At(l), a, l}
}

type matchedRegister struct {
	register.Register
	array *matching
	l     register.Instance
}

func (r matchedRegister) Read(
	k register.Round, done func(v register.Value, ok bool, higher register.Round),
) {
	r.array.asked[r.l], r.array.acked[r.l] = register.Read{Instance: r.l, Round: k}, nil
	r.Register.Read(k, done)
}

func (r matchedRegister) Write(
	k register.Round, v register.Value, done func(ok bool, higher register.Round),
) {
	r.array.asked[r.l], r.array.acked[r.l] = register.Write{Instance: r.l, Round: k}, nil
	r.Register.Write(k, v, done)
}

// LateAnswers takes an answer to an earlier round for one to the operation under way.
func LateAnswers() registertest.Factory {
	return matched(func(
		a *matching, from process.ID, m register.Message,
	) (process.ID, register.Message) {
		switch m := m.(type) {
		case register.AckRead:
			if asked, reading := a.asked[m.Instance].(register.Read); reading {
				m.Round = asked.Round
			}
			return from, m
		case register.AckWrite:
			if asked, writing := a.asked[m.Instance].(register.Write); writing {
				m.Round = asked.Round
			}
			return from, m
		}
		return from, m
	})
}

// AnyAnswer takes the acknowledgement of a read for one of the write that follows it.
func AnyAnswer() registertest.Factory {
	return matched(func(
		a *matching, from process.ID, m register.Message,
	) (process.ID, register.Message) {
		ack, is := m.(register.AckRead)
		if _, writing := a.asked[ack.Instance].(register.Write); is && writing {
			return from, register.AckWrite{Instance: ack.Instance, Round: ack.Round}
		}
		return from, m
	})
}

// CountsTwice counts answers, not who has answered.
func CountsTwice() registertest.Factory {
	return matched(func(
		a *matching, from process.ID, m register.Message,
	) (process.ID, register.Message) {
		var l register.Instance
		switch m := m.(type) {
		case register.AckRead:
			l = m.Instance
		case register.AckWrite:
			l = m.Instance
		default:
			return from, m
		}
		if slices.Contains(a.acked[l], from) {
			from = other(a.members, a.acked[l])
		}
		a.acked[l] = append(a.acked[l], from)
		return from, m
	})
}

// other is a process that is not in a list, if there is one.
func other(all, except []process.ID) process.ID {
	for _, p := range all {
		if !slices.Contains(except, p) {
			return p
		}
	}
	return all[0]
}
