package node

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"paxon/node/link"
	"paxon/node/storage"
	"paxon/process"
	"paxon/tob"
)

// onMemory gives each process a file system that can crash.
func onMemory(c *Config) { c.Storage.FS = vfs.NewCrashableMem() }

// crash kills a process and takes away part of what it had not forced.
func (c *cluster) crash(id process.ID, rng *rand.Rand) {
	c.t.Helper()
	n := c.nodes[id]
	c.kill(id)
	config := c.configs[id]
	disk, ok := config.Storage.FS.(*vfs.MemFS)
	require.True(c.t, ok)
	config.Storage.FS = disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(101), RNG: rng})
	c.configs[id] = config
	_ = n.release() // It frees what the test has no use for any more.
}

func TestWhatWasBroadcastSurvivesACrashOfAll(t *testing.T) {
	c := newCluster(t, 3, "paxos", onMemory)
	rng := rand.New(rand.NewPCG(1, 2))
	acknowledged := map[string]tob.Position{}
	for round := range 3 {
		c.open()
		var all sync.WaitGroup
		var mu sync.Mutex
		enough := make(chan struct{})
		count := 0
		for id, n := range c.nodes {
			for g := range 4 {
				all.Go(func() {
					for i := 0; ; i++ {
						payload := fmt.Sprintf("%d-%v-%d-%d", round, id, g, i)
						at, err := n.Broadcast(c.ctx, []byte(payload))
						if err != nil {
							return
						}
						mu.Lock()
						acknowledged[payload] = at
						if count++; count == 200 {
							close(enough)
						}
						mu.Unlock()
					}
				})
			}
		}
		select {
		case <-enough:
		case <-c.ctx.Done():
			require.NoError(t, c.ctx.Err())
		}
		for _, id := range c.ids() {
			c.crash(id, rng)
		}
		all.Wait()
	}
	c.open()
	last := c.broadcast(2, "last")[0]
	var first []Delivery
	for id := range c.nodes {
		var all []Delivery
		for d, err := range c.nodes[id].Deliveries(c.ctx, tob.Position{}) {
			require.NoError(t, err)
			all = append(all, d)
			if d.Position == last {
				break
			}
		}
		if first == nil {
			first = all
		}
		require.Equal(t, first, all)
	}
	found := map[string]tob.Position{}
	for _, d := range first {
		require.NotContains(t, found, string(d.Payload), "it is delivered twice")
		found[string(d.Payload)] = d.Position
	}
	for payload, at := range acknowledged {
		require.Equal(t, at, found[payload], payload)
	}
}

func TestAProcessThatWasDownCatchesUpAndCostsTheOthersLittle(t *testing.T) {
	c := newCluster(t, 3, "paxos", func(c *Config) { c.Options.Limits.CheckpointBytes = 1 << 20 })
	c.open()
	c.broadcast(3, "before")
	c.close(3)
	const size = 64 << 10
	count := 0
	send := func() {
		count++
		c.broadcast(process.ID(1+count%2), large(fmt.Sprint(count), size))
	}
	for count < 200 {
		send()
	}
	for _, n := range []*Node{c.nodes[1], c.nodes[2]} {
		status := func() Status {
			s, err := n.Status(c.ctx)
			require.NoError(t, err)
			return s
		}
		for status().Storage.RecordBytes > 4<<20 {
			send() // What checkpoints let the registers forget is dropped with the next force.
		}
		for _, p := range status().Peers {
			require.LessOrEqual(t, p.Kept, n.options.Retransmit.Window)
		}
		require.Zero(t, status().Pending)
	}
	c.open(3)
	c.requireSame(count + 1)
	c.broadcast(3, "after")
	c.requireSame(count + 2)
}

// full is a disk that is full once the test says so.
type full struct {
	mu  sync.Mutex
	now bool
}

var errNoSpace = errors.New("no space left on device")

func (f *full) fill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = true
}

func (f *full) String() string { return "full" }

func (f *full) MaybeError(op errorfs.Op) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now && op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
		return errNoSpace
	}
	return nil
}

func TestAFullDiskStopsTheProcessAndNotTheOthers(t *testing.T) {
	disk := &full{}
	c := newCluster(t, 3, "paxos", func(c *Config) {
		c.Storage.FS = vfs.NewMem()
		if c.Process == 1 {
			c.Storage.FS = errorfs.Wrap(c.Storage.FS, disk)
		}
	})
	c.open()
	c.load("a", 2, 10)
	n := c.nodes[1]
	require.NoError(t, n.Err())
	disk.fill()
	var err error
	for err == nil { // The others are a majority, and may be faster than the disk.
		_, err = n.Broadcast(c.ctx, []byte("b"))
	}
	var failed *storage.FailedError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, errNoSpace)
	<-n.Done()
	require.ErrorIs(t, n.Err(), errNoSpace)
	require.ErrorIs(t, n.Healthy(c.ctx), errNoSpace)
	for _, err := range n.Deliveries(c.ctx, tob.Position{}) {
		require.ErrorIs(t, err, errNoSpace)
	}
	require.ErrorIs(t, n.Close(), errNoSpace)
	require.ErrorIs(t, n.Close(), errNoSpace)
	delete(c.nodes, 1)
	c.broadcast(2, "c")
}

func TestACrashStopProcessStartsOnce(t *testing.T) {
	c := newCluster(t, 1, "crash-stop", nil)
	taken := c.configs[1]
	taken.Listen = c.relays[1].address()
	_, err := Open(taken)
	var inUse *link.ListenError
	require.ErrorAs(t, err, &inUse)
	c.open() // A port in use has not used up its one start.
	c.broadcast(1, "a")
	c.close()
	_, err = Open(c.configs[1])
	var second *storage.CrashStopError
	require.ErrorAs(t, err, &second)
}

func TestADirectoryOfAnotherProcessIsRefused(t *testing.T) {
	c := newCluster(t, 2, "paxos", nil)
	c.open(1)
	other := c.configs[2]
	other.Dir = c.configs[1].Dir
	_, err := Open(other)
	var locked *storage.LockedError
	require.ErrorAs(t, err, &locked)
	c.close(1)
	_, err = Open(other)
	var identity *storage.IdentityError
	require.ErrorAs(t, err, &identity)
	c.open(1)
}
