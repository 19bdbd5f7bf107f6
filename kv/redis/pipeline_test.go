package redis_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"paxon/internal/ports"
	"paxon/kv"
	"paxon/kv/kvtest"
	"paxon/kv/redis"
	"paxon/kv/registers"
	"paxon/node"
	"paxon/process"
)

// shuffled is an engine that carries out what was begun in any order, but for changes of one key, which
// keep theirs. It is as free as kv.Engine allows; broken, it is freer.
type shuffled struct {
	*kvtest.Memory
	broken bool // Changes of one key do not keep their order, either.

	mu     sync.Mutex
	queues map[string][]func() // What was begun, by key; each read is a queue of its own.
	reads  int
}

func newShuffled() *shuffled {
	return &shuffled{Memory: kvtest.NewMemory(), queues: map[string][]func(){}}
}

// Begin queues a change or a read. Whoever waits for one carries out others as well.
func (s *shuffled) Begin(
	ctx context.Context, key string, f func(kv.Item) (kv.Item, any),
) (end func() (kv.Item, any, error)) {
	var ended func() (kv.Item, any, error)
	s.mu.Lock()
	queue := key
	if f == nil || s.broken {
		s.reads++
		queue = fmt.Sprintf("%s: %d", key, s.reads)
	}
	s.queues[queue] = append(s.queues[queue], func() { ended = s.Memory.Begin(ctx, key, f) })
	s.mu.Unlock()
	return func() (kv.Item, any, error) {
		for {
			s.mu.Lock()
			if ended != nil {
				s.mu.Unlock()
				return ended()
			}
			s.step()
			s.mu.Unlock()
			runtime.Gosched() // Others begin and carry out more in between.
		}
	}
}

// step carries out the first of some queue: a map is gone through in any order.
func (s *shuffled) step() {
	for key, queue := range s.queues {
		queue[0]()
		if s.queues[key] = queue[1:]; len(queue) == 1 {
			delete(s.queues, key)
		}
		return
	}
}

// The keys that pipelines are about, and the clients that send them.
const (
	someKeys    = 3
	someClients = 4
)

// sent is one command of a pipeline, at one key.
type sent struct {
	client, index int // Index counts the commands of a client.
	key           int
	name, value   string
}

func (s sent) String() string {
	return fmt.Sprintf("client %d.%d: %s %d %s", s.client, s.index, s.name, s.key, s.value)
}

// stored is all keys, and how many commands of each client have taken effect.
type stored struct {
	values [someKeys]string
	next   [someClients]int
}

// apply is what a command makes of a value, and its answer.
func (s sent) apply(old string) (now, answer string) {
	bulk := "$-1\r\n"
	if old != "" {
		bulk = fmt.Sprintf("$%d\r\n%s\r\n", len(old), old)
	}
	switch s.name {
	case "GET":
		return old, bulk
	case "SET":
		return s.value, "+OK\r\n"
	case "GETSET":
		return s.value, bulk
	case "APPEND":
		return old + s.value, fmt.Sprintf(":%d\r\n", len(old+s.value))
	case "INCR":
		if old == "" {
			return "1", ":1\r\n"
		}
		n, err := strconv.Atoi(old)
		if err != nil {
			return old, "-ERR value is not an integer or out of range\r\n"
		}
		return strconv.Itoa(n + 1), fmt.Sprintf(":%d\r\n", n+1)
	default:
		panic(s.name)
	}
}

// inOrder is a store in which the commands of each client take effect one after the other, in the
// order in which they were sent.
func inOrder() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return stored{} },
		Step: func(now, input, output any) (bool, any) {
			s, c := now.(stored), input.(sent)
			if s.next[c.client] != c.index {
				return false, s
			}
			s.next[c.client]++
			var answer string
			s.values[c.key], answer = c.apply(s.values[c.key])
			return answer == output.(string), s
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprint(input, " → ", output) },
	}
}

// of is the history of one key, with its commands counted by themselves.
func of(history []porcupine.Operation, key int) []porcupine.Operation {
	var some []porcupine.Operation
	var next [someClients]int
	for _, o := range history { // Each client's are in its order.
		if c := o.Input.(sent); c.key == key {
			c.index = next[c.client]
			next[c.client]++
			o.Input = c
			some = append(some, o)
		}
	}
	return some
}

func keysInOrder(history []porcupine.Operation) bool {
	for key := range someKeys {
		if !porcupine.CheckOperations(inOrder(), of(history, key)) {
			return false
		}
	}
	return true
}

func allInOrder(history []porcupine.Operation) bool {
	return porcupine.CheckOperations(inOrder(), history)
}

// pipelines has clients send commands, several in one write, and gives what they were answered. The keys
// begin with a prefix.
func pipelines(
	t *testing.T, addresses []string, order, prefix string, seed uint64,
) []porcupine.Operation {
	t.Helper()
	const rounds, together = 4, 6
	var clock atomic.Int64
	var group errgroup.Group
	histories := make([][]porcupine.Operation, someClients)
	for client := range someClients {
		r := rand.New(rand.NewPCG(seed, uint64(client)))
		group.Go(func() error {
			address := addresses[client%len(addresses)]
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
			if err != nil {
				return err
			}
			defer conn.Close()
			in := bufio.NewReader(conn)
			if _, err := one(conn, in, "PAXON.ORDER "+order+"\r\n"); err != nil {
				return err
			}
			for round := range rounds {
				var all []sent
				var text strings.Builder
				for i := range together {
					c := sent{client: client, index: round*together + i, key: r.IntN(someKeys)}
					c.name = []string{"GET", "GET", "SET", "GETSET", "APPEND", "INCR"}[r.IntN(6)]
					fmt.Fprintf(&text, "%s %s%d", c.name, prefix, c.key)
					if c.name != "GET" && c.name != "INCR" {
						c.value = fmt.Sprintf("%c%d.", 'a'+client, c.index)
						text.WriteString(" " + c.value)
					}
					text.WriteString("\r\n")
					all = append(all, c)
				}
				call := clock.Add(1)
				answer, err := one(conn, in, text.String())
				for _, c := range all {
					if err != nil {
						return err
					}
					histories[client] = append(histories[client], porcupine.Operation{
						ClientId: client, Input: c, Output: answer, Call: call, Return: clock.Add(1),
					})
					if len(all) > 1 && c.index%together < together-1 {
						answer, err = one(conn, in, "")
					}
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	return slices.Concat(histories...)
}

// one sends something, and reads one answer that is no array.
func one(conn net.Conn, in *bufio.Reader, text string) (string, error) {
	if _, err := conn.Write([]byte(text)); err != nil {
		return "", err
	}
	answer, err := in.ReadString('\n')
	if err == nil && answer[0] == '$' && answer != "$-1\r\n" {
		var rest string
		rest, err = in.ReadString('\n')
		answer += rest
	}
	return answer, err
}

// TestPipelineOrder shows KR1 on an engine that is as free as it may be, and that the check sees more
// freedom: that between keys which a client asks for, and that of an engine which is broken.
func TestPipelineOrder(t *testing.T) {
	const runs, most = 40, 4000
	for _, c := range []struct {
		name, order string
		broken      bool
		check       func([]porcupine.Operation) bool
		holds       bool
	}{
		{"connection", "CONNECTION", false, allInOrder, true},
		{"key", "KEY", false, keysInOrder, true},
		{"key, as if between keys", "KEY", false, allInOrder, false},
		{"broken", "CONNECTION", true, keysInOrder, false},
		{"broken, key", "KEY", true, keysInOrder, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			engine := newShuffled()
			engine.broken = c.broken
			server := start(t, func(config *redis.Config) { config.Engine = engine })
			holds := func(run uint64) bool {
				prefix := fmt.Sprintf("%d:", run)
				return c.check(pipelines(t, []string{server.Addr().String()}, c.order, prefix, run))
			}
			run := uint64(0)
			if c.holds {
				for ; run < runs; run++ {
					require.True(t, holds(run), "run %d", run)
				}
				return
			}
			for holds(run) {
				run++
				require.Less(t, run, uint64(most), "runs without a violation")
			}
			t.Logf("seen in run %d", run)
		})
	}
}

// TestPipelineOrderReplicated shows KR1 on three processes with the clients at all of them.
func TestPipelineOrderReplicated(t *testing.T) {
	addresses, err := ports.Free(3)
	require.NoError(t, err)
	peers := map[process.ID]string{1: addresses[0], 2: addresses[1], 3: addresses[2]}
	dir := t.TempDir()
	var servers []string
	for id := range peers {
		r, err := node.OpenRegisters(node.RegistersConfig{
			Cluster: "test", Process: id, Dir: filepath.Join(dir, id.String()), Peers: peers, Logger: quiet(),
		})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, r.Close()) })
		server := start(t, func(c *redis.Config) { c.Engine = registers.New(r) })
		servers = append(servers, server.Addr().String())
	}
	for run := range uint64(5) {
		history := pipelines(t, servers, "CONNECTION", fmt.Sprintf("c%d:", run), run)
		assert.True(t, allInOrder(history), "run %d", run)
		history = pipelines(t, servers, "KEY", fmt.Sprintf("k%d:", run), run)
		assert.True(t, keysInOrder(history), "run %d", run)
	}
}

// held is an engine in memory whose Begins end once they are let go.
type held struct {
	*kvtest.Memory
	mu    sync.Mutex
	begun []string // Their keys.
	ends  chan struct{}
	let   chan struct{}
}

func newHeld() *held {
	return &held{Memory: kvtest.NewMemory(), ends: make(chan struct{}, 1), let: make(chan struct{})}
}

// Begin notes the key, and lets who waits for it wait.
func (h *held) Begin(
	ctx context.Context, key string, f func(kv.Item) (kv.Item, any),
) (end func() (kv.Item, any, error)) {
	h.mu.Lock()
	h.begun = append(h.begun, key)
	h.mu.Unlock()
	ended := h.Memory.Begin(ctx, key, f)
	return func() (kv.Item, any, error) {
		select {
		case h.ends <- struct{}{}:
		default:
		}
		<-h.let
		return ended()
	}
}

// together is the keys that are under way when the first of them is waited for.
func (h *held) together() []string {
	<-h.ends
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.begun)
}

// TestTogether shows what is under way together, and KR4: no more than the limits say, whatever comes.
func TestTogether(t *testing.T) {
	sets := func(n, size int, keys ...string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "SET %s %s\r\n", keys[i%len(keys)], strings.Repeat("x", size))
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		order, text string
		want        int
	}{
		"one key":                {"CONNECTION", sets(1000, 1, "a"), 20},
		"other keys":             {"CONNECTION", sets(1000, 1, "a", "b"), 1},
		"other keys, together":   {"KEY", sets(1000, 1, "a", "b"), 20},
		"long values":            {"KEY", sets(1000, 900, "a", "b"), 6},
		"one key, long values":   {"CONNECTION", sets(1000, 900, "a"), 6},
		"reads of one key share": {"CONNECTION", strings.Repeat("GET a\r\n", 10) + "PING\r\n", 1},
		"unless there are changes": {
			"CONNECTION", strings.Repeat("GET a\r\n", 10) + "SET a b\r\nPING\r\n", 11,
		},
		"several keys are alone": {"KEY", "SET a b\r\nDEL a b\r\nSET c d\r\nPING\r\n", 1},
		"no key is alone":        {"KEY", "SET a b\r\nPING\r\nSET c d\r\n", 1},
		"but for one of several": {"KEY", "SET a b\r\nDEL c\r\nSET d e\r\nPING\r\n", 3},
		"keys of one command":    {"CONNECTION", "DEL " + strings.Repeat("a ", 50) + "\r\n", 20},
	} {
		t.Run(name, func(t *testing.T) {
			engine := newHeld()
			server := start(t, func(config *redis.Config) {
				config.Engine = engine
				config.Limits = redis.Limits{Key: 1000, Value: 1000, Request: 6000, Pipeline: 20}
			})
			conn, in := raw(t, server)
			write(t, conn, "PAXON.ORDER "+c.order+"\r\n")
			require.Equal(t, "+OK", line(t, in))
			write(t, conn, c.text)
			assert.Len(t, engine.together(), c.want)
			close(engine.let)
		})
	}
}

// TestPipelineAnswers shows that answers come in order, whatever is in the middle.
func TestPipelineAnswers(t *testing.T) {
	server := start(t, func(c *redis.Config) { c.Engine, c.Limits.Arguments = newShuffled(), 9 })
	for _, order := range []string{"CONNECTION", "KEY"} {
		conn, in := raw(t, server)
		steps := []struct{ ask, want string }{
			{"FLUSHALL", "+OK"},
			{"PAXON.ORDER x", "-ERR PAXON.ORDER takes CONNECTION or KEY"},
			{"PAXON.ORDER", "$10\r\nCONNECTION"},
			{"PAXON.ORDER " + strings.ToLower(order), "+OK"},
			{"PAXON.ORDER", fmt.Sprintf("$%d\r\n%s", len(order), order)},
			{"PAXON.ORDER a b", "-ERR wrong number of arguments for 'paxon.order' command"},
			{"SET a x", "+OK"},
			{"INCR a", "-ERR value is not an integer or out of range"},
			{"GET a", "$1\r\nx"},
			{"GET", "-ERR wrong number of arguments for 'get' command"},
			{"SET b 1 EX x", "-ERR value is not an integer or out of range"},
			{"INCR b", ":1"},
			{"EXPIREAT a 1", "-ERR times of day are not supported, because the clocks of the processes are " +
				"not trusted to agree: give a duration (EX, PX, EXPIRE, PEXPIRE)"},
			{"SET a 5", "+OK"},
			{"INCR a", ":6"},
			{"none a", "-ERR unknown command 'none', with args beginning with: 'a' "},
			{"ECHO c", "$1\r\nc"},
			{"MGET a b", "*2\r\n$1\r\n6\r\n$1\r\n1"},
			{"DEL a b", ":2"},
			{"GET a", "$-1"},
		}
		var text strings.Builder
		for _, step := range steps {
			text.WriteString(step.ask + "\r\n")
		}
		write(t, conn, text.String())
		for _, step := range steps {
			for want := range strings.SplitSeq(step.want, "\r\n") {
				require.Equal(t, want, line(t, in), "%s: %s", order, step.ask)
			}
		}
		write(t, conn, "SET a 1\r\nGET a\r\n"+strings.Repeat("x ", 10)+"\r\nINCR a\r\n*x\r\n")
		for _, want := range []string{
			"+OK", "$1", "1", "-ERR the command has 10 arguments, the limit is 9", ":2",
			"-ERR Protocol error: invalid multibulk length",
		} {
			require.Equal(t, want, line(t, in), order)
		}
	}
}

// TestDisconnect shows that what came whole from a client that goes is carried out, each command once,
// and nothing else.
func TestDisconnect(t *testing.T) {
	engine := newShuffled()
	server := start(t, func(c *redis.Config) { c.Engine = engine })
	c := dial(t, server)
	for _, order := range []string{"CONNECTION", "KEY"} {
		require.NoError(t, c.FlushAll(t.Context()).Err())
		conn, in := raw(t, server)
		write(t, conn, "PAXON.ORDER "+order+"\r\n")
		require.Equal(t, "+OK", line(t, in))
		const whole = 500
		var text strings.Builder
		for i := range whole {
			fmt.Fprintf(&text, "INCR %d\r\n", i%10)
		}
		write(t, conn, text.String()+"*2\r\n$4\r\nINCR\r\n$4\r\nhal")
		require.NoError(t, conn.(*net.TCPConn).SetLinger(-1))
		require.NoError(t, conn.Close())
		require.Eventually(t, func() bool {
			return strings.Contains(c.Info(t.Context(), "clients").Val(), "connected_clients:1\r\n")
		}, 10*time.Second, time.Millisecond)
		for i := range 10 {
			assert.Equal(t, strconv.Itoa(whole/10), c.Get(t.Context(), strconv.Itoa(i)).Val())
		}
		assert.EqualValues(t, 10, c.DBSize(t.Context()).Val())
	}
}
