package broken

import (
	"time"

	"paxon/process"
	"paxon/retransmit"
	"paxon/retransmit/retransmittest"
)

// Sound are the links of package retransmit, which the others break.
func Sound(
	net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
) retransmittest.Links {
	return retransmit.New(net, clock, incarnation, retransmit.Config{
		Interval: 10 * time.Millisecond, MaxInterval: 80 * time.Millisecond,
		AckDelay: 3 * time.Millisecond, Burst: 4, Window: retransmittest.Window,
	})
}

// below changes what sound links send to the links below them; without a packet, nothing is sent.
type below struct {
	process.Net[retransmit.Packet]
	change func(to process.ID, packet retransmit.Packet) (changed retransmit.Packet, sent bool)
}

func (b below) Send(to process.ID, packet retransmit.Packet) {
	if changed, sent := b.change(to, packet); sent {
		b.Net.Send(to, changed)
	}
}

// handler is what links hand messages to.
type handler = func(from process.ID, m process.Message) (accepted bool)

// above changes what sound links receive.
type above struct {
	retransmittest.Links
	change func(receive handler) handler
}

func (a above) Deliver(receive handler, restarted func(p process.ID)) {
	a.Links.Deliver(a.change(receive), restarted)
}

// GivesUp sends each message so many times, at most.
func GivesUp(times int) retransmittest.Factory {
	return func(
		net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
	) retransmittest.Links {
		sent := map[process.ID]map[uint64]int{}
		return Sound(below{net, func(to process.ID, p retransmit.Packet) (retransmit.Packet, bool) {
			if sent[to] == nil {
				sent[to] = map[uint64]int{}
			}
			sent[to][p.Seq]++
			return p, p.Seq == 0 || sent[to][p.Seq] <= times
		}}, clock, incarnation)
	}
}

// NeverAcknowledges has everything it receives sent again for ever.
func NeverAcknowledges(
	net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
) retransmittest.Links {
	return Sound(below{net, func(_ process.ID, p retransmit.Packet) (retransmit.Packet, bool) {
		p.Ack = 0
		return p, true
	}}, clock, incarnation)
}

// AcknowledgesAnything takes what it is told not to, so that it never comes again.
func AcknowledgesAnything(
	net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
) retransmittest.Links {
	return above{Sound(net, clock, incarnation), func(receive handler) handler {
		return func(from process.ID, m process.Message) bool {
			receive(from, m)
			return true
		}
	}}
}

// Invents receives a message that nobody sent after every tenth.
func Invents(
	net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
) retransmittest.Links {
	return above{Sound(net, clock, incarnation), func(receive handler) handler {
		received := 0
		return func(from process.ID, m process.Message) bool {
			if received++; received%10 == 0 {
				receive(from, "invented")
			}
			return receive(from, m)
		}
	}}
}

// Misattributes takes all messages for ones of the process itself.
func Misattributes(
	net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
) retransmittest.Links {
	return above{Sound(net, clock, incarnation), func(receive handler) handler {
		return func(_ process.ID, m process.Message) bool { return receive(net.Self(), m) }
	}}
}

// IgnoresCancel goes on with what was cancelled.
func IgnoresCancel(
	net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
) retransmittest.Links {
	return uncancelled{Sound(net, clock, incarnation)}
}

type uncancelled struct{ retransmittest.Links }

func (uncancelled) Cancel(retransmit.Ticket) {}

// Repeats receives whatever comes, however often.
func Repeats(
	net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
) retransmittest.Links {
	return &repeating{Links: Sound(net, clock, incarnation)}
}

type repeating struct {
	retransmittest.Links
	receive  handler
	received bool // By the sound links, from the packet that is being received.
}

func (r *repeating) Deliver(receive handler, restarted func(p process.ID)) {
	r.receive = receive
	r.Links.Deliver(func(from process.ID, m process.Message) bool {
		r.received = true
		return receive(from, m)
	}, restarted)
}

func (r *repeating) Receive(from process.ID, packet retransmit.Packet) {
	r.received = false
	r.Links.Receive(from, packet)
	if !r.received && packet.Body != nil {
		r.receive(from, packet.Body)
	}
}

// SameIncarnation runs every incarnation as the first, so that a process which crashed takes up
// numbers that the others know.
func SameIncarnation(
	net process.Net[retransmit.Packet], clock process.Clock, _ process.Incarnation,
) retransmittest.Links {
	return Sound(net, clock, 1)
}

// HidesRestarts does not tell that another process has crashed.
func HidesRestarts(
	net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
) retransmittest.Links {
	return discreet{Sound(net, clock, incarnation)}
}

type discreet struct{ retransmittest.Links }

func (d discreet) Deliver(receive handler, _ func(p process.ID)) {
	d.Links.Deliver(receive, func(process.ID) {})
}

// Hasty hands what a process sends to itself over within the call.
func Hasty(
	net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
) retransmittest.Links {
	h := &hasty{Links: Sound(net, clock, incarnation), self: net.Self()}
	return h
}

type hasty struct {
	retransmittest.Links
	self    process.ID
	receive handler
}

func (h *hasty) Deliver(receive handler, restarted func(p process.ID)) {
	h.receive = receive
	h.Links.Deliver(receive, restarted)
}

func (h *hasty) Send(to process.ID, m process.Message) {
	if to == h.self {
		h.receive(to, m)
		return
	}
	h.Links.Send(to, m)
}

// Greets sends to all from the constructor.
func Greets(
	net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
) retransmittest.Links {
	for _, p := range net.All() {
		if p != net.Self() {
			net.Send(p, retransmit.Packet{From: incarnation})
		}
	}
	return Sound(net, clock, incarnation)
}

// OnlyStubborn sends nothing that is not s-sent.
func OnlyStubborn(
	net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
) retransmittest.Links {
	return onlyStubborn{Sound(net, clock, incarnation)}
}

type onlyStubborn struct{ retransmittest.Links }

func (onlyStubborn) Send(process.ID, process.Message) {}
