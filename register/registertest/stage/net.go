package stage

import (
	"fmt"
	"slices"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/sim"
)

// message is one on its way, or with a nil body the announcement of an incarnation.
type message struct {
	from, to    process.ID
	incarnation process.Incarnation // Of from.
	body        register.Message
	// owed says that it was s-sent and neither received nor cancelled, so that it must arrive.
	// What is not owed may.
	owed bool
	// late says that the search has others arrive first, doubled that it has arrived once.
	late, doubled bool
}

// net is the links of one incarnation.
type net struct {
	self         process.ID
	stage        *Stage
	host         *sim.Host
	incarnation  process.Incarnation
	sent         []*message // To others, by the number of the ticket − 1; nil once cancelled.
	kept         []int      // By ID − 1: how many of them each process has not got.
	constructing bool
}

// mostKept is how many messages a part may keep for one other process.
const mostKept = 1 << 12

func newNet(s *Stage, h *sim.Host) *net {
	return &net{
		self: h.Net().Self(), stage: s, host: h, incarnation: h.Incarnation(),
		kept: make([]int, len(s.parts)),
	}
}

// Self is process.Net.
func (n *net) Self() process.ID { return n.self }

// All is process.Net.
func (n *net) All() []process.ID { return n.stage.World.All() }

// Send is process.Net.
func (n *net) Send(to process.ID, m register.Message) { n.send(to, m, to == n.Self()) }

// SSend is retransmit.Net.
func (n *net) SSend(to process.ID, m register.Message) retransmit.Ticket {
	sent := n.send(to, m, true)
	if to == n.self {
		return retransmit.Ticket{}
	}
	if n.kept[to-1]++; n.kept[to-1] > mostKept {
		panic(fmt.Sprintf("stage: more than %d messages wait for %v", mostKept, to))
	}
	n.sent = append(n.sent, sent)
	return retransmit.NewTicket(to, uint64(len(n.sent)))
}

// Cancel is retransmit.Net. A cancelled message may still arrive.
func (n *net) Cancel(t retransmit.Ticket) {
	if m := n.message(t); m != nil {
		m.owed = false
		n.sent[t.Number()-1] = nil
		n.kept[m.to-1]--
	}
}

// Waits is retransmit.Net.
func (n *net) Waits(t retransmit.Ticket) bool {
	m := n.message(t)
	return m != nil && m.owed
}

func (n *net) message(t retransmit.Ticket) *message {
	if t.Number() == 0 {
		return nil
	}
	return n.sent[t.Number()-1]
}

func (n *net) send(to process.ID, body register.Message, owed bool) *message {
	s := n.stage
	m := &message{
		from: n.Self(), to: to, incarnation: n.incarnation, body: body, owed: owed,
	}
	if n.constructing {
		s.Fail(Constructor, "%v sent %v to %v while it was constructed", n.Self(), body, to)
		return m
	}
	if n.host.Up() && n.host.Incarnation() == n.incarnation {
		if s.logging {
			s.logf("send %v %v %v", m.from, to, body)
		}
		s.messages = append(s.messages, m)
	}
	return m
}

// arrivable lists the positions of the messages that can arrive now, the oldest first. The list is
// good until the next call.
func (s *Stage) arrivable() []int {
	found := s.found[:0]
	clear(s.busy)
	for i, m := range s.messages {
		if !s.IsUp(m.to) || s.isCut(m.from, m.to) {
			continue
		}
		if !s.assumptions.Reordering {
			link := int(m.from-1)*len(s.parts) + int(m.to-1)
			if s.busy[link] {
				continue
			}
			s.busy[link] = true
		}
		found = append(found, i)
	}
	s.found = found
	return found
}

func (s *Stage) isCut(from, to process.ID) bool {
	return len(s.cut) > 0 && s.cut[[2]process.ID{from, to}]
}

// first finds the position of the oldest message that can arrive now.
func (s *Stage) first() (i int, found bool) {
	for i, m := range s.messages {
		if s.IsUp(m.to) && !s.isCut(m.from, m.to) {
			return i, true // Of its link, too, it is the oldest.
		}
	}
	return 0, false
}

// arrive has a message arrive. If it is doubled, it may arrive again.
func (s *Stage) arrive(i int, doubled bool) {
	m := s.messages[i]
	if !doubled {
		s.messages = slices.Delete(s.messages, i, i+1)
	}
	to := s.parts[m.to-1]
	if m.from != m.to {
		if m.incarnation < to.known[m.from-1] {
			return
		}
		if m.incarnation > to.known[m.from-1] {
			to.known[m.from-1] = m.incarnation
			if m.incarnation > 1 {
				s.logf("restarted %v at %v", m.from, m.to)
				s.World.Call(m.to, func() { to.part.Restarted(m.from) })
			}
		}
	}
	if m.body == nil {
		return
	}
	s.received++
	s.World.Marks.Message(m.body)
	if s.logging {
		s.logf("receive %v %v %v", m.from, m.to, m.body)
	}
	s.World.Call(m.to, func() {
		if !to.part.Receive(m.from, m.body) && m.owed && !doubled {
			s.messages = append(s.messages, m) // It was pushed back.
		} else {
			m.owed = m.owed && doubled
		}
	})
}

// lose drops messages that nobody is owed, the oldest first, as long as there are more than most.
func (s *Stage) lose(most int) {
	for i := 0; i < len(s.messages) && len(s.messages) > most; {
		if s.messages[i].owed {
			i++
			continue
		}
		s.messages = slices.Delete(s.messages, i, i+1)
	}
}
