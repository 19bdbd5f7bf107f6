package node

import (
	"paxon/omega"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/tob"
)

// broadcasts is the parts of total order broadcast on a loop, and what is told of them.
type broadcasts struct {
	*loop

	parts *seasons.Process
	feed  *feed
	room  *room
	log   func(leader process.ID, epoch process.Incarnation)

	leader    process.ID
	done      int64 // Room that broadcasts which ended in this turn give back.
	fed       bool  // Something was delivered in this turn.
	peerNext  map[process.ID]register.Instance
	retention retention
	indicate  func(d Delivery)                              // Of what is delivered; it may be nil.
	batches   func(in register.Instance, batch tob.Scanner) // Likewise, of all of an instance.
	pools     *pools
	over      []*submission // Broadcasts that ended in this turn.
}

func (l *broadcasts) receive(from process.ID, p retransmit.Packet) {
	if h, ok := p.Body.(omega.Heartbeat); ok {
		l.peerNext[from] = register.Instance(h.Progress.Next) // For Status.
	}
	l.network.heard(from, p)
	l.parts.Receive(from, p)
}

func (l *broadcasts) own(from process.ID, p retransmit.Packet) { l.parts.Receive(from, p) }

func (l *broadcasts) guards() { l.parts.Turn() }

func (l *broadcasts) ended() {
	if l.fed {
		l.fed = false
		l.feed.grown()
		if below := l.retention.due(); below > 0 {
			l.retention.dropped(l.parts.TOB().Truncate(below))
		}
	}
	if len(l.over) > 0 {
		l.room.give(l.done)
		l.pools.give(l.over)
		l.done, l.over = 0, emptied(l.over)
	}
	if now, _ := l.parts.Leader(); now != l.leader {
		l.leader = now
		l.log(now, l.epoch())
	}
}

// epoch is that of the leader, 0 if there is none.
func (l *broadcasts) epoch() process.Incarnation {
	if l.leader == 0 {
		return 0
	}
	return l.parts.Epoch(l.leader)
}

// broadcast hands a submission to the parts.
func (l *broadcasts) broadcast(s *submission) {
	if len(s.payloads) == 0 {
		if o := l.parts.TOB().BroadcastAs(s.message, s.endedOne); o.Status != tob.Pending {
			l.refused(s, 0, o)
		}
		return
	}
	tob.InOrder(l.parts.TOB().BroadcastAll, s.payloads, s.ended,
		func(i int, o tob.Outcome) { l.refused(s, i, o) })
}

// refused ends a message that was not taken.
func (l *broadcasts) refused(s *submission, i int, o tob.Outcome) {
	if o.Status == tob.Full {
		panic("node: total order broadcast is full, though there was room for all it holds")
	}
	s.end(i, 1, o)
}

// deliver notes that the history has grown by a batch, and hands its messages on.
func (l *broadcasts) deliver(in register.Instance, batch register.Value) {
	l.fed = true
	messages := tob.Scan(batch)
	if l.batches != nil {
		l.batches(in, messages)
	}
	if l.indicate == nil {
		return
	}
	for at := (tob.Position{Instance: in}); messages.Next(); at.Offset++ {
		l.indicate(Delivery{at, messages.Message()})
	}
}
