//go:build !race

package node

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/omega"
	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim/costs"
	"paxon/tob"
	"paxon/wire"
)

// counting passes on what a process sends, and counts it, but for what depends on time: heartbeats,
// what is pulled after one, and packets that only acknowledge.
type counting struct {
	sender
	codec           *wire.Codec
	counts          func(m process.Message) bool // Which messages do.
	encoded         []byte                       // The last packet.
	messages, bytes int
}

func (c *counting) Send(to process.ID, p retransmit.Packet) {
	c.count(p)
	c.sender.Send(to, p)
}

func (c *counting) SendLate(to process.ID, p retransmit.Packet) {
	c.count(p)
	c.sender.SendLate(to, p)
}

func (c *counting) count(p retransmit.Packet) {
	if !c.counts(p.Body) {
		return
	}
	var err error
	if c.encoded, err = c.codec.AppendPacket(c.encoded[:0], p); err != nil {
		panic(err) // The links would have it fail, too.
	}
	const header = 4
	c.messages++
	c.bytes += header + len(c.encoded)
}

// ofDecisions says that a message is of a decision.
func ofDecisions(m process.Message) bool {
	switch m.(type) {
	case nil, omega.Heartbeat, tob.Pull, tob.Update:
		return false
	}
	return true
}

// costOf is what decisions cost all three processes.
type costOf struct{ messages, bytes, forces, allocations float64 }

// countCosts broadcasts so many messages of 128 bytes one after the other, each of which is decided by
// itself, at a process of three of which the first leads.
func countCosts(t *testing.T, variant string, at process.ID, decisions int) costOf {
	t.Helper()
	c := newCluster(t, 3, variant, func(c *Config) {
		c.Options.Retransmit.Interval, c.Options.Retransmit.MaxInterval = guard, guard
		c.Options.Omega.Interval = 250 * time.Millisecond
		c.Options.Omega.Timeout, c.Options.Omega.MaxTimeout = guard, guard
		c.Options.Limits.CheckpointBytes, c.Options.Limits.CheckpointBatches = 1<<30, 1<<30
		c.Storage.Unforced = true // A force counts like any other.
	})
	c.open()
	codec, err := wire.New(c.configs[1].codec(), anys(seasons.Messages())...)
	require.NoError(t, err)
	counted := map[process.ID]*counting{}
	for id, n := range c.nodes {
		for s := (Status{}); s.Leader != 1; runtime.Gosched() {
			s, err = n.Status(c.ctx)
			require.NoError(t, err)
		}
		counted[id], err = ask(c.ctx, n.running, func() *counting {
			w := &counting{sender: n.loop.network.links, codec: codec, counts: ofDecisions}
			n.loop.network.links = w
			return w
		})
		require.NoError(t, err)
	}
	payload := make([]byte, 128)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range decisions {
		_, err := c.nodes[at].Broadcast(c.ctx, payload)
		require.NoError(t, err)
	}
	runtime.ReadMemStats(&after)
	sum := costOf{allocations: float64(after.Mallocs - before.Mallocs)}
	for id, n := range c.nodes {
		s, err := n.Status(c.ctx)
		require.NoError(t, err)
		sum.forces += float64(s.Storage.Forces)
		sent, err := ask(c.ctx, n.running, func() counting { return *counted[id] })
		require.NoError(t, err)
		sum.messages += float64(sent.messages)
		sum.bytes += float64(sent.bytes)
	}
	return sum
}

// A decision of real processes costs no more messages and forced logs than one in virtual time, and so
// many bytes and allocations. It may cost less: a process that is slow answers and forces for several
// at once. The first window of Fall costs what paxos does. Allocations have room for a quarter more:
// heartbeats, and what the operating system has a process wait for, depend on time.
func TestDecisionsCostWhatTheyDoInVirtualTime(t *testing.T) {
	const decisions, window = 1000, 16
	const write, ackWrite, decision, read, ackRead, forward = 167, 28, 25, 27, 32, 159 // Bytes.
	const fast = 2 * (write + ackWrite + decision)
	const regular = fast + 2*(read+ackRead)
	for _, c := range []struct {
		variant            string
		at                 process.ID
		bytes, allocations float64
	}{
		{"fall+spring", 1, fast, 48},
		{"fall+spring", 2, fast + forward, 54},
		{"paxos", 1, regular, 70},
		{"paxos", 2, regular + forward, 76},
	} {
		most := func(variant string) costs.Costs {
			v, err := catalog.ByName(variant)
			require.NoError(t, err)
			most, err := costs.Count(costs.Config{
				Variant: v, Processes: 3, Window: window, Leader: c.at == 1,
			})
			require.NoError(t, err)
			return most
		}
		want, first := most(c.variant), most("paxos")
		got := countCosts(t, c.variant, c.at, decisions)
		t.Logf("%d decisions of %s at %v: %+v", decisions, c.variant, c.at, got)
		require.LessOrEqual(t, got.messages, decisions*want.Messages+window*(first.Messages-want.Messages))
		require.LessOrEqual(t, got.forces, decisions*want.Forced+window*(first.Forced-want.Forced))
		require.LessOrEqual(t, got.bytes, decisions*c.bytes+window*(regular-fast))
		require.LessOrEqual(t, got.allocations, decisions*c.allocations)
		require.Greater(t, got.messages, decisions*want.Messages/2)
		require.Greater(t, got.forces, decisions*want.Forced/2, "a majority forces each by itself")
	}
}
