package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/seasons"
	"paxon/tob"
)

// guard is after how long a test that waits has failed.
const guard = 2 * time.Minute

// cluster is processes that reach each other through relays, whose addresses stay the same
// while processes come and go.
type cluster struct {
	t       testing.TB
	ctx     context.Context
	relays  map[process.ID]*relay
	configs map[process.ID]Config
	nodes   map[process.ID]*Node
}

// newCluster prepares n processes; change may alter their configurations.
func newCluster(t testing.TB, n int, variant string, change func(c *Config)) *cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	t.Cleanup(cancel)
	c := &cluster{
		t: t, ctx: ctx, relays: map[process.ID]*relay{}, configs: map[process.ID]Config{},
		nodes: map[process.ID]*Node{},
	}
	peers := map[process.ID]string{}
	for id := process.ID(1); int(id) <= n; id++ {
		c.relays[id] = newRelay(t)
		peers[id] = c.relays[id].address()
	}
	dir := t.TempDir()
	for id := range peers {
		options := seasons.DefaultOptions()
		config := Config{
			Cluster: "test", Process: id, Variant: variant, Peers: peers,
			Dir: filepath.Join(dir, id.String()), Listen: "127.0.0.1:0",
			Options: &options, Logger: testLogger(),
		}
		config.Storage.SegmentBytes = 4 << 20
		if change != nil {
			change(&config)
		}
		c.configs[id] = config
	}
	t.Cleanup(func() {
		for _, n := range c.nodes {
			n.drain = 0
			_ = n.Close() // A test that cares has closed it itself.
		}
	})
	return c
}

// testLogger writes nothing: what a process logs is not what it does.
func testLogger() logrus.FieldLogger {
	l := logrus.New()
	l.SetOutput(io.Discard)
	return l
}

func (c *cluster) ids() []process.ID { return c.configs[1].ids() }

// open starts processes, or all.
func (c *cluster) open(ids ...process.ID) {
	c.t.Helper()
	if len(ids) == 0 {
		ids = c.ids()
	}
	for _, id := range ids {
		n, err := Open(c.configs[id])
		require.NoError(c.t, err)
		c.nodes[id] = n
		c.relays[id].to(n.Addr().String())
	}
}

// close closes processes, or all.
func (c *cluster) close(ids ...process.ID) {
	c.t.Helper()
	if len(ids) == 0 {
		ids = c.ids()
	}
	for _, id := range ids {
		require.NoError(c.t, c.nodes[id].Close())
		delete(c.nodes, id)
	}
}

// broadcast broadcasts payloads at a process and returns their positions.
func (c *cluster) broadcast(id process.ID, payloads ...string) []tob.Position {
	c.t.Helper()
	var positions []tob.Position
	for _, p := range payloads {
		at, err := c.nodes[id].Broadcast(c.ctx, []byte(p))
		require.NoError(c.t, err)
		positions = append(positions, at)
	}
	return positions
}

// load broadcasts messages from several goroutines at every open process, and waits for all.
func (c *cluster) load(prefix string, goroutines, each int) (sent int) {
	c.t.Helper()
	var all sync.WaitGroup
	failed := make(chan error, goroutines*len(c.nodes))
	for id, n := range c.nodes {
		for g := range goroutines {
			sent += each
			all.Go(func() {
				for i := range each {
					payload := fmt.Sprintf("%s-%v-%d-%d", prefix, id, g, i)
					if _, err := n.Broadcast(c.ctx, []byte(payload)); err != nil {
						failed <- err
						return
					}
				}
			})
		}
	}
	all.Wait()
	close(failed)
	require.NoError(c.t, <-failed)
	return sent
}

// delivered reads the first deliveries of a process, waiting until there are that many.
func (c *cluster) delivered(id process.ID, count int) []Delivery {
	c.t.Helper()
	var all []Delivery
	for d, err := range c.nodes[id].Deliveries(c.ctx, tob.Position{}) {
		require.NoError(c.t, err, "process %v after %d of %d deliveries", id, len(all), count)
		all = append(all, d)
		if len(all) == count {
			break
		}
	}
	return all
}

// requireSame requires that all open processes have delivered the same messages, so many, each
// once, and returns them.
func (c *cluster) requireSame(count int) []Delivery {
	c.t.Helper()
	var first []Delivery
	for id := range c.nodes {
		all := c.delivered(id, count)
		if first == nil {
			first = all
		}
		require.Equal(c.t, first, all, "at process %v", id)
	}
	seen := map[string]bool{}
	for _, d := range first {
		require.False(c.t, seen[string(d.Payload)], "%s was delivered twice", d.Payload)
		seen[string(d.Payload)] = true
	}
	return first
}

// kill stops a process where it stands. The storage is abandoned, not closed.
func (c *cluster) kill(id process.ID) {
	c.t.Helper()
	n := c.nodes[id]
	n.halt(errors.New("killed"))
	<-n.ended
	n.links.Close()
	delete(c.nodes, id)
}

// relay passes connections at an address of its own on to wherever a process listens.
type relay struct {
	listener net.Listener
	mu       sync.Mutex
	target   string
}

func newRelay(t testing.TB) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &relay{listener: listener}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			r.mu.Lock()
			target := r.target
			r.mu.Unlock()
			out, err := net.Dial("tcp", target)
			if err != nil {
				_ = in.Close()
				continue
			}
			all.Go(func() { pass(in, out) })
			all.Go(func() { pass(out, in) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	return r
}

// pass copies until one side ends, and ends both.
func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_, _ = to.Close(), from.Close()
}

func (r *relay) address() string { return r.listener.Addr().String() }

func (r *relay) to(address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.target = address
}

func payloads(deliveries []Delivery) []string {
	var all []string
	for _, d := range deliveries {
		all = append(all, string(d.Payload))
	}
	return all
}

// large is a payload of so many bytes that begins with a name.
func large(name string, size int) string {
	return name + string(bytes.Repeat([]byte{'.'}, size-len(name)))
}
