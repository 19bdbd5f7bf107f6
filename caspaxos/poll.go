package caspaxos

import (
	"slices"

	"paxon/process"
	"paxon/retransmit"
)

// poll is a message that is s-sent to some processes, each of which answers once. A nil poll is one of
// nobody.
type poll struct {
	net      retransmit.Net[Message]
	message  Message
	to       []process.ID
	tickets  []retransmit.Ticket // By position in to.
	answered []process.ID
}

func ask(net retransmit.Net[Message], to []process.ID, m Message) *poll {
	q := &poll{net: net, message: m, to: to}
	for _, p := range to {
		q.tickets = append(q.tickets, net.SSend(p, m))
	}
	return q
}

// answer takes notice of an answer, and says whether it is the first of a process that was asked.
func (q *poll) answer(from process.ID) bool {
	i := slices.Index(q.to, from)
	if i < 0 || has(q.answered, from) {
		return false
	}
	q.net.Cancel(q.tickets[i])
	q.answered = append(q.answered, from)
	return true
}

// complete says whether all have answered.
func (q *poll) complete() bool { return len(q.answered) == len(q.to) }

// restarted asks a process again that may have crashed before it answered.
func (q *poll) restarted(p process.ID) {
	if q == nil {
		return
	}
	if i := slices.Index(q.to, p); i >= 0 && !has(q.answered, p) {
		q.net.Cancel(q.tickets[i])
		q.tickets[i] = q.net.SSend(p, q.message)
	}
}

// end asks nobody any more.
func (q *poll) end() {
	if q == nil {
		return
	}
	for _, t := range q.tickets {
		q.net.Cancel(t)
	}
}
