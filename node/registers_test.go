package node

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"paxon/caspaxos"
	"paxon/process"
)

// registersCluster is processes of CASPaxos that reach each other through relays.
type registersCluster struct {
	t       testing.TB
	ctx     context.Context
	dir     string
	relays  map[process.ID]*relay
	members []process.ID // That the cluster began with.
	change  func(c *RegistersConfig)
	running map[process.ID]*Registers
}

// newRegistersCluster starts three processes, and has relays for as many more; change may alter their
// configurations.
func newRegistersCluster(t testing.TB, change func(c *RegistersConfig)) *registersCluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	t.Cleanup(cancel)
	c := &registersCluster{
		t: t, ctx: ctx, dir: t.TempDir(), relays: map[process.ID]*relay{}, change: change,
		running: map[process.ID]*Registers{},
	}
	for id := process.ID(1); id <= 6; id++ {
		c.relays[id] = newRelay(t)
		if id <= 3 {
			c.members = append(c.members, id)
		}
	}
	t.Cleanup(func() {
		for _, r := range c.running {
			_ = r.Close() // A test that cares has closed it itself.
		}
	})
	c.open(c.members...)
	return c
}

// open starts processes. Those that the cluster did not begin with wait to be added.
func (c *registersCluster) open(ids ...process.ID) {
	c.t.Helper()
	for _, id := range ids {
		config := RegistersConfig{
			Cluster: "test", Process: id, Dir: filepath.Join(c.dir, id.String()),
			Peers: map[process.ID]string{id: c.relays[id].address()}, Join: true,
			Listen: "127.0.0.1:0", Logger: testLogger(),
		}
		for _, member := range c.members {
			config.Peers[member] = c.relays[member].address()
			config.Join = config.Join && member != id
		}
		config.Storage.SegmentBytes = 4 << 20
		if c.change != nil {
			c.change(&config)
		}
		r, err := OpenRegisters(config)
		require.NoError(c.t, err)
		c.running[id] = r
		c.relays[id].to(r.Addr().String())
	}
}

func (c *registersCluster) close(ids ...process.ID) {
	c.t.Helper()
	for _, id := range ids {
		require.NoError(c.t, c.running[id].Close())
		delete(c.running, id)
	}
}

// fill changes n keys at once, at all processes that run in turn.
func (c *registersCluster) fill(n int, value string) {
	c.t.Helper()
	var ids []process.ID
	for id := range c.running {
		ids = append(ids, id)
	}
	var g errgroup.Group
	g.SetLimit(32)
	for i := range n {
		g.Go(func() error {
			set := caspaxos.Set{Value: []byte(value)}
			_, err := c.running[ids[i%len(ids)]].Change(c.ctx, strconv.Itoa(i), set)
			return err
		})
	}
	require.NoError(c.t, g.Wait())
}

// holds says that the first keys have a value, as a process reads them.
func (c *registersCluster) holds(id process.ID, value string) {
	c.t.Helper()
	for i := range 100 {
		s, err := c.running[id].Read(c.ctx, strconv.Itoa(i))
		require.NoError(c.t, err)
		require.Equal(c.t, value, string(s.Value), "%d at %v", i, id)
	}
}

// keys lists the keys that exist.
func (c *registersCluster) keys(id process.ID) (keys []string) {
	c.t.Helper()
	for at := (caspaxos.Place{Whole: true}); !at.End(); {
		listed, next, err := c.running[id].List(c.ctx, at, 0)
		require.NoError(c.t, err)
		for _, k := range listed {
			if k.Exists {
				keys = append(keys, k.Key)
			}
		}
		at = next
	}
	return keys
}

func TestRegisters(t *testing.T) {
	c := newRegistersCluster(t, nil)
	c.fill(100, "a")
	for _, id := range c.members {
		c.holds(id, "a")
	}
	require.Len(t, c.keys(2), 100)
	o, err := c.running[2].Change(c.ctx, "0", caspaxos.CompareAndSet{Version: 7, Value: []byte("b")})
	require.NoError(t, err)
	require.Equal(t, false, o.Result)
	_, err = c.running[1].Change(c.ctx, string(make([]byte, 1<<17)), caspaxos.Set{})
	var over *OverLimitError
	require.ErrorAs(t, err, &over)
}

// A process that was down finds what was changed meanwhile, and all find everything when all were.
func TestRegistersRestart(t *testing.T) {
	c := newRegistersCluster(t, nil)
	c.fill(100, "a")
	c.close(3)
	c.fill(100, "b")
	c.open(3)
	c.close(1)
	c.holds(3, "b")
	c.fill(100, "c")
	c.open(1)
	c.close(1, 2, 3)
	c.open(1, 2, 3)
	c.holds(1, "c")
	_, err := c.running[1].Change(c.ctx, "0", caspaxos.Append{Value: []byte("d")})
	require.NoError(t, err)
	s, err := c.running[2].Read(c.ctx, "0")
	require.NoError(t, err)
	require.Equal(t, "cd", string(s.Value))
}

// Everything that was deleted goes, also from a process that was down.
func TestRegistersCollect(t *testing.T) {
	c := newRegistersCluster(t, func(c *RegistersConfig) {
		o := caspaxos.DefaultOptions()
		o.Limits.Collect = 50 * time.Millisecond
		c.Options = &o
	})
	c.fill(300, "a")
	c.close(3)
	for i := range 300 {
		_, err := c.running[1].Change(c.ctx, strconv.Itoa(i), caspaxos.Delete{})
		require.NoError(t, err)
	}
	c.open(3)
	for _, id := range c.members {
		require.Eventually(t, func() bool {
			s, err := c.running[id].Status(c.ctx)
			require.NoError(t, err)
			return s.Copies == 0
		}, guard, time.Millisecond)
	}
	require.Empty(t, c.keys(1))
}

// The cluster grows by processes that it had not heard of, one of them while a member is down, and
// shrinks again; a restarted process knows those that it was never told of in its file.
func TestRegistersMembership(t *testing.T) {
	c := newRegistersCluster(t, nil)
	c.fill(100, "a")
	targets := [][]process.ID{{1, 2, 3, 4}, {1, 2, 3, 4, 5}, {2, 3, 4, 5}, {2, 4, 5}, {2, 4, 5, 6}}
	for i, target := range targets {
		addresses := map[process.ID]string{}
		for _, id := range target {
			if c.running[id] == nil {
				c.open(id)
				addresses[id] = c.relays[id].address()
			}
		}
		down := target[len(target)-2]
		c.close(down)
		require.NoError(t, c.running[2].Reconfigure(c.ctx, target, addresses))
		value := fmt.Sprint("v", i)
		for id := range c.running {
			if !slices.Contains(target, id) {
				c.close(id)
			}
		}
		c.fill(100, value)
		c.open(down)
		for _, id := range target {
			c.holds(id, value)
		}
		c.close(target...)
		c.open(target...)
		c.holds(target[0], value)
	}
	addresses := map[process.ID]string{9: "nowhere"}
	var wrong *ConfigError
	require.ErrorAs(t, c.running[2].Reconfigure(c.ctx, []process.ID{2, 9}, addresses), &wrong)
	require.ErrorAs(t, c.running[2].Reconfigure(c.ctx, []process.ID{2, 9}, nil), &wrong)
	require.ErrorAs(t, c.running[2].Reconfigure(c.ctx, nil, nil), &wrong)
}

// A process that is not a member says so.
func TestRegistersNotMember(t *testing.T) {
	c := newRegistersCluster(t, nil)
	c.open(4)
	_, err := c.running[4].Change(c.ctx, "k", caspaxos.Set{})
	var not *NotMemberError
	require.ErrorAs(t, err, &not)
	require.ErrorAs(t, c.running[4].Reconfigure(c.ctx, []process.ID{1, 4}, nil), &not)
	require.NoError(t, c.running[1].Reconfigure(c.ctx, []process.ID{1, 2}, nil))
	for {
		_, err := c.running[3].Read(c.ctx, "k")
		if err != nil {
			require.ErrorAs(t, err, &not)
			require.Equal(t, []process.ID{1, 2}, not.Members)
			return
		}
	}
}

// The registers of crash-stop and of Winter are changed and read, and nothing else.
func TestRegistersWithoutStorage(t *testing.T) {
	for _, registers := range []string{"crash-stop", "winter"} {
		t.Run(registers, func(t *testing.T) {
			c := newRegistersCluster(t, func(c *RegistersConfig) { c.Registers = registers })
			c.fill(100, "a")
			c.holds(1, "a")
			_, _, err := c.running[1].List(c.ctx, caspaxos.Place{Whole: true}, 0)
			require.ErrorIs(t, err, ErrNoRegisters)
			require.ErrorIs(t, c.running[1].Reconfigure(c.ctx, []process.ID{1}, nil), ErrNoRegisters)
		})
	}
}

// What cannot work is refused before anything is touched, and says why.
func TestRegistersConfig(t *testing.T) {
	good := RegistersConfig{
		Cluster: "c", Process: 1, Dir: "d",
		Peers: map[process.ID]string{1: "a:1", 2: "a:2", 3: "a:3"},
	}
	require.NoError(t, good.Check())
	for expected, change := range map[string]func(c *RegistersConfig){
		"the prepare quorum [p1] misses the accept quorum [p2 p3]": func(c *RegistersConfig) {
			c.Prepare = caspaxos.Quorums{Among: []process.ID{1, 2, 3}, Least: 1}
		},
		"expected some of [1 2 3]": func(c *RegistersConfig) {
			c.Accept = caspaxos.Quorums{Sets: [][]process.ID{{1, 4}}}
		},
		"registers": func(c *RegistersConfig) { c.Registers = "fall" },
		"at least one member": func(c *RegistersConfig) {
			c.Join, c.Peers = true, map[process.ID]string{1: "a:1"}
		},
	} {
		c := good
		change(&c)
		require.ErrorContains(t, c.Check(), expected)
	}
}
