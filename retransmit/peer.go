package retransmit

import (
	"cmp"
	"slices"
	"time"

	"paxon/process"
)

// peer is what is kept about one other process: what it must still get (xmitmsg in Fig. 11),
// and which of its numbers have come.
type peer struct {
	id    process.ID
	links *Links

	// What goes out. The entries of queue ascend by seq; those cancelled stay until they are
	// the majority. live counts the others.
	queue  []entry
	memory process.Derived[[]entry] // What queue is the end of.
	live   int
	next   uint64 // The number of the next message, 1 at first.

	pace     time.Duration // The interval now, zero while no timer runs.
	lastBase uint64        // Where base stood when the timer last fired.

	// What comes in. All numbers up to cumulative have come, or are not coming any more, and
	// beyond are the others that have come, in ascending order.
	incarnation process.Incarnation
	cumulative  uint64
	beyond      []uint64
	ackDue      bool // Something came that no packet has acknowledged yet.
	ackTimer    bool

	onPace, onAck func() // For the timers.
}

func newPeer(links *Links, id process.ID) *peer {
	p := &peer{id: id, links: links, next: 1}
	p.onPace, p.onAck = p.tick, p.acknowledge
	return p
}

type entry struct {
	seq  uint64
	body process.Message // nil once cancelled
}

// send makes the packet around a message, which acknowledges as it goes.
func (p *peer) send(seq uint64, m process.Message) {
	p.ackDue = false
	p.links.net.Send(p.id, Packet{
		From: p.links.incarnation, To: p.incarnation,
		Seq: seq, Base: p.base(), Ack: p.cumulative, Body: m,
	})
}

// base is the lowest number that may be sent again; trim keeps cancelled ones off the front.
func (p *peer) base() uint64 {
	if len(p.queue) > 0 {
		return p.queue[0].seq
	}
	return p.next
}

// keep numbers a message, keeps it (Fig. 11, lines 5–6) and sends it (line 9).
func (p *peer) keep(m process.Message) Ticket {
	seq := p.next
	p.next++
	p.queue = process.Push(p.queue, &p.memory, entry{seq, m})
	p.live++
	p.send(seq, m)
	if p.pace == 0 {
		p.startTimer()
	}
	return Ticket{p.id, seq}
}

func (p *peer) find(seq uint64) (i int, found bool) {
	return slices.BinarySearchFunc(p.queue, seq, func(e entry, seq uint64) int {
		return cmp.Compare(e.seq, seq)
	})
}

// drop forgets a message, if it is still there.
func (p *peer) drop(seq uint64) {
	i, found := p.find(seq)
	if !found || p.queue[i].body == nil {
		return
	}
	p.queue[i].body = nil
	p.live--
	p.trim()
}

// acknowledged forgets all messages up to a number (Fig. 11, lines 13–15).
func (p *peer) acknowledged(upTo uint64) {
	n := 0
	for n < len(p.queue) && p.queue[n].seq <= upTo {
		if p.queue[n].body != nil {
			p.live--
		}
		n++
	}
	clear(p.queue[:n])
	p.trim()
}

// trim removes cancelled entries from the front, and everywhere once they are the majority, so
// that the queue stays within twice what lives in it.
func (p *peer) trim() {
	for len(p.queue) > 0 && p.queue[0].body == nil {
		p.queue = p.queue[1:]
	}
	if len(p.queue) > 2*p.live {
		p.queue = slices.DeleteFunc(p.queue, func(e entry) bool { return e.body == nil })
	}
}

// startTimer begins the task retransmit (Fig. 11, line 18) for this peer; it ends when
// nothing waits.
func (p *peer) startTimer() {
	p.pace, p.lastBase = p.links.config.Interval, 0
	p.links.clock.After(p.pace, p.onPace)
}

func (p *peer) tick() {
	if p.live == 0 {
		p.pace = 0
		return
	}
	if base := p.base(); base == p.lastBase {
		p.resend(p.links.config.Burst)
		p.pace = min(2*p.pace, p.links.config.MaxInterval)
	} else {
		p.lastBase, p.pace = base, p.links.config.Interval
	}
	p.links.clock.After(p.pace, p.onPace)
}

// resend sends the oldest messages again, at most so many.
func (p *peer) resend(most int) {
	for _, e := range p.queue {
		if most == 0 {
			return
		}
		if e.body != nil {
			p.send(e.seq, e.body)
			most--
		}
	}
}

// receive takes a packet (Fig. 11, lines 12–17).
func (p *peer) receive(packet Packet) {
	if packet.From < p.incarnation {
		return // From before the peer's last crash.
	}
	if packet.From > p.incarnation {
		p.restart(packet.From)
	}
	if packet.To == p.links.incarnation {
		p.acknowledged(packet.Ack)
	}
	if packet.Base > 0 && packet.Base-1 > p.cumulative {
		p.advance(packet.Base - 1)
	}
	switch {
	case packet.Body == nil:
	case packet.Seq == 0:
		p.links.receive(p.id, packet.Body)
	case p.has(packet.Seq):
		p.owe() // The acknowledgement was lost: give it again.
	case packet.Seq-p.cumulative > uint64(p.links.config.Window):
		// More than the peer may have waiting: it comes again when the gap before it is filled.
	case p.links.receive(p.id, packet.Body):
		p.mark(packet.Seq)
		p.owe()
	}
}

// restart notes that the peer runs as a new incarnation, which numbers from 1 and knows
// nothing of what the earlier one received. It tells of every crash of the peer, also of one
// before the peer was first heard of here.
func (p *peer) restart(incarnation process.Incarnation) {
	known := p.incarnation != 0
	p.incarnation = incarnation
	p.cumulative, p.beyond = 0, nil
	if known {
		p.resend(p.links.config.Window)
	}
	if incarnation > 1 {
		p.links.restarted(p.id)
	}
}

func (p *peer) has(seq uint64) bool {
	if seq <= p.cumulative {
		return true
	}
	_, found := slices.BinarySearch(p.beyond, seq)
	return found
}

func (p *peer) mark(seq uint64) {
	if seq == p.cumulative+1 {
		p.advance(seq)
		return
	}
	i, _ := slices.BinarySearch(p.beyond, seq)
	p.beyond = slices.Insert(p.beyond, i, seq)
}

// advance moves cumulative up to a number and over those that follow it without a gap.
func (p *peer) advance(to uint64) {
	p.cumulative = to
	n := 0
	for n < len(p.beyond) && p.beyond[n] <= p.cumulative+1 {
		p.cumulative = max(p.cumulative, p.beyond[n])
		n++
	}
	p.beyond = p.beyond[n:]
}

// owe sees to it that the peer is told what came, on the next packet to it or after AckDelay.
func (p *peer) owe() {
	p.ackDue = true
	if p.ackTimer {
		return
	}
	p.ackTimer = true
	p.links.clock.After(p.links.config.AckDelay, p.onAck)
}

// acknowledge tells the peer what came, if nothing that flowed back has.
func (p *peer) acknowledge() {
	p.ackTimer = false
	if p.ackDue {
		p.send(0, nil)
	}
}
