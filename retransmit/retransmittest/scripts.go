package retransmittest

import (
	"time"

	"paxon/conformance"
	"paxon/process"
	"paxon/retransmit"
	"paxon/sim"
)

// script is a story of processes that have started. What is owed at its end must come.
type script struct {
	name string
	tell func(c *cluster)
}

// scripts are the stories that the assumptions allow.
func scripts(a conformance.Assumptions) []script {
	all := []script{{"all send to all", everyone}}
	if a.Processes < 2 {
		return all
	}
	all = append(all, script{"messages are pushed back", pushBack})
	if a.Loss {
		all = append(all,
			script{"a link is cut for long", func(c *cluster) { cut(c, false) }},
			script{"what waits on a link that is cut is cancelled", func(c *cluster) { cut(c, true) }})
	}
	if a.Crashes != 0 && a.Recovers {
		all = append(all, script{"a process crashes and recovers", restart})
	}
	return all
}

func (s script) run(f Factory, a conformance.Assumptions) *conformance.Failure {
	c := watch(f, sim.NewWorld(a.Processes, prompt{}))
	for _, p := range c.world.All() {
		c.world.Start(p)
	}
	s.tell(c)
	c.finish()
	return c.failure(conformance.Script, s.name)
}

// everyone has all send and s-send to all, themselves included.
func everyone(c *cluster) {
	for _, p := range c.world.All() {
		for _, q := range c.world.All() {
			c.send(p, q)
			c.ssend(p, q)
		}
	}
	c.world.Until(c.world.Now() + Bound)
	for _, m := range c.order {
		if !m.stubborn && len(m.accepted) == 0 {
			c.fail(NonTriviality, "%s does not arrive at %v on prompt links", m.name, m.to)
		}
	}
}

// pushBack has every message pushed back for a second; p1 goes on waiting for its messages.
func pushBack(c *cluster) {
	end := c.world.Now() + time.Second
	c.refuses = func() bool { return c.world.Now() < end }
	for range Window / 2 {
		c.ssend(1, 2)
	}
	c.world.Until(end)
	for _, m := range c.order {
		if !m.sender.links.Waits(m.ticket) {
			c.fail(Delivery, "%s waits no more, though %v pushed it back", m.name, m.to)
		}
	}
}

// cut has p1 s-send while its link is cut, for ten seconds. What is cancelled comes in between.
func cut(c *cluster, cancel bool) {
	c.world.Cut(1, 2, true)
	for range Window / 2 {
		c.ssend(1, 2)
	}
	c.world.Until(c.world.Now() + 10*time.Second)
	for range Window / 4 {
		if cancel {
			c.cancel(1, 1)
		}
	}
	c.world.Cut(1, 2, false)
}

// restart has p2 crash with what it has received, and again with what is on its way.
func restart(c *cluster) {
	for range 2 {
		c.ssend(1, 2)
		c.ssend(2, 1)
		c.world.Until(c.world.Now() + 100*time.Millisecond)
		c.ssend(1, 2)
		c.world.Crash(2)
		c.world.Until(c.world.Now() + 100*time.Millisecond)
		c.world.Start(2)
	}
}

// prompt is the driver of scripts: every message takes a millisecond, and so does a disk.
type prompt struct{}

func (prompt) Message(process.ID, process.ID, retransmit.Packet) []time.Duration {
	return []time.Duration{time.Millisecond}
}
func (prompt) Disk(process.ID) time.Duration           { return time.Millisecond }
func (prompt) Survives(_ process.ID, underWay int) int { return underWay }
