package omegatest

import (
	"time"

	"paxon/conformance"
	"paxon/process"
	"paxon/retransmit"
	"paxon/sim"
)

// script is a story: all processes start, a leader settles, something happens to it, and again
// a leader settles.
type script struct {
	name string
	// happen does something to the process that leads.
	happen func(c *cluster, leader process.ID)
}

// scripts are the stories that the assumptions allow.
func scripts(a conformance.Assumptions) []script {
	all := []script{{"nothing happens", func(*cluster, process.ID) {}}}
	if a.Processes >= 2 && a.Loss {
		all = append(all, script{"the leader is suspected wrongly", suspect})
	}
	if a.Crashes != 0 && a.Recovers {
		all = append(all, script{"the leader crashes and recovers", restart})
	}
	if a.Processes < 3 { // There is no majority without the leader.
		return all
	}
	if a.Crashes != 0 {
		all = append(all, script{"the leader crashes", func(c *cluster, leader process.ID) {
			c.world.Crash(leader)
		}})
	}
	all = append(all, script{"the leader's storage hangs", func(c *cluster, leader process.ID) {
		c.stuck[leader], c.incorrect[leader] = true, true
	}})
	if a.Loss && a.Disks == 0 { // With shared disks a process may lead all alone.
		all = append(all,
			script{"the leader is heard by nobody", func(c *cluster, leader process.ID) {
				c.incorrect[leader] = true
				c.cut(leader, true, false)
			}},
			script{"the leader hears nobody", func(c *cluster, leader process.ID) {
				c.incorrect[leader] = true
				c.cut(leader, false, true)
			}})
	}
	return all
}

func (s script) run(f Factory, a conformance.Assumptions) *conformance.Failure {
	c := watch(f, sim.NewWorld(a.Processes, prompt{}))
	for _, p := range c.world.All() {
		c.world.Start(p)
	}
	if leader := c.settle(); leader != 0 {
		s.happen(c, leader)
		c.healed()
		c.settle()
	}
	return c.failure(conformance.Script, s.name)
}

func suspect(c *cluster, leader process.ID) {
	c.cut(leader, true, true)
	c.world.Until(c.world.Now() + 200*time.Millisecond)
	for _, p := range c.world.All() {
		c.world.Cut(leader, p, false)
		c.world.Cut(p, leader, false)
	}
}

func restart(c *cluster, leader process.ID) {
	c.world.Crash(leader)
	c.world.Until(c.world.Now() + 100*time.Millisecond)
	c.world.Start(leader)
}

// cut breaks the links from a process to the others, or to it from them, or both.
func (c *cluster) cut(p process.ID, from, to bool) {
	for _, q := range c.world.All() {
		if q != p {
			c.world.Cut(p, q, from)
			c.world.Cut(q, p, to)
		}
	}
}

// prompt is the driver of scripts: every message takes a millisecond, and so does a disk.
type prompt struct{}

func (prompt) Message(process.ID, process.ID, retransmit.Packet) []time.Duration {
	return []time.Duration{time.Millisecond}
}
func (prompt) Disk(process.ID) time.Duration           { return time.Millisecond }
func (prompt) Survives(_ process.ID, underWay int) int { return underWay }
