package omega_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
)

// cluster is three processes whose heartbeats arrive at once, but for links that are cut.
type cluster struct {
	ends []*end // nil for those that are down.
	cut  map[[2]process.ID]bool
}

func newCluster() *cluster {
	c := &cluster{ends: make([]*end, 3), cut: map[[2]process.ID]bool{}}
	for i := range c.ends {
		c.start(process.ID(i+1), 1)
	}
	return c
}

func (c *cluster) start(p process.ID, incarnation process.Incarnation) {
	c.ends[p-1] = newEnd(p, len(c.ends), incarnation)
	c.ends[p-1].Start()
}

// run lets a number of intervals pass, and carries what is sent.
func (c *cluster) run(intervals int) {
	for range intervals {
		for i, e := range c.ends {
			if e == nil {
				continue
			}
			e.clock.Advance(config().Interval)
			for _, s := range e.net.Take() {
				if to := c.ends[s.To-1]; to != nil && !c.cut[[2]process.ID{process.ID(i + 1), s.To}] {
					to.Receive(process.ID(i+1), s.Message)
				}
			}
		}
	}
}

// trusted is whom each process trusts; nobody's is 0, as is that of one that is down.
func (c *cluster) trusted() []process.ID {
	var all []process.ID
	for _, e := range c.ends {
		var p process.ID
		if e != nil {
			p = e.trusts()
		}
		all = append(all, p)
	}
	return all
}

func TestOM1EventualLeadership(t *testing.T) {
	c := newCluster()
	c.run(5)
	require.Equal(t, []process.ID{1, 1, 1}, c.trusted())
	c.ends[0] = nil
	c.run(5)
	require.Equal(t, []process.ID{0, 2, 2}, c.trusted())
	c.start(1, 2)
	c.run(5)
	require.Equal(t, []process.ID{2, 2, 2}, c.trusted(), "p1 has recovered and is behind p2")
}

// A process that crashes and recovers for ever ends up behind those that do not.
func TestOM1UnstableProcessesEndUpBehind(t *testing.T) {
	c := newCluster()
	for incarnation := process.Incarnation(2); incarnation < 6; incarnation++ {
		c.ends[0] = nil
		c.run(1)
		c.start(1, incarnation)
		c.run(2)
	}
	require.Equal(t, []process.ID{2, 2, 2}, c.trusted())
	leader := c.ends[2].changes
	c.ends[0] = nil
	c.run(8)
	require.Equal(t, leader, c.ends[2].changes, "the leader changed with a process behind it")
}

func TestOM1NoMajorityNoLeader(t *testing.T) {
	c := newCluster()
	c.run(5)
	c.ends[1], c.ends[2] = nil, nil
	c.run(8)
	require.Equal(t, []process.ID{0, 0, 0}, c.trusted())
}

// p1 is heard by nobody: it must not wait for itself, nor anybody for it.
func TestOM1OneWayLinks(t *testing.T) {
	c := newCluster()
	c.cut[[2]process.ID{1, 2}], c.cut[[2]process.ID{1, 3}] = true, true
	c.run(8)
	require.Equal(t, []process.ID{2, 2, 2}, c.trusted())
}

// p1 hears p2 and is heard by p3: a majority suffices.
func TestOM1CrookedLinks(t *testing.T) {
	c := newCluster()
	c.cut[[2]process.ID{1, 2}], c.cut[[2]process.ID{2, 1}] = true, true
	c.run(8)
	require.Equal(t, process.ID(1), c.trusted()[0])
	require.Equal(t, process.ID(1), c.trusted()[2])
}

func TestOM1AfterWrongSuspicions(t *testing.T) {
	c := newCluster()
	for range 4 {
		c.run(3)
		c.cut[[2]process.ID{1, 2}], c.cut[[2]process.ID{1, 3}] = true, true
		c.run(7)
		clear(c.cut)
	}
	c.run(4)
	require.Equal(t, []process.ID{1, 1, 1}, c.trusted())
	require.LessOrEqual(t, c.ends[1].clock.Timers(), 3, "a beat and a time-out for each other")
}
