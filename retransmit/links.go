package retransmit

import (
	"fmt"
	"slices"
	"time"

	"paxon/process"
)

// Net is the links of one part: the plain send of process.Net, and s-send.
type Net[M any] interface {
	process.Net[M]
	// SSend sends m to a process again and again until it is received there or cancelled.
	SSend(to process.ID, m M) Ticket
	// Cancel ends what SSend began. The zero Ticket, or one that is done with, is ignored.
	Cancel(t Ticket)
	// Waits says whether what SSend began goes on: neither acknowledged nor cancelled.
	Waits(t Ticket) bool
}

// Ticket names an s-sent message to whoever may cancel it.
type Ticket struct {
	to  process.ID
	seq uint64
}

// NewTicket names a message by a number above 0, for a Net that is not of Links.
func NewTicket(to process.ID, number uint64) Ticket { return Ticket{to, number} }

// Number tells the ticket from those of other messages to the same process; that of the zero
// Ticket is 0.
func (t Ticket) Number() uint64 { return t.seq }

// Config holds the knobs of retransmission.
type Config struct {
	// Interval paces a timer for each peer that messages wait for. When it fires and nothing
	// has been acknowledged since it fired last, messages are sent again: the first time one to
	// two Intervals after they were. It should be above a round trip plus a force. The pace
	// doubles at every attempt, up to MaxInterval.
	Interval, MaxInterval time.Duration
	// AckDelay is how long an acknowledgement waits for a message to ride on; well below
	// Interval.
	AckDelay time.Duration
	// Burst is how many messages are sent again at a time to a peer that stays silent.
	Burst int
	// Window is how many messages may be kept for one peer. The owners of messages keep
	// within it by cancelling; SSend beyond it is a broken promise of theirs, and panics.
	Window int
}

// Links are the links of one process to all, with retransmission.
type Links struct {
	net         process.Net[Packet]
	clock       process.Clock
	incarnation process.Incarnation
	config      Config
	peers       []*peer // by process.ID − 1, nil for this process

	receive   func(from process.ID, m process.Message) (accepted bool)
	restarted func(p process.ID)
}

// New makes the links of the given incarnation of a process. Nothing is received before
// Deliver has said to whom.
func New(
	net process.Net[Packet], clock process.Clock, incarnation process.Incarnation, config Config,
) *Links {
	r := &Links{net: net, clock: clock, incarnation: incarnation, config: config}
	for _, p := range net.All() {
		if p != net.Self() {
			r.peer(p)
		}
	}
	return r
}

// Deliver names the handlers: receive takes a message, or returns false to have it come again
// later if it was s-sent; restarted hears that a peer runs as a new incarnation, not its first,
// which has forgotten what the earlier ones received.
func (r *Links) Deliver(
	receive func(from process.ID, m process.Message) (accepted bool), restarted func(p process.ID),
) {
	r.receive, r.restarted = receive, restarted
}

// Self is the process whose links these are.
func (r *Links) Self() process.ID { return r.net.Self() }

// All is every process, in ascending order.
func (r *Links) All() []process.ID { return r.net.All() }

// Send sends m once; it may be lost. To this process itself it is handed over.
func (r *Links) Send(to process.ID, m process.Message) {
	if to == r.net.Self() {
		r.net.Send(to, Packet{From: r.incarnation, To: r.incarnation, Body: m})
		return
	}
	r.peer(to).send(0, m)
}

// SSend is s-send (Fig. 11, line 4).
func (r *Links) SSend(to process.ID, m process.Message) Ticket {
	if to == r.net.Self() {
		r.Send(to, m) // Lines 10–11: to myself, hand over at once.
		return Ticket{}
	}
	p := r.peer(to)
	if p.live == r.config.Window {
		panic(fmt.Sprintf("retransmit: %d messages wait for %v, as many as Config.Window allows; "+
			"their owners must cancel what they no longer need", p.live, to))
	}
	return p.keep(m)
}

// Cancel drops a message that is no longer needed.
func (r *Links) Cancel(t Ticket) {
	if t.seq != 0 {
		r.peer(t.to).drop(t.seq)
	}
}

// Receive takes a packet from the links (Fig. 11, line 12).
func (r *Links) Receive(from process.ID, packet Packet) {
	if from == r.net.Self() {
		r.receive(from, packet.Body)
		return
	}
	r.peer(from).receive(packet)
}

// Reconnected hears from a host with connections that the one to p is there again: what p has
// not acknowledged goes out without waiting for the timer.
func (r *Links) Reconnected(p process.ID) {
	r.peer(p).resend(r.config.Window)
}

// Waits says whether a message is still kept.
func (r *Links) Waits(t Ticket) bool {
	if t.seq == 0 {
		return false
	}
	p := r.peer(t.to)
	i, found := p.find(t.seq)
	return found && p.queue[i].body != nil
}

// Kept is the number of messages kept for p.
func (r *Links) Kept(p process.ID) int {
	if p == r.net.Self() {
		return 0
	}
	return r.peer(p).live
}

func (r *Links) peer(p process.ID) *peer {
	if p == 0 || int(p) > len(r.peers) || r.peers[p-1] == nil {
		r.add(p)
	}
	return r.peers[p-1]
}

// add makes the peer of a process when that is first heard of: there may be more than at first.
func (r *Links) add(p process.ID) {
	if p == r.net.Self() || !slices.Contains(r.net.All(), p) {
		panic(fmt.Sprintf("retransmit: %v has no link to %v, only to the others of %v",
			r.net.Self(), p, r.net.All()))
	}
	for len(r.peers) < int(p) {
		r.peers = append(r.peers, nil)
	}
	r.peers[p-1] = newPeer(r, p)
}

// For gives one part its links.
func For[M any](r *Links) Net[M] { return partNet[M]{r} }

type partNet[M any] struct{ *Links }

func (n partNet[M]) Send(to process.ID, m M)         { n.Links.Send(to, m) }
func (n partNet[M]) SSend(to process.ID, m M) Ticket { return n.Links.SSend(to, m) }
