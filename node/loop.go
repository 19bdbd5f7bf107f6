package node

import (
	"paxon/process"
	"paxon/retransmit"
)

// loop runs the parts of a process, one turn after the other. Only who makes a turn uses its fields.
type loop struct {
	inbox   *inbox
	network *network
	store   *store // nil in crash-stop.
	hosted  hosted
	// atATime is after how many packets the guards are evaluated, 0 for not before the end of a turn. With
	// more than a leader may have open at a time, there might be no room for the last before the first is
	// delivered.
	atATime int

	mail mail
	busy bool // Something was submitted here in this turn.
}

// hosted is what a loop runs. All its methods are called on the loop.
type hosted interface {
	// receive takes a packet from another process.
	receive(from process.ID, p retransmit.Packet)
	// own takes a packet of this process to itself.
	own(from process.ID, p retransmit.Packet)
	// guards ends a turn of the parts; there may be several in one of the loop.
	guards()
	// ended hears that a turn of the loop has ended.
	ended()
}

// run makes turns until the inbox is closed.
func (l *loop) run() {
	l.inbox.rest()
	for l.inbox.take(&l.mail) {
		l.turn()
	}
}

// arrived takes packets from a peer, on the goroutine that has read them. It makes the turn itself
// if nobody else is making one, because to wake another goroutine takes longer than a turn.
func (l *loop) arrived(from process.ID, packets []retransmit.Packet) {
	if l.inbox.receive(from, packets, &l.mail) {
		l.turn()
	}
}

// turn makes one turn with the mail that was taken.
func (l *loop) turn() {
	l.handle()
	l.end()
	l.inbox.rest()
}

// handle runs the handlers of all mail.
func (l *loop) handle() {
	for _, call := range l.mail.calls {
		call()
	}
	for i, a := range l.mail.packets {
		if l.atATime > 0 && i > 0 && i%l.atATime == 0 {
			l.hosted.guards()
		}
		l.hosted.receive(a.from, a.packet)
	}
	l.busy = len(l.mail.submissions) > 0
	for _, s := range l.mail.submissions {
		s.begin()
	}
	l.mail = mail{
		emptied(l.mail.calls), emptied(l.mail.packets), emptied(l.mail.submissions),
	}
}

// end ends a turn: what it sent and is not gone yet, as what is long is, goes to one write for each peer,
// and everything that it put to one force.
func (l *loop) end() {
	l.launch()
	for l.store != nil && l.store.force(l.idle()) {
		l.launch()
	}
	l.hosted.ended()
}

// launch evaluates the guards, takes what the process has sent to itself, and lets go of what goes
// to others.
func (l *loop) launch() {
	for l.hosted.guards(); l.network.deliverOwn(l.hosted.own); l.hosted.guards() {
	}
	l.network.links.Flush()
}

// idle says that nothing waits for the loop, and that nothing was submitted in this turn: who
// submits has others force at the same time, and hears of it soonest if the loop is free.
func (l *loop) idle() bool { return !l.busy && l.inbox.quiet() }
