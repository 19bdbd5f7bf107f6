package node

import (
	"paxon/omega"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/tob"
)

// loop runs the parts, one turn after the other. Only who makes a turn uses its fields.
type loop struct {
	inbox   *inbox
	network *network
	store   *store // nil in crash-stop.
	parts   *seasons.Process
	feed    *feed
	room    *room
	log     func(leader process.ID, epoch process.Incarnation)

	mail      mail
	leader    process.ID
	done      int64 // Room that broadcasts which ended in this turn give back.
	fed       bool  // Something was delivered in this turn.
	busy      bool  // Something was broadcast here in this turn.
	peerNext  map[process.ID]register.Instance
	retention retention
	indicate  func(d Delivery) // Of what is delivered; it may be nil.
	pools     *pools
	ended     []*submission // Broadcasts that ended in this turn.
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
	for _, a := range l.mail.packets {
		l.receive(a.from, a.packet)
	}
	l.busy = len(l.mail.submissions) > 0
	for _, s := range l.mail.submissions {
		l.broadcast(s)
	}
	l.mail = mail{
		emptied(l.mail.calls), emptied(l.mail.packets), emptied(l.mail.submissions),
	}
}

func (l *loop) receive(from process.ID, p retransmit.Packet) {
	if h, ok := p.Body.(omega.Heartbeat); ok {
		l.peerNext[from] = register.Instance(h.Progress.Next) // For Status.
	}
	l.network.heard(from, p)
	l.parts.Receive(from, p)
}

// end ends a turn: all that it sent goes to one write for each peer, and everything that it put to
// one force.
func (l *loop) end() {
	l.launch()
	for l.store != nil && l.store.force(l.idle()) {
		l.launch()
	}
	if l.fed {
		l.fed = false
		l.feed.grown()
		if below := l.retention.due(); below > 0 {
			l.retention.dropped(l.parts.TOB().Truncate(below))
		}
	}
	if len(l.ended) > 0 {
		l.room.give(l.done)
		l.pools.give(l.ended)
		l.done, l.ended = 0, emptied(l.ended)
	}
	if now, _ := l.parts.Leader(); now != l.leader {
		l.leader = now
		l.log(now, l.epoch())
	}
}

// launch evaluates the guards, takes what the process has sent to itself, and lets go of what goes
// to others.
func (l *loop) launch() {
	for l.parts.Turn(); l.network.deliverOwn(l.parts.Receive); l.parts.Turn() {
	}
	l.network.links.Flush()
}

// idle says that nothing waits for the loop, and that it has taken no broadcasts in this turn: who
// broadcasts has others force at the same time, and hears of it soonest if the loop is free.
func (l *loop) idle() bool { return !l.busy && l.inbox.quiet() }

// epoch is that of the leader, 0 if there is none.
func (l *loop) epoch() process.Incarnation {
	if l.leader == 0 {
		return 0
	}
	return l.parts.Epoch(l.leader)
}

// broadcast hands a submission to the parts.
func (l *loop) broadcast(s *submission) {
	var o tob.Outcome
	if s.message.Client == (tob.Client{}) {
		o = l.parts.TOB().Broadcast(s.message.Payload, s.ended)
	} else {
		o = l.parts.TOB().BroadcastAs(s.message, s.ended)
	}
	switch o.Status {
	case tob.Pending:
	case tob.Full:
		panic("node: total order broadcast is full, though there was room for all it holds")
	default:
		s.end(o)
	}
}

// deliver notes that the history has grown by a batch, and hands its messages on.
func (l *loop) deliver(in register.Instance, batch register.Value) {
	l.fed = true
	if l.indicate == nil {
		return
	}
	at := tob.Position{Instance: in}
	for s := tob.Scan(batch); s.Next(); at.Offset++ {
		l.indicate(Delivery{at, s.Message})
	}
}
