package seasons_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/omega"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim"
	"paxon/tob"
)

func TestCheck(t *testing.T) {
	require.NoError(t, seasons.DefaultOptions().Check())
	type options = seasons.Options
	for want, changes := range map[string][]func(o *options){
		"expected a window of at least 1, and ahead at least twice as large": {
			func(o *options) { o.Limits.Window = 0 },
			func(o *options) { o.Limits.Ahead = 31 },
		},
		"keeps 95 messages per peer: a window of 16 and ahead of 64 need 96": {
			func(o *options) { o.Retransmit.Window = 95 },
		},
		"expected all above 0": {
			func(o *options) { o.Limits.Payload = 0 },
			func(o *options) { o.Limits.Pending = 0 },
			func(o *options) { o.Limits.PendingBytes = 0 },
			func(o *options) { o.Limits.Batch = 0 },
			func(o *options) { o.Limits.Update = 0 },
			func(o *options) { o.Limits.CheckpointBytes = 0 },
			func(o *options) { o.Limits.CheckpointBatches = 0 },
			func(o *options) { o.Limits.ClientIdle = 0 },
			func(o *options) { o.Limits.Clients = 0 },
		},
		"a time-out of": {
			func(o *options) { o.Omega.Interval = 0 },
			func(o *options) { o.Omega.Increase = 0 },
			func(o *options) { o.Omega.Timeout = o.Omega.Interval },
			func(o *options) { o.Omega.MaxTimeout = o.Omega.Timeout - 1 },
		},
		"retransmission after": {
			func(o *options) { o.Retransmit.Interval = 0 },
			func(o *options) { o.Retransmit.MaxInterval = o.Retransmit.Interval - 1 },
		},
		"clients are forgotten after 128 instances: expected more than 128, twice ahead": {
			func(o *options) { o.Limits.ClientIdle = 128 },
		},
		"acknowledgements wait for": {
			func(o *options) { o.Retransmit.AckDelay = 0 },
			func(o *options) { o.Retransmit.AckDelay = o.Retransmit.Interval },
		},
		"0 messages at a time: expected at least 1": {
			func(o *options) { o.Retransmit.Burst = 0 },
		},
	} {
		for i, change := range changes {
			o := seasons.DefaultOptions()
			change(&o)
			require.ErrorContains(t, o.Check(), want, "change %d", i)
		}
	}
}

// What just passes passes.
func TestCheckAtItsBounds(t *testing.T) {
	o := seasons.DefaultOptions()
	o.Limits = tob.Limits{
		Payload: 1, Pending: 1, PendingBytes: 1, Batch: 1, Window: 1, Ahead: 2, Update: 1,
		CheckpointBytes: 1, CheckpointBatches: 1, ClientIdle: 5, Clients: 1,
	}
	o.Retransmit = retransmit.Config{
		Interval: 2, MaxInterval: 2, AckDelay: 1, Burst: 1, Window: 4,
	}
	o.Omega = omega.Config{Interval: 1, Timeout: 2, Increase: 1, MaxTimeout: 2}
	require.NoError(t, o.Check())
}

// prompt is a driver without faults.
type prompt struct{}

func (prompt) Message(process.ID, process.ID, retransmit.Packet) []time.Duration {
	return []time.Duration{time.Millisecond}
}
func (prompt) Disk(process.ID) time.Duration { return time.Millisecond }
func (prompt) Survives(process.ID, int) int  { return 0 }

// cluster is a world of processes of one variant, and what each has delivered.
type cluster struct {
	*sim.World
	delivered map[process.ID][]string
	leaders   int // How often a leader changed.
}

func newCluster(v seasons.Variant, n int) *cluster {
	c := &cluster{delivered: map[process.ID][]string{}}
	c.World = sim.NewWorld(n, prompt{})
	c.Disks = sim.NewDisks(c.World, 3, func(int) time.Duration { return time.Millisecond })
	c.Build = func(h *sim.Host) sim.Actor {
		p := h.Net().Self()
		host := seasons.Host{
			Net: h.Net(), Incarnation: h.Incarnation(), Clock: h.Clock(), History: h.History,
			Healthy: func() bool { return h.Store.Healthy(time.Second) },
			Deliver: func(l register.Instance, batch register.Value) {
				for m := range tob.Unpack(batch) {
					c.delivered[p] = append(c.delivered[p], fmt.Sprintf("%d %s", l, m.Payload))
				}
			},
			LeaderChanged: func() { c.leaders++ }, Disks: c.Disks.Of(h),
		}
		if v.Recovers {
			host.Store = h.Store
		}
		return v.Build(host, seasons.DefaultOptions())
	}
	for _, p := range c.All() {
		c.Start(p)
	}
	return c
}

func (c *cluster) process(t *testing.T, p process.ID) *seasons.Process {
	t.Helper()
	running, ok := c.Host(p).Actor().(*seasons.Process)
	require.True(t, ok, "%v is down", p)
	return running
}

// run lets virtual time pass.
func (c *cluster) run(d time.Duration) {
	for until := c.Now() + d; c.Now() < until && c.Step(); {
	}
}

func (c *cluster) broadcast(t *testing.T, p process.ID, payload string) *tob.Outcome {
	t.Helper()
	var o tob.Outcome
	c.Call(p, func() {
		given := c.process(t, p).TOB().Broadcast([]byte(payload), func(given tob.Outcome) { o = given })
		require.Equal(t, tob.Pending, given.Status)
	})
	return &o
}

func TestBuildOfOneProcess(t *testing.T) {
	for _, v := range catalog.Variants() {
		t.Run(v.Name, func(t *testing.T) {
			c := newCluster(v.Variant, 1)
			o := c.broadcast(t, 1, "a")
			c.run(time.Second)
			require.Equal(t, tob.Outcome{
				Status: tob.Delivered, Position: tob.Position{Instance: 1},
			}, *o)
			require.Equal(t, []string{"1 a"}, c.delivered[1])
			require.Equal(t, 1, c.leaders)
		})
	}
}

func TestBuildOfThreeProcesses(t *testing.T) {
	for _, v := range catalog.Variants() {
		t.Run(v.Name, func(t *testing.T) {
			c := newCluster(v.Variant, 3)
			c.run(time.Second)
			o := c.broadcast(t, 3, "a")
			c.run(time.Second)
			require.Equal(t, tob.Delivered, o.Status)
			want := []string{fmt.Sprintf("%d a", o.Position.Instance)}
			for _, p := range c.All() {
				require.Equal(t, want, c.delivered[p])
				now, ok := c.process(t, p).Leader()
				require.True(t, ok)
				require.Equal(t, process.ID(1), now)
				require.Equal(t, process.Incarnation(1), c.process(t, p).Epoch(3))
				require.Zero(t, c.process(t, 3).Kept(p), "nothing is left to send")
			}
		})
	}
}

// A minority may crash, and with Paxos all at once, and come back.
func TestBuildAfterCrashes(t *testing.T) {
	c := newCluster(seasons.Paxos(), 3)
	c.broadcast(t, 2, "a")
	c.run(time.Second)
	for _, p := range c.All() {
		c.Crash(p)
	}
	c.Start(1)
	c.Start(2)
	c.run(time.Second)
	o := c.broadcast(t, 2, "b")
	c.run(time.Second)
	require.Equal(t, tob.Delivered, o.Status)
	c.Start(3)
	c.run(2 * time.Second)
	for _, p := range c.All() {
		require.Equal(t, "b", c.delivered[p][len(c.delivered[p])-1][2:], "at %v", p)
	}
	require.Equal(t, process.Incarnation(2), c.process(t, 1).Epoch(3))
}

func TestBuildOfALeaderThatCrashes(t *testing.T) {
	for _, v := range catalog.Variants() {
		t.Run(v.Name, func(t *testing.T) {
			c := newCluster(v.Variant, 3)
			c.run(time.Second)
			c.Crash(1)
			o := c.broadcast(t, 3, "a")
			c.run(2 * time.Second)
			require.Equal(t, tob.Delivered, o.Status)
			require.Equal(t, c.delivered[2], c.delivered[3])
			require.Zero(t, c.process(t, 2).Kept(1), "a process that is down costs nothing")
			require.Zero(t, c.process(t, 3).Kept(1), "a process that is down costs nothing")
		})
	}
}

// noting is a Store that notes whether it was asked for what it has.
type noting struct {
	process.Store
	asked bool
}

func (n *noting) Stored(space process.Space, yield func(key uint64, r process.Record) bool) {
	n.asked = true
	n.Store.Stored(space, yield)
}

// A variant without stable storage takes no notice of a Store, and the others begin with it.
func TestBuildUsesTheStoreThatTheVariantHas(t *testing.T) {
	for _, v := range catalog.Variants() {
		t.Run(v.Name, func(t *testing.T) {
			w, store := sim.NewWorld(1, prompt{}), &noting{}
			disks := sim.NewDisks(w, 3, func(int) time.Duration { return time.Millisecond })
			w.Build = func(h *sim.Host) sim.Actor {
				store.Store = h.Store
				return v.Build(seasons.Host{
					Net: h.Net(), Incarnation: h.Incarnation(), Clock: h.Clock(), History: h.History,
					Store: store, Disks: disks.Of(h),
				}, seasons.DefaultOptions())
			}
			w.Start(1)
			require.Equal(t, v.Storage == seasons.Stable, store.asked)
		})
	}
}

// A connection that is back needs no timer.
func TestReconnected(t *testing.T) {
	c := newCluster(seasons.Paxos(), 2)
	c.run(time.Second)
	c.Cut(2, 1, true)
	c.broadcast(t, 2, "a")
	c.run(10 * time.Millisecond)
	c.Cut(2, 1, false)
	c.Call(2, func() { c.process(t, 2).Reconnected(1) })
	c.run(20 * time.Millisecond)
	require.Equal(t, []string{"1 a"}, c.delivered[1])
}

// What comes too early for a part is pushed back, and counted.
func TestRefused(t *testing.T) {
	c := newCluster(seasons.Paxos(), 3)
	p := c.process(t, 1)
	ahead := register.Instance(seasons.DefaultOptions().Limits.Ahead)
	for i, l := range []register.Instance{ahead, ahead + 1, ahead + 2} {
		p.Receive(2, retransmit.Packet{From: 1, To: 1, Body: register.Read{Instance: l}})
		require.EqualValues(t, i, p.Refused())
	}
}

func TestUnknownMessagesAreABug(t *testing.T) {
	c := newCluster(seasons.CrashStop(), 1)
	require.PanicsWithValue(t,
		"seasons: a message of type string, which no part of the composition knows", func() {
			c.process(t, 1).Receive(1, retransmit.Packet{Body: "what?"})
		})
}
