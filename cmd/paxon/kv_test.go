package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/internal/ports"
)

// kvProcesses are real processes that keep values, each with its configuration.
type kvProcesses struct {
	t            *testing.T
	links, redis []string // By id − 1.
	dir          string
	mu           sync.Mutex
	running      map[int]*exec.Cmd
}

// startKV starts the first three of some processes as a cluster. The others are to be added.
func startKV(t *testing.T, all int) *kvProcesses {
	t.Helper()
	const members = 3
	addresses, err := ports.Free(2 * all)
	require.NoError(t, err)
	p := &kvProcesses{
		t: t, links: addresses[:all], redis: addresses[all:], dir: t.TempDir(),
		running: map[int]*exec.Cmd{},
	}
	t.Cleanup(func() {
		for id := range all {
			p.kill(id + 1)
		}
	})
	for id := 1; id <= all; id++ {
		text := fmt.Sprintf("cluster: test\nprocess: %d\ndir: %q\nredis: %s\njoin: %t\npeers:\n",
			id, filepath.Join(p.dir, fmt.Sprint(id)), p.redis[id-1], id > members)
		for other := 1; other <= members; other++ {
			text += fmt.Sprintf("  %d: %s\n", other, p.links[other-1])
		}
		if id > members {
			text += fmt.Sprintf("  %d: %s\n", id, p.links[id-1])
		}
		require.NoError(t, os.WriteFile(p.config(id), []byte(text), 0o600))
	}
	for id := 1; id <= members; id++ {
		p.start(id)
	}
	return p
}

func (p *kvProcesses) config(id int) string {
	return filepath.Join(p.dir, fmt.Sprint(id, ".yaml"))
}

// start runs a process and waits until it answers.
func (p *kvProcesses) start(id int) {
	p.t.Helper()
	c := exec.Command(program, "kv", "node", "--config", p.config(id))
	var said bytes.Buffer
	c.Stderr = &said
	require.NoError(p.t, c.Start())
	p.mu.Lock()
	p.running[id] = c
	p.mu.Unlock()
	client := newRedisClient(p.redis[id-1])
	defer client.Close()
	require.Eventually(p.t, func() bool {
		return client.Ping(p.t.Context()).Err() == nil
	}, time.Minute, 10*time.Millisecond)
}

// kill ends a process with SIGKILL.
func (p *kvProcesses) kill(id int) {
	p.mu.Lock()
	c := p.running[id]
	delete(p.running, id)
	p.mu.Unlock()
	if c != nil {
		assert.NoError(p.t, c.Process.Kill())
		_ = c.Wait() // It was killed.
	}
}

// members runs a command about members until it is done.
func (p *kvProcesses) members(args ...string) string {
	p.t.Helper()
	c := exec.CommandContext(p.t.Context(), program, append([]string{"kv", "members"}, args...)...)
	out, err := c.CombinedOutput()
	require.NoError(p.t, err, string(out))
	return string(out)
}

// kvCall is what a client did at a key: append a token, or read.
type kvCall struct{ key, token string }

// kvAnswer is what it got. A call of which nothing is known may take effect at any time, or never.
type kvAnswer struct {
	known  bool
	length int64
	value  string
}

// kvModel is values that grow, each key by itself.
func kvModel() porcupine.Model {
	return porcupine.Model{
		Partition: func(all []porcupine.Operation) [][]porcupine.Operation {
			byKey := map[string][]porcupine.Operation{}
			for _, o := range all {
				key := o.Input.(kvCall).key
				byKey[key] = append(byKey[key], o)
			}
			var parts [][]porcupine.Operation
			for _, part := range byKey {
				parts = append(parts, part)
			}
			return parts
		},
		Init: func() any { return "" },
		Step: func(state, input, output any) (bool, any) {
			value, call, answer := state.(string), input.(kvCall), output.(kvAnswer)
			if call.token == "" {
				return answer.value == value, value
			}
			value += call.token
			return !answer.known || answer.length == int64(len(value)), value
		},
	}
}

// kvLoad is clients that append and read, and what they saw.
type kvLoad struct {
	begun time.Time
	stop  context.CancelFunc
	ended sync.WaitGroup
	acked atomic.Int64

	mu      sync.Mutex
	history []porcupine.Operation
	changed chan struct{} // Has an element when something was acknowledged.
}

const kvKeys = 200

// load begins to use processes, with so many clients. Each goes to another process when its own does
// not answer.
func (p *kvProcesses) load(clients int, processes ...int) *kvLoad {
	ctx, stop := context.WithCancel(p.t.Context())
	l := &kvLoad{begun: time.Now(), stop: stop, changed: make(chan struct{}, 1)}
	p.t.Cleanup(func() {
		stop()
		l.ended.Wait()
	})
	var at []*redis.Client
	for _, id := range processes {
		client := newRedisClient(p.redis[id-1])
		p.t.Cleanup(func() { _ = client.Close() }) // Nothing is left to be done with it.
		at = append(at, client)
	}
	for id := range clients {
		l.ended.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if !l.call(ctx, id, n, at[(id+n/50)%len(at)]) {
					id++
				}
			}
		})
	}
	return l
}

// call makes one call, and says whether the process was there.
func (l *kvLoad) call(ctx context.Context, id, n int, at *redis.Client) (there bool) {
	call := kvCall{key: fmt.Sprint("k", rand.IntN(kvKeys))}
	o := porcupine.Operation{ClientId: id, Call: int64(time.Since(l.begun))}
	var answer kvAnswer
	var err error
	if rand.IntN(3) == 0 {
		answer.value, err = at.Get(ctx, call.key).Result()
		if errors.Is(err, redis.Nil) {
			err = nil
		}
	} else {
		call.token = fmt.Sprintf("%d.%d,", id, n)
		answer.length, err = at.Append(ctx, call.key, call.token).Result()
	}
	o.Input, o.Return = call, int64(time.Since(l.begun))
	dial, isNet := errors.AsType[*net.OpError](err)
	switch {
	case err == nil:
		answer.known = true
	case isNet && dial.Op == "dial" || call.token == "":
		return false // It was never asked, or it does not matter.
	default:
		o.Return = int64(time.Hour)
	}
	o.Output = answer
	l.mu.Lock()
	l.history = append(l.history, o)
	l.mu.Unlock()
	if err == nil {
		l.acked.Add(1)
		select {
		case l.changed <- struct{}{}:
		default:
		}
	}
	return err == nil
}

// more waits until so much more was acknowledged.
func (l *kvLoad) more(t *testing.T, n int64) {
	t.Helper()
	for until := l.acked.Load() + n; l.acked.Load() < until; {
		select {
		case <-l.changed:
		case <-time.After(time.Minute):
			require.Fail(t, "nothing is acknowledged any more")
		}
	}
}

// check ends the load, reads everything at processes, and checks that it is linearizable and that
// nothing was lost.
func (l *kvLoad) check(p *kvProcesses, processes ...int) {
	p.t.Helper()
	l.stop()
	l.ended.Wait()
	for _, id := range processes {
		client := newRedisClient(p.redis[id-1])
		for k := range kvKeys {
			key := fmt.Sprint("k", k)
			o := porcupine.Operation{
				ClientId: 1000 + id, Input: kvCall{key: key}, Call: int64(time.Since(l.begun)),
			}
			value, err := client.Get(p.t.Context(), key).Result()
			if !errors.Is(err, redis.Nil) { // Nobody has chosen the key, or its value is lost.
				require.NoError(p.t, err)
			}
			o.Output, o.Return = kvAnswer{known: true, value: value}, int64(time.Since(l.begun))
			l.history = append(l.history, o)
		}
		require.NoError(p.t, client.Close())
	}
	result := porcupine.CheckOperationsTimeout(kvModel(), l.history, time.Minute)
	require.Equal(p.t, porcupine.Ok, result, "%d operations", len(l.history))
}

// TestKVCrashes kills processes under load, one after the other and then all, and checks what the
// clients saw, and that nothing is lost.
func TestKVCrashes(t *testing.T) {
	p := startKV(t, 3)
	l := p.load(9, 1, 2, 3)
	for range 2 {
		for id := 1; id <= 3; id++ {
			l.more(t, 200)
			p.kill(id)
			l.more(t, 200)
			p.start(id)
		}
	}
	for id := 1; id <= 3; id++ {
		p.kill(id)
	}
	for id := 1; id <= 3; id++ {
		p.start(id)
	}
	l.more(t, 200)
	l.check(p, 1, 2, 3)
}

// TestKVMembers grows and shrinks a cluster under load, with a process killed in each step.
func TestKVMembers(t *testing.T) {
	p := startKV(t, 5)
	l := p.load(6, 1, 2)
	step := func(down int, args ...string) {
		t.Helper()
		l.more(t, 100)
		p.kill(down)
		p.members(append(args, "--to", p.redis[0])...)
		l.more(t, 100)
		p.start(down)
	}
	p.start(4)
	step(3, "add", "4="+p.links[3])
	p.start(5)
	step(2, "add", "5="+p.links[4])
	step(4, "remove", "3")
	p.kill(3)
	step(5, "remove", "2")
	assert.Contains(t, p.members("list", "--to", p.redis[3]), "member")
	l.check(p, 1, 4, 5)

	for id := range 5 { // A restart finds all who are members now.
		p.kill(id + 1)
	}
	for _, id := range []int{1, 4, 5} {
		p.start(id)
	}
	client := newRedisClient(p.redis[4])
	defer client.Close()
	for k := range kvKeys {
		require.NoError(t, client.Append(t.Context(), fmt.Sprint("k", k), "x").Err())
	}
}

// TestKVProposers has clients go to a process that keeps nothing, which is killed, and replaced by
// another one, and takes the part of a proposer from a member, all under load.
func TestKVProposers(t *testing.T) {
	p := startKV(t, 5)
	members := func(expected string, args ...string) {
		t.Helper()
		assert.Equal(t, expected+"\n", p.members(append(args, "--to", p.redis[0])...))
	}
	p.start(4)
	members("members: 1 2 3, only proposers: 4", "add", "--proposer", "4="+p.links[3])
	l := p.load(6, 1, 4)
	l.more(t, 300)
	assert.Equal(t, []string{"1 member", "2 member", "3 member", "4 proposer"}, p.parts(1))
	p.kill(4) // No quorum waits for it.
	l.more(t, 100)
	p.start(5)
	p.kill(2) // A majority of the acceptors is enough.
	members("members: 1 2 3, only proposers: 4 5", "add", "--proposer", "5="+p.links[4])
	p.start(2)
	members("members: 1 2 3, only proposers: 5", "remove", "4")
	members("members: 1 2, only acceptors: 3, only proposers: 5", "remove", "--proposer", "3")
	assert.ErrorContains(t, p.set(3), "p3 is not a member")
	p.kill(2) // The copies of 3, which serves nobody, are needed.
	l.more(t, 100)
	p.start(2)
	members("members: 1 2 3, only proposers: 5", "add", "3="+p.links[2])
	l.more(t, 100)
	p.kill(1)
	p.kill(5)
	p.start(1)
	p.start(5)
	l.check(p, 1, 2, 3, 5)
	p.start(4)
	assert.ErrorContains(t, p.set(4), "p4 is not a member")
	members("members: 1 2 3 5", "add", "5="+p.links[4]) // From a proposer to a member.
	p.kill(2)
	require.NoError(t, p.set(5))
}

// parts are the processes, each with its part, as one of them lists them.
func (p *kvProcesses) parts(at int) (parts []string) {
	p.t.Helper()
	for line := range strings.SplitSeq(p.members("list", "--to", p.redis[at-1]), "\n") {
		if f := strings.Fields(line); len(f) == 4 {
			parts = append(parts, f[0]+" "+f[2])
		}
	}
	return parts
}

// set sets a key at a process.
func (p *kvProcesses) set(at int) error {
	client := newRedisClient(p.redis[at-1])
	defer client.Close()
	return client.Set(p.t.Context(), "a key", "v", 0).Err()
}

// TestKVLostDirectory has a process come back with an empty directory. It is refused, says why, and
// ends; then it is replaced.
func TestKVLostDirectory(t *testing.T) {
	p := startKV(t, 4)
	l := p.load(6, 1, 2, 3)
	l.more(t, 200)
	p.kill(3)
	require.NoError(t, os.RemoveAll(filepath.Join(p.dir, "3")))
	r := paxon(t, "", "kv", "node", "--config", p.config(3))
	assert.Equal(t, statusFailure, r.status)
	assert.Contains(t, r.stderr, "p3 has come with the directory")
	assert.Contains(t, r.stderr, "paxon kv members replace 3 ID=HOST:PORT")
	l.more(t, 200)
	p.start(4)
	assert.Equal(t, "members: 1 2 4\n", p.members("replace", "3", "4="+p.links[3], "--to", p.redis[0]))
	p.kill(2)
	l.more(t, 200)
	p.start(2)
	l.check(p, 1, 2, 4)
}

// TestKVLocal starts a cluster by one command, stops it, and goes on with it.
func TestKVLocal(t *testing.T) {
	dir := t.TempDir()
	addresses, err := ports.Free(3)
	require.NoError(t, err)
	port := portsInARow(t, addresses[0])
	client := newRedisClient(fmt.Sprint("127.0.0.1:", port+1))
	defer client.Close()
	for start := range 2 {
		c := exec.Command(program, "kv", "--dir", dir, "--port", fmt.Sprint(port))
		out, err := c.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		said := make([]byte, 0, 1<<10)
		for !strings.Contains(string(said), "Ctrl-C") {
			n, err := out.Read(said[len(said):cap(said)])
			require.NoError(t, err, string(said))
			said = said[:len(said)+n]
		}
		assert.Contains(t, string(said), fmt.Sprint("redis-cli -p ", port+2))
		n, err := client.Incr(t.Context(), "starts").Result()
		require.NoError(t, err)
		assert.EqualValues(t, start+1, n)
		require.NoError(t, c.Process.Signal(syscall.SIGINT))
		require.NoError(t, c.Wait())
	}
	r := paxon(t, "", "kv", "--dir", dir, "--processes", "5")
	assert.Equal(t, statusUsage, r.status)
	assert.Contains(t, r.stderr, "belongs to 3 processes")
}

// portsInARow finds three ports that follow each other, from the port of an address on.
func portsInARow(t *testing.T, address string) int {
	t.Helper()
	for port := portOf(t, address); ; port += 3 {
		free := true
		for i := range 3 {
			l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port+i))
			if free = free && err == nil; err == nil {
				require.NoError(t, l.Close())
			}
		}
		if free {
			return port
		}
	}
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	tcp, err := net.ResolveTCPAddr("tcp", address)
	require.NoError(t, err)
	return tcp.Port
}

// TestKVUsage has mistakes refused with status 2, by what came and what was expected.
func TestKVUsage(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "kv.yaml")
	good := "cluster: c\nprocess: 1\ndir: d\nredis: 127.0.0.1:0\npeers:\n  1: a:1\n  2: a:2\n  3: a:3\n"
	for text, expected := range map[string]string{
		good + "prepare: 1\n":                                "[p1] misses the accept quorum [p2 p3]",
		good + "accept: [[1, 2], [3, 4]]\n":                  "expected some of [1 2 3]",
		good + "prepare: all\n":                              "expected a number of processes, or a list",
		good + "prepare: 0\n":                                "expected 1 or more",
		strings.Replace(good, "redis: 127.0.0.1:0\n", "", 1): "expected host:port for clients",
		good + "fsync: maybe\n":                              "fsync",
	} {
		require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
		r := paxon(t, "", "kv", "node", "--config", config)
		assert.Equal(t, statusUsage, r.status, r.stderr)
		assert.Contains(t, r.stderr, expected)
		assert.NoDirExists(t, filepath.Join(dir, "d"))
	}
	for _, args := range [][]string{
		{"kv", "node"},
		{"kv", "--processes", "0"},
		{"kv", "--port", "70000"},
		{"kv", "members", "add", "4"},
		{"kv", "members", "remove"},
	} {
		r := paxon(t, "", args...)
		assert.Equal(t, statusUsage, r.status, args)
		assert.Contains(t, r.stderr, "expected")
	}
	addresses, err := ports.Free(1)
	require.NoError(t, err)
	r := paxon(t, "", "kv", "members", "list", "--to", addresses[0])
	assert.Equal(t, statusFailure, r.status)
	assert.Contains(t, r.stderr, "expected the address for clients of a process that runs")
}
