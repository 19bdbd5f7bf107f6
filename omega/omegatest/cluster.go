package omegatest

import (
	"fmt"
	"time"

	"paxon/conformance"
	"paxon/omega"
	"paxon/process"
	"paxon/retransmit"
	"paxon/sim"
)

// cluster is a world whose processes have a failure detector and nothing else.
type cluster struct {
	world     *sim.World
	incorrect map[process.ID]bool // Up, perhaps, but not correct.
	stuck     map[process.ID]bool // Whose storage makes no progress.

	said   []uint64   // The progress that each process last told of, by ID − 1.
	heard  [][]uint64 // The progress that each process last heard of others, by ID − 1 of both.
	before []uint64   // said when the faults had healed.

	property, detail string // Of the first failure.
}

// watch has the processes of a world run the detectors of a factory.
func watch(f Factory, w *sim.World) *cluster {
	n := len(w.All())
	c := &cluster{
		world: w, incorrect: map[process.ID]bool{}, stuck: map[process.ID]bool{},
		said: make([]uint64, n), before: make([]uint64, n),
	}
	for range n {
		c.heard = append(c.heard, make([]uint64, n))
	}
	w.Build = func(h *sim.Host) sim.Actor {
		a := &actor{cluster: c, net: h.Net()}
		a.part = f(h.Offer(), a, omega.Hooks{
			Healthy: func() bool { return !c.stuck[a.Self()] },
			Progress: func() omega.Progress {
				c.said[a.Self()-1]++
				said := c.said[a.Self()-1]
				return omega.Progress{Next: said, Highest: said, Stable: said}
			},
			Heard: a.heard,
		})
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
	if c.property == Silent {
		layer = conformance.Hygiene
	}
	return &conformance.Failure{
		Property: c.property, Layer: layer, Replay: replay, Detail: c.detail,
	}
}

// up is the number of processes that are up.
func (c *cluster) up() int {
	n := 0
	for _, p := range c.world.All() {
		if c.world.Host(p).Up() {
			n++
		}
	}
	return n
}

// healed notes what was said up to the end of the faults.
func (c *cluster) healed() { copy(c.before, c.said) }

// settle lets time pass until the correct processes have trusted the same correct one for Stretch,
// and gives that. If that takes more than Bound, OM1 does not hold.
func (c *cluster) settle() process.ID {
	end := c.world.Now() + Bound
	var leader process.ID
	var since time.Duration
	for c.world.Now() < end && c.world.Step() {
		if now := c.leader(); now != leader {
			leader, since = now, c.world.Now()
		}
		if leader != 0 && c.world.Now()-since >= Stretch {
			c.demandProgress()
			return leader
		}
	}
	c.fail(Leadership, "%v after the last fault, the processes trust %v: expected one correct "+
		"process, for %v at least; those that are down or not correct are %v",
		Bound, c.outputs(), Stretch, c.others())
	return 0
}

// leader is whom all correct processes trust, if that is one and correct; otherwise 0.
func (c *cluster) leader() process.ID {
	var leader process.ID
	for _, p := range c.world.All() {
		if !c.correct(p) {
			continue
		}
		now, ok := c.part(p).Trusted()
		if !ok || !c.correct(now) || leader != 0 && now != leader {
			return 0
		}
		leader = now
	}
	return leader
}

func (c *cluster) correct(p process.ID) bool {
	return p > 0 && int(p) <= len(c.said) && c.world.Host(p).Up() && !c.incorrect[p]
}

func (c *cluster) part(p process.ID) omega.Part {
	a, ok := c.world.Host(p).Actor().(*actor)
	if !ok {
		panic(fmt.Sprintf("omegatest: %v is down or another actor", p))
	}
	return a.part
}

// outputs are whom the correct processes trust, 0 for nobody.
func (c *cluster) outputs() []process.ID {
	var all []process.ID
	for _, p := range c.world.All() {
		if c.correct(p) {
			now, _ := c.part(p).Trusted()
			all = append(all, now)
		}
	}
	return all
}

func (c *cluster) others() []process.ID {
	var all []process.ID
	for _, p := range c.world.All() {
		if !c.correct(p) {
			all = append(all, p)
		}
	}
	return all
}

// demandProgress demands that correct processes have heard of each other since the last fault.
func (c *cluster) demandProgress() {
	for _, p := range c.world.All() {
		for _, q := range c.world.All() {
			if p != q && c.correct(p) && c.correct(q) && c.heard[p-1][q-1] <= c.before[q-1] {
				c.fail(Progress, "%v has heard no progress of %v since the last fault", p, q)
			}
		}
	}
}

// actor is one process: the host of a detector, and its links.
type actor struct {
	cluster *cluster
	part    omega.Part
	net     process.Net[retransmit.Packet]
	started bool
}

func (a *actor) Start() {
	a.started = true
	a.part.Start()
}

func (a *actor) Receive(from process.ID, packet retransmit.Packet) {
	if h, ok := packet.Body.(omega.Heartbeat); ok {
		a.part.Receive(from, h)
	}
}

func (*actor) Turn() {}

func (a *actor) Self() process.ID  { return a.net.Self() }
func (a *actor) All() []process.ID { return a.net.All() }

func (a *actor) Send(to process.ID, h omega.Heartbeat) {
	if !a.started {
		a.cluster.fail(Silent, "%v sends %v before Start", a.Self(), h)
	}
	a.net.Send(to, retransmit.Packet{Body: h})
}

func (a *actor) heard(from process.ID, p omega.Progress) {
	c := a.cluster
	if p.Next == 0 || p.Next > c.said[from-1] || p.Highest != p.Next {
		c.fail(Progress, "%v hears %+v of %v, which never said that", a.Self(), p, from)
	}
	c.heard[a.Self()-1][from-1] = max(c.heard[a.Self()-1][from-1], p.Next)
}
