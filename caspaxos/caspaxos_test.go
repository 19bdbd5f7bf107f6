package caspaxos_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/seasons/spring"
	"paxon/seasons/summer"
	"paxon/seasons/winter"
	"paxon/sim"
)

// prompt is a driver without faults.
type prompt struct{}

func (prompt) Message(process.ID, process.ID, retransmit.Packet) []time.Duration {
	return []time.Duration{time.Millisecond}
}
func (prompt) Disk(process.ID) time.Duration { return time.Millisecond }
func (prompt) Survives(process.ID, int) int  { return 0 }

// cluster is processes without faults, of which the first begin as members.
type cluster struct {
	t     testing.TB
	world *sim.World
}

func newCluster(t testing.TB, processes, members int) *cluster {
	t.Helper()
	return newClusterOf(t, seasons.Paxos(), processes, members)
}

func newClusterOf(t testing.TB, v seasons.Variant, processes, members int) *cluster {
	t.Helper()
	require.NoError(t, caspaxos.Check(v))
	w := sim.NewWorld(processes, prompt{})
	if v.Disks {
		w.Disks = sim.NewDisks(w, 3, func(int) time.Duration { return time.Millisecond })
	}
	w.Volatile = v.Storage == seasons.None
	initial := caspaxos.Initial(w.All()[:members])
	w.Build = func(h *sim.Host) sim.Actor {
		offer := h.Offer()
		return caspaxos.Build(v, offer, caspaxos.DefaultOptions(), caspaxos.Setting{
			Initial: initial, Rand: rand.New(rand.NewPCG(1, uint64(offer.Net.Self()))),
		})
	}
	for _, p := range w.All() {
		w.Start(p)
	}
	return &cluster{t, w}
}

func (c *cluster) at(p process.ID) *caspaxos.Process {
	running, ok := c.world.Host(p).Actor().(*caspaxos.Process)
	require.True(c.t, ok)
	return running
}

// until lets events happen until something is so.
func (c *cluster) until(most time.Duration, so func() bool) time.Duration {
	c.t.Helper()
	begun := c.world.Now()
	for !so() {
		require.True(c.t, c.world.Step())
		require.Less(c.t, c.world.Now()-begun, most, "it takes too long")
	}
	return c.world.Now() - begun
}

func (c *cluster) change(p process.ID, key string, change caspaxos.Change) (caspaxos.Outcome, time.Duration) {
	c.t.Helper()
	var out *caspaxos.Outcome
	c.world.Call(p, func() {
		require.Equal(c.t, caspaxos.Pending,
			c.at(p).Change(key, change, func(o caspaxos.Outcome) { out = &o }))
	})
	took := c.until(10*time.Second, func() bool { return out != nil })
	require.Equal(c.t, caspaxos.Done, out.Status)
	return *out, took
}

func (c *cluster) read(p process.ID, key string) caspaxos.State {
	c.t.Helper()
	var out *caspaxos.Outcome
	c.world.Call(p, func() {
		require.Equal(c.t, caspaxos.Pending, c.at(p).Read(key, func(o caspaxos.Outcome) { out = &o }))
	})
	c.until(10*time.Second, func() bool { return out != nil })
	require.Equal(c.t, caspaxos.Done, out.Status)
	return out.State
}

func (c *cluster) reconfigure(p process.ID, target ...process.ID) {
	c.t.Helper()
	var out *caspaxos.Status
	c.world.Call(p, func() {
		require.Equal(c.t, caspaxos.Pending,
			c.at(p).Reconfigure(target, func(s caspaxos.Status) { out = &s }))
	})
	c.until(time.Minute, func() bool { return out != nil })
	require.Equal(c.t, caspaxos.Done, *out)
	for _, q := range target {
		c.until(time.Minute, func() bool {
			return c.at(q).Configuration().Epoch == c.at(p).Configuration().Epoch
		})
	}
}

// A change takes two round trips and two forces; the next one of the same proposer takes one (§2.2.1).
func TestOneRoundTrip(t *testing.T) {
	c := newCluster(t, 3, 3)
	_, took := c.change(1, "k", caspaxos.Set{Value: []byte("a")})
	require.Equal(t, 6*time.Millisecond, took)
	_, took = c.change(1, "k", caspaxos.Append{Value: []byte("b")})
	require.Equal(t, 3*time.Millisecond, took)
	o, _ := c.change(2, "k", caspaxos.Append{Value: []byte("c")})
	require.Equal(t, "abc", string(o.State.Value))
	require.Equal(t, uint64(3), o.State.Version)
	require.Equal(t, "abc", string(c.read(3, "k").Value))
}

// What is deleted is collected everywhere, and what comes after has higher versions.
func TestCollection(t *testing.T) {
	c := newCluster(t, 3, 3)
	version := uint64(0)
	for i := range 100 {
		c.change(1, fmt.Sprint(i), caspaxos.Set{Value: []byte("x")})
		o, _ := c.change(2, fmt.Sprint(i), caspaxos.Delete{})
		version = max(version, o.State.Version)
	}
	c.until(10*time.Second, func() bool {
		return c.at(1).Copies()+c.at(2).Copies()+c.at(3).Copies() == 0
	})
	o, _ := c.change(3, "7", caspaxos.Append{Value: []byte("y")})
	require.Equal(t, "y", string(o.State.Value))
	require.Greater(t, o.State.Version, version)
}

func TestMembership(t *testing.T) {
	c := newCluster(t, 5, 3)
	for i := range 100 {
		c.change(1, fmt.Sprint(i), caspaxos.Set{Value: []byte(fmt.Sprint(i))})
	}
	for _, target := range [][]process.ID{
		{1, 2, 3, 4}, {1, 2, 3, 4, 5}, {2, 3, 4, 5}, {3, 4, 5}, {1, 2, 5},
	} {
		by := process.ID(3) // It is told by one that stays.
		if target[0] == 1 && len(target) == 3 {
			by = 5
		}
		c.reconfigure(by, target...)
		for i := range 100 {
			state := c.read(target[len(target)-1], fmt.Sprint(i))
			require.Equal(t, fmt.Sprint(i), string(state.Value))
		}
	}
}

// A process that is no acceptor proposes, and an acceptor does no more (§2.3.4). What is collected needs
// all of them.
func TestProposers(t *testing.T) {
	c := newCluster(t, 4, 3)
	c.change(3, "k", caspaxos.Set{Value: []byte("a")})
	var out *caspaxos.Status
	c.world.Call(1, func() {
		require.Equal(t, caspaxos.Pending, c.at(1).ReconfigureProposers([]process.ID{1, 4}, nil,
			func(s caspaxos.Status) { out = &s }))
		require.Equal(t, caspaxos.Full, c.at(1).Reconfigure([]process.ID{1, 2}, func(caspaxos.Status) {}))
	})
	c.until(10*time.Second, func() bool { return out != nil })
	require.Equal(t, caspaxos.Done, *out)
	for p := range process.ID(4) {
		c.until(10*time.Second, func() bool {
			return c.at(p+1).Configuration().Epoch == c.at(1).Configuration().Epoch
		})
	}
	require.Equal(t, []process.ID{1, 4}, c.at(1).Configuration().Proposers)
	require.Equal(t, []process.ID{1, 2, 3}, c.at(1).Configuration().Acceptors())
	require.Equal(t, caspaxos.NotMember, c.at(3).Change("k", caspaxos.Delete{}, func(caspaxos.Outcome) {}))
	o, _ := c.change(4, "k", caspaxos.Append{Value: []byte("b")})
	require.Equal(t, "ab", string(o.State.Value))
	require.Zero(t, c.at(4).Copies())
	_, took := c.change(4, "k", caspaxos.Delete{})
	require.Equal(t, 3*time.Millisecond, took, "one round trip and a force, also for who holds no copy")
	c.until(10*time.Second, func() bool {
		return c.at(1).Copies()+c.at(2).Copies()+c.at(3).Copies() == 3 // That of the configurations.
	})
	require.Equal(t, caspaxos.Invalid,
		c.at(1).ReconfigureProposers([]process.ID{4, 1}, nil, func(caspaxos.Status) {}))
}

// CASPaxos is on the registers of these variants. What a process has changed is there after it, and as
// many others as may, crashed.
func TestVariants(t *testing.T) {
	for _, of := range []struct {
		name    string
		seasons []seasons.Season
		down    []process.ID // In the end.
	}{
		{"paxos", nil, []process.ID{1}},
		{"spring", []seasons.Season{spring.Season()}, []process.ID{1}},
		{"winter", []seasons.Season{winter.Season(1)}, []process.ID{1}},
		{"summer", []seasons.Season{summer.Season()}, []process.ID{1, 2}},
	} {
		t.Run(of.name, func(t *testing.T) {
			v, err := seasons.Compose(of.seasons...)
			require.NoError(t, err)
			c := newClusterOf(t, v, 3, 3)
			for i := range 9 {
				letter := caspaxos.Append{Value: []byte{'a' + byte(i)}}
				o, _ := c.change(process.ID(i%3+1), fmt.Sprint(i%2), letter)
				require.True(t, o.State.Exists)
			}
			o, _ := c.change(2, "0", caspaxos.CompareAndSet{Version: 1, Value: []byte("x")})
			require.Equal(t, false, o.Result)
			before, _ := c.change(2, "1", caspaxos.Delete{})
			require.Equal(t, true, before.Result)
			for _, p := range of.down {
				c.world.Crash(p)
			}
			require.Equal(t, "acegi", string(c.read(3, "0").Value))
			require.False(t, c.read(3, "1").Exists)
			after, _ := c.change(3, "1", caspaxos.Initialise{Value: []byte("y")})
			require.Greater(t, after.State.Version, before.State.Version)
			c.world.Start(1)
			require.Equal(t, "y", string(c.read(1, "1").Value))
		})
	}
}

func TestFallIsNotOffered(t *testing.T) {
	v, err := seasons.Compose(fall.Season())
	require.NoError(t, err)
	require.ErrorContains(t, caspaxos.Check(v), "expected a variant without fall")
}

// A process that crashed keeps nothing and does not come back.
func TestCrashStop(t *testing.T) {
	c := newClusterOf(t, seasons.CrashStop(), 3, 3)
	c.change(1, "k", caspaxos.Set{Value: []byte("v")})
	c.world.Crash(1)
	require.Equal(t, "v", string(c.read(2, "k").Value))
}
