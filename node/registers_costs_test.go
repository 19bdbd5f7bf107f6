//go:build !race

package node

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/process"
	"paxon/wire"
)

// ofRegisters says that a message is of a change or a read of CASPaxos.
func ofRegisters(m process.Message) bool {
	switch m.(type) {
	case caspaxos.Ask, caspaxos.Answer, caspaxos.Look, caspaxos.Seen:
		return true
	}
	return false
}

// registersCosts counts what n operations cost all three processes, one after the other.
type registersCosts struct {
	*registersCluster
	counted map[process.ID]*counting
}

func newRegistersCosts(t *testing.T) *registersCosts {
	t.Helper()
	c := &registersCosts{newRegistersCluster(t, func(c *RegistersConfig) {
		o := caspaxos.DefaultOptions()
		o.Retransmit.Interval, o.Retransmit.MaxInterval = guard, guard
		o.Limits.Collect = guard
		c.Options = &o
		c.Storage.Unforced = true // A force counts like any other.
		c.Storage.SegmentBytes = 0
	}), map[process.ID]*counting{}}
	codec, err := wire.New(c.running[1].config.codec(), anys(caspaxos.Messages())...)
	require.NoError(t, err)
	for id, r := range c.running {
		for connected := 0; connected < len(c.running)-1; runtime.Gosched() {
			s, err := r.Status(c.ctx)
			require.NoError(t, err)
			connected = 0
			for _, p := range s.Links.Peers {
				if p.Connected {
					connected++
				}
			}
		}
		c.counted[id], err = ask(c.ctx, r.running, func() *counting {
			w := &counting{sender: r.loop.network.links, codec: codec, counts: ofRegisters}
			r.loop.network.links = w
			return w
		})
		require.NoError(t, err)
	}
	return c
}

// sums are all that was sent and forced so far.
func (c *registersCosts) sums() (sum costOf) {
	c.t.Helper()
	for id, r := range c.running {
		s, err := r.Status(c.ctx)
		require.NoError(c.t, err)
		sum.forces += float64(s.Storage.Forces)
		sent, err := ask(c.ctx, r.running, func() counting { return *c.counted[id] })
		require.NoError(c.t, err)
		sum.messages += float64(sent.messages)
		sum.bytes += float64(sent.bytes)
	}
	return sum
}

// settle has all that was sent arrive: links and loops keep its order.
func (c *registersCosts) settle() {
	c.t.Helper()
	o, err := c.running[1].Change(c.ctx, "last", caspaxos.Set{})
	require.NoError(c.t, err)
	for _, r := range c.running {
		for version := uint64(0); version < o.State.Version; runtime.Gosched() {
			version, err = ask(c.ctx, r.running, func() (version uint64) {
				r.loop.parts.Held(func(key string, s caspaxos.State) {
					if key == "last" {
						version = s.Version
					}
				})
				return version
			})
			require.NoError(c.t, err)
		}
	}
}

// cost is what n operations cost together, with one more change for settling.
func (c *registersCosts) cost(n int, do func(i int)) costOf {
	c.t.Helper()
	c.settle()
	was := c.sums()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range n {
		do(i)
	}
	runtime.ReadMemStats(&after)
	c.settle()
	is := c.sums()
	return costOf{
		messages: is.messages - was.messages, bytes: is.bytes - was.bytes,
		forces: is.forces - was.forces, allocations: float64(after.Mallocs - before.Mallocs),
	}
}

// A change at the process that made the last one of its key costs one round trip to both others and one
// force at each of the three; one of a key that the process knows nothing of costs both twice; a read
// costs a round trip and no force. It may cost less: a process that is slow forces for several at once,
// but a majority does not. What settles is a change more, and one process may force and answer late.
// Allocations, which are those of all three, have room for a quarter more.
func TestChangesCostRoundTripsAndForces(t *testing.T) {
	const n, late, lateBytes = 1000, 6, 1000
	c := newRegistersCosts(t)
	set := caspaxos.Set{Value: make([]byte, 128)}
	change := func(key string) {
		_, err := c.running[1].Change(c.ctx, key, set)
		require.NoError(t, err)
	}
	change("one key")
	for _, of := range []struct {
		what                                 string
		do                                   func(i int)
		messages, bytes, forces, allocations float64
	}{
		{"change, one round trip", func(int) { change("one key") }, 4, 460, 3, 72},
		{"change, two round trips", func(i int) { change(fmt.Sprintf("key %03d", i)) }, 8, 640, 6, 198},
		{"read", func(int) {
			_, err := c.running[1].Read(c.ctx, "one key")
			require.NoError(t, err)
		}, 4, 440, 0, 29},
	} {
		got := c.cost(n, of.do)
		t.Logf("%d of %s: %+v", n, of.what, got)
		require.LessOrEqual(t, got.messages, n*of.messages+late, of.what)
		require.LessOrEqual(t, got.forces, n*of.forces+late, of.what)
		require.LessOrEqual(t, got.bytes, n*of.bytes+lateBytes, of.what)
		require.LessOrEqual(t, got.allocations, n*of.allocations, of.what)
		require.GreaterOrEqual(t, got.messages, n*of.messages*3/4, "%s: one answer is enough", of.what)
		require.GreaterOrEqual(t, got.forces, n*of.forces*2/3-late, "%s: a majority forces", of.what)
	}
}
