package stage

import (
	"slices"
	"time"

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

// net is the links of one incarnation. Real ones, which send nothing, give out the tickets.
type net struct {
	process.Net[retransmit.Packet]
	stage        *Stage
	host         *sim.Host
	incarnation  process.Incarnation
	tickets      *retransmit.Links
	sent         map[retransmit.Ticket]*message
	constructing bool
}

// mostKept is how many messages a part may keep for one other process.
const mostKept = 1 << 12

func newNet(s *Stage, h *sim.Host) *net {
	nowhere := silent{h.Net()}
	return &net{
		Net: nowhere, stage: s, host: h, incarnation: h.Incarnation(),
		tickets: retransmit.New(nowhere, never{}, h.Incarnation(), retransmit.Config{
			Interval: time.Second, MaxInterval: time.Second, AckDelay: time.Second, Burst: 1,
			Window: mostKept,
		}),
		sent: map[retransmit.Ticket]*message{},
	}
}

// silent is links that send nothing.
type silent struct{ process.Net[retransmit.Packet] }

func (silent) Send(process.ID, retransmit.Packet) {}

// never is a clock on which no time passes.
type never struct{}

func (never) After(time.Duration, func()) (cancel func()) { return func() {} }

// Send is process.Net.
func (n *net) Send(to process.ID, m register.Message) { n.send(to, m, to == n.Self()) }

// SSend is retransmit.Net.
func (n *net) SSend(to process.ID, m register.Message) retransmit.Ticket {
	sent := n.send(to, m, true)
	t := n.tickets.SSend(to, m)
	if t != (retransmit.Ticket{}) {
		n.sent[t] = sent
	}
	return t
}

// Cancel is retransmit.Net. A cancelled message may still arrive.
func (n *net) Cancel(t retransmit.Ticket) {
	if m := n.sent[t]; m != nil {
		m.owed = false
		delete(n.sent, t)
	}
	n.tickets.Cancel(t)
}

// Waits is retransmit.Net.
func (n *net) Waits(t retransmit.Ticket) bool {
	m := n.sent[t]
	return m != nil && m.owed
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
		s.logf("send %v %v %v", m.from, to, body)
		s.messages = append(s.messages, m)
	}
	return m
}

// arrivable lists the positions of the messages that can arrive now, the oldest first.
func (s *Stage) arrivable() []int {
	var found []int
	busy := map[[2]process.ID]bool{}
	for i, m := range s.messages {
		link := [2]process.ID{m.from, m.to}
		if !s.IsUp(m.to) || s.cut[link] || busy[link] {
			continue
		}
		busy[link] = !s.assumptions.Reordering
		found = append(found, i)
	}
	return found
}

// arrive has a message arrive. If it is doubled, it may arrive again.
func (s *Stage) arrive(i int, doubled bool) {
	m := s.messages[i]
	if !doubled {
		s.messages = slices.Delete(s.messages, i, i+1)
	}
	to := s.parts[m.to-1]
	if m.from != m.to {
		if m.incarnation < to.known[m.from] {
			return
		}
		if m.incarnation > to.known[m.from] {
			to.known[m.from] = m.incarnation
			if m.incarnation > 1 {
				s.logf("restarted %v at %v", m.from, m.to)
				s.World.Call(m.to, func() { to.part.Restarted(m.from) })
			}
		}
	}
	if m.body == nil {
		return
	}
	s.logf("receive %v %v %v", m.from, m.to, m.body)
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
