package retransmittest

import (
	"fmt"
	"strings"
	"time"

	"paxon/conformance"
	"paxon/process"
	"paxon/retransmit"
	"paxon/sim"
)

// cluster is a world whose processes have links and nothing else, and what they have sent.
type cluster struct {
	world    *sim.World
	messages map[string]*message // By name.
	order    []*message
	refuses  func() bool // Decides whether a message of another process is pushed back.

	property, detail string // Of the first failure.
}

// message is one that was sent or s-sent.
type message struct {
	name      string
	from, to  process.ID
	sender    *actor
	stubborn  bool
	ticket    retransmit.Ticket
	cancelled bool
	accepted  map[*actor]int // How often, by each incarnation.
	resent    bool           // Sent again after it should have been done with.
}

// watch has the processes of a world run the links of a factory.
func watch(f Factory, w *sim.World) *cluster {
	c := &cluster{
		world: w, messages: map[string]*message{}, refuses: func() bool { return false },
	}
	w.Build = func(h *sim.Host) sim.Actor {
		a := &actor{
			cluster: c, host: h, net: h.Net(), since: w.Now(),
			restarts: map[process.ID]time.Duration{},
		}
		a.links = f(a, h.Clock(), h.Incarnation())
		a.links.Deliver(a.receive, func(p process.ID) { a.restarts[p] = w.Now() })
		return a
	}
	return c
}

func (c *cluster) fail(property, format string, args ...any) {
	if c.property == "" {
		c.property, c.detail = property, fmt.Sprintf(format, args...)
	}
}

// failure is the first property that did not hold, nil if there is none.
func (c *cluster) failure(layer, replay string) *conformance.Failure {
	if c.property == "" {
		return nil
	}
	if strings.HasPrefix(c.property, "Hygiene") {
		layer = conformance.Hygiene
	}
	return &conformance.Failure{
		Property: c.property, Layer: layer, Replay: replay, Detail: c.detail,
	}
}

// at is the present incarnation of a process, nil while it is down.
func (c *cluster) at(p process.ID) *actor {
	a, _ := c.world.Host(p).Actor().(*actor) // The actor of a process that is down is nil.
	return a
}

// compose makes the next message of a process, and hands it to do in a turn of that.
func (c *cluster) compose(from, to process.ID, stubborn bool, do func(a *actor, m *message)) {
	a := c.at(from)
	if a == nil || stubborn && a.waiting(to) >= Window {
		return
	}
	m := &message{
		name: fmt.Sprintf("m%d of %v.%d", len(c.order)+1, from, a.host.Incarnation()),
		from: from, to: to, sender: a, stubborn: stubborn, accepted: map[*actor]int{},
	}
	c.messages[m.name] = m
	c.order = append(c.order, m)
	c.world.Call(from, func() {
		a.calling = true
		do(a, m)
		a.calling = false
	})
}

// send sends a message once.
func (c *cluster) send(from, to process.ID) {
	c.compose(from, to, false, func(a *actor, m *message) { a.links.Send(to, m.name) })
}

// ssend s-sends a message, unless Window wait already.
func (c *cluster) ssend(from, to process.ID) {
	c.compose(from, to, true, func(a *actor, m *message) { m.ticket = a.links.SSend(to, m.name) })
}

// cancel cancels a message of a process: of those that wait, the one of a number from 0.
func (c *cluster) cancel(p process.ID, number int) {
	a := c.at(p)
	for _, m := range c.order {
		if a == nil || m.sender != a || !a.links.Waits(m.ticket) {
			continue
		}
		if number--; number < 0 {
			m.cancelled = true
			c.world.Call(p, func() { a.links.Cancel(m.ticket) })
			if a.links.Waits(m.ticket) {
				c.fail(Cancel, "%s to %v waits after it was cancelled", m.name, m.to)
			}
			return
		}
	}
}

// finish lets time pass until nothing is owed, and some more, and checks what holds in the end.
func (c *cluster) finish() {
	for _, p := range c.world.All() {
		for _, q := range c.world.All() {
			if p != q {
				c.ssend(p, q) // So that all hear of each other.
			}
		}
	}
	end := c.world.Now() + Bound
	for c.property == "" && c.world.Now() < end && c.owed() && c.world.Step() {
	}
	for _, m := range c.order {
		c.demand(m)
	}
	c.demandRestarts()
	for _, m := range c.order {
		m.resent = false
	}
	c.world.Until(c.world.Now() + Stretch)
	for _, m := range c.order {
		if m.resent && c.at(m.to) != nil {
			c.fail(Bounded, "%s is still sent after %v has received it", m.name, m.to)
		}
	}
}

// binds says whether a message must be received in the end.
func (c *cluster) binds(m *message) bool {
	return m.stubborn && !m.cancelled && c.at(m.from) == m.sender && c.at(m.to) != nil
}

// owed says whether a message is not received that must be, or waits though it is.
func (c *cluster) owed() bool {
	for _, m := range c.order {
		if c.binds(m) && (len(m.accepted) == 0 || m.sender.links.Waits(m.ticket)) {
			return true
		}
	}
	return false
}

func (c *cluster) demand(m *message) {
	switch {
	case !c.binds(m):
	case len(m.accepted) == 0:
		c.fail(Delivery, "%v has not received %s %v after the last fault", m.to, m.name, Bound)
	case m.sender.links.Waits(m.ticket):
		c.fail(Bounded, "%s waits %v after the last fault, though %v has received it",
			m.name, Bound, m.to)
	}
}

// demandRestarts demands that everyone who is up has heard of the last crash of everyone else.
func (c *cluster) demandRestarts() {
	for _, p := range c.world.All() {
		for _, q := range c.world.All() {
			a, b := c.at(p), c.at(q)
			if p == q || a == nil || b == nil {
				continue
			}
			at, told := a.restarts[q]
			switch crashed := b.host.Incarnation() > 1; {
			case crashed && (!told || at < b.since):
				c.fail(Restarted, "%v has not heard that %v restarted after %v", p, q, b.since)
			case !crashed && told:
				c.fail(Restarted, "%v heard that %v restarted, which never crashed", p, q)
			}
		}
	}
}

// actor is one incarnation of a process.
type actor struct {
	cluster  *cluster
	host     *sim.Host
	net      process.Net[retransmit.Packet]
	links    Links
	since    time.Duration // When it started.
	calling  bool          // A call of Send or SSend has not returned.
	restarts map[process.ID]time.Duration
}

func (*actor) Start() {}
func (*actor) Turn()  {}

func (a *actor) Receive(from process.ID, packet retransmit.Packet) { a.links.Receive(from, packet) }

func (a *actor) Self() process.ID  { return a.net.Self() }
func (a *actor) All() []process.ID { return a.net.All() }

// Send is that of the links below, which see every packet.
func (a *actor) Send(to process.ID, packet retransmit.Packet) {
	if a.links == nil {
		a.cluster.fail(Silent, "%v sends a packet to %v from its constructor", a.Self(), to)
	}
	if name, ok := packet.Body.(string); ok {
		if m := a.cluster.messages[name]; m != nil {
			m.resent = true
			if m.cancelled {
				a.cluster.fail(Cancel, "%s is sent after it was cancelled", name)
			}
		}
	}
	a.net.Send(to, packet)
}

// waiting is how many messages wait for a process.
func (a *actor) waiting(to process.ID) int {
	n := 0
	for _, m := range a.cluster.order {
		if m.sender == a && m.to == to && m.stubborn && a.links.Waits(m.ticket) {
			n++
		}
	}
	return n
}

func (a *actor) receive(from process.ID, body process.Message) (accepted bool) {
	c := a.cluster
	if a.calling {
		c.fail(Asynchronous, "%v receives %v before Send or SSend has returned", a.Self(), body)
	}
	name, _ := body.(string)
	m := c.messages[name]
	switch {
	case m == nil:
		c.fail(NoCreation, "%v receives %v from %v, which nobody sent", a.Self(), body, from)
		return true
	case m.from != from || m.to != a.Self():
		c.fail(NoCreation, "%v receives %s from %v, which %v sent to %v",
			a.Self(), name, from, m.from, m.to)
	case m.stubborn && m.accepted[a] > 0:
		c.fail(Duplication, "%v receives %s again", a.Self(), name)
	case from != a.Self() && c.refuses():
		return false
	}
	m.accepted[a]++
	return true
}
