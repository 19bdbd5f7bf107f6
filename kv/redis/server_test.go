package redis_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/kv"
	"paxon/kv/kvtest"
	"paxon/kv/redis"
)

// stubborn is an engine whose reads wait until they are let go or their context ends.
type stubborn struct {
	kv.Engine
	asked  chan struct{}
	answer chan error
}

func newStubborn() *stubborn {
	return &stubborn{kvtest.NewMemory(), make(chan struct{}, 10), make(chan error)}
}

func (s *stubborn) Read(ctx context.Context, key string) (kv.Item, error) {
	s.asked <- struct{}{}
	select {
	case err := <-s.answer:
		if err != nil {
			return kv.Item{}, err
		}
		return s.Engine.Read(ctx, key)
	case <-ctx.Done():
		return kv.Item{}, ctx.Err()
	}
}

// Begin begins when it ends.
func (s *stubborn) Begin(
	ctx context.Context, key string, f func(kv.Item) (kv.Item, any),
) (end func() (kv.Item, any, error)) {
	return kvtest.Late(ctx, s, key, f)
}

// raw is a connection without a client library.
func raw(t *testing.T, server *redis.Server) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	return conn, bufio.NewReader(conn)
}

func write(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	_, err := io.WriteString(conn, text)
	require.NoError(t, err)
}

func line(t *testing.T, in *bufio.Reader) string {
	t.Helper()
	text, err := in.ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSuffix(text, "\r\n")
}

// TestOrder shows KR1: answers come in order, and before the rest of a command is waited for.
func TestOrder(t *testing.T) {
	conn, in := raw(t, start(t, nil))
	const n = 10_000
	write(t, conn, strings.Repeat("INCR n\r\n", n)+"*2\r\n$3\r\nGET\r\n$1\r\n")
	for i := range n {
		require.Equal(t, ":"+strconv.Itoa(i+1), line(t, in))
	}
	write(t, conn, "n\r\n")
	assert.Equal(t, "$5", line(t, in))
}

// TestLimits shows KR4: what is too long is passed over, and the connection goes on.
func TestLimits(t *testing.T) {
	const limitKey, limitValue = 10, 100
	server := start(t, func(c *redis.Config) {
		c.Limits = redis.Limits{
			Key: limitKey, Value: limitValue, Arguments: 8, Request: 150, Answer: 250,
		}
	})
	c := dial(t, server)
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, step := range []struct {
		want string // A part of the error, none if it is empty.
		args []any
	}{
		{"", []any{"set", long(limitKey), long(limitValue)}},
		{"ERR the key has 11 bytes, the limit is 10", []any{"set", long(limitKey + 1), "x"}},
		{"ERR the key has 11 bytes", []any{"mget", "a", long(limitKey + 1)}},
		{"ERR the key has 11 bytes", []any{"mset", "a", "b", long(limitKey + 1), "x"}},
		{"", []any{"mset", "a", long(limitKey + 1)}},
		{"ERR the argument has 101 bytes, the limit is 100", []any{"set", "a", long(limitValue + 1)}},
		{"ERR the argument has 1000000 bytes, the limit is 100", []any{"set", "a", long(1_000_000)}},
		{"ERR the arguments have more than 150 bytes together", []any{"mset", "a", long(90), "b", long(90)}},
		{"ERR the command has 9 arguments, the limit is 8", []any{"del", 1, 2, 3, 4, 5, 6, 7, 8}},
		{"", []any{"del", 1, 2, 3, 4, 5, 6, 7}},
		{"", []any{"append", "a", long(50)}},
		{"ERR the value has 161 bytes, the limit is 100", []any{"append", "a", long(100)}},
		{"", []any{"mset", "a", long(100)}},
		{"", []any{"mget", "a", "a"}},
		{"ERR the answer would have more than 250 bytes, ask for less", []any{"mget", "a", "a", "a"}},
		{"ERR the answer would have more than 250 bytes, ask for less", []any{"command"}},
		{"", []any{"ping"}},
	} {
		err := c.Do(t.Context(), step.args...).Err()
		if step.want == "" {
			require.NoError(t, err, step.args[0])
		} else {
			require.ErrorContains(t, err, step.want)
		}
	}
	for i := range 30 {
		require.NoError(t, c.Set(t.Context(), fmt.Sprintf("key %d", i+100), "x", 0).Err())
	}
	assert.ErrorContains(t, c.Keys(t.Context(), "*").Err(), "ERR the answer would have more than")
	assert.NoError(t, c.FlushAll(t.Context()).Err())

	conn, in := raw(t, server)
	write(t, conn, "del 1 2 3 4 5 6 7 8\r\nping\r\n")
	assert.Equal(t, "-ERR the command has 9 arguments, the limit is 8", line(t, in))
	assert.Equal(t, "+PONG", line(t, in))
	for text, want := range map[string]string{
		strings.Repeat("x", 70_000):             "too big inline request",
		"*" + strings.Repeat("1", 70_000):       "too big inline request",
		"*1\r\n$" + strings.Repeat("1", 70_000): "too big bulk count string",
		"*1048577\r\n":                          "invalid multibulk length",
	} {
		conn, in := raw(t, server)
		write(t, conn, text)
		assert.Equal(t, "-ERR Protocol error: "+want, line(t, in))
	}
}

// TestUnknown shows KR3: what is not known to have happened is not said to have.
func TestUnknown(t *testing.T) {
	engine := newStubborn()
	c := dial(t, start(t, func(c *redis.Config) {
		c.Engine, c.Timeout = engine, 50*time.Millisecond
	}))
	assert.EqualError(t, c.Get(t.Context(), "a").Err(),
		"TRYAGAIN the outcome is not known: no answer from enough processes within 50ms")
	go func() { engine.answer <- errors.New("the disk is full") }()
	assert.EqualError(t, c.Get(t.Context(), "a").Err(), "TRYAGAIN the outcome is not known: the disk is full")
	assert.NoError(t, c.Set(t.Context(), "a", "x", 0).Err())
}

// failing is an engine that cannot serve.
type failing struct{ kv.Engine }

var errMajority = errors.New("no majority")

func (failing) Change(
	context.Context, string, func(kv.Item) (kv.Item, any),
) (kv.Item, any, error) {
	return kv.Item{}, nil, errMajority
}

// Begin begins when it ends.
func (f failing) Begin(
	ctx context.Context, key string, c func(kv.Item) (kv.Item, any),
) (end func() (kv.Item, any, error)) {
	return kvtest.Late(ctx, f, key, c)
}

func (failing) Read(context.Context, string) (kv.Item, error) { return kv.Item{}, errMajority }

func (failing) List(context.Context, uint64, int) ([]string, uint64, error) {
	return nil, 0, errMajority
}

// TestNoMajority shows KR3 for every command that needs the engine.
func TestNoMajority(t *testing.T) {
	c := dial(t, start(t, func(c *redis.Config) { c.Engine = failing{c.Engine} }))
	for _, command := range []string{
		"get a", "set a b", "setnx a b", "setex a 1 b", "psetex a 1 b", "getset a b", "getdel a",
		"append a b", "strlen a", "mget a", "mget a b", "mset a b", "mset a b c d", "incr a", "decr a",
		"incrby a 1", "decrby a 1", "del a", "del a b", "exists a", "type a", "keys *", "scan 0",
		"dbsize", "flushdb", "flushall", "ttl a", "pttl a", "expire a 1", "pexpire a 1", "persist a",
		"paxon.get a", "paxon.cas a 0 b",
	} {
		var args []any
		for word := range strings.FieldsSeq(command) {
			args = append(args, word)
		}
		err := c.Do(t.Context(), args...).Err()
		assert.EqualError(t, err, "TRYAGAIN the outcome is not known: no majority", command)
	}
	for _, command := range []string{"ping", "info", "command"} {
		assert.NoError(t, c.Do(t.Context(), command).Err(), command)
	}
}

// TestForeign shows that bytes which are no value are neither answered nor written over by what
// reads first.
func TestForeign(t *testing.T) {
	engine := kvtest.NewMemory()
	_, _, err := engine.Change(t.Context(), "a", func(kv.Item) (kv.Item, any) {
		return kv.Item{Exists: true, Value: []byte("?")}, nil
	})
	require.NoError(t, err)
	c := dial(t, start(t, func(c *redis.Config) { c.Engine = engine }))
	for _, err := range []error{
		c.Get(t.Context(), "a").Err(), c.Set(t.Context(), "a", "x", 0).Err(),
		c.Incr(t.Context(), "a").Err(), c.MGet(t.Context(), "a", "b").Err(),
	} {
		assert.ErrorContains(t, err, "ERR an item begins with format 63, expected 1 or 2")
	}
}

// TestClose shows KR6: a command under way is answered, and so is what was asked before it; those
// who wait for nothing are let go, and nobody new comes in.
func TestClose(t *testing.T) {
	engine := newStubborn()
	server := start(t, func(c *redis.Config) { c.Engine = engine })
	conn, in := raw(t, server)
	idle, idleIn := raw(t, server)
	write(t, idle, "PING\r\n")
	require.Equal(t, "+PONG", line(t, idleIn))
	write(t, conn, "PING\r\nGET a\r\nPING\r\n")
	<-engine.asked
	closed := make(chan error)
	go func() { closed <- server.Close(t.Context()) }()
	_, err := idleIn.ReadByte()
	require.ErrorIs(t, err, io.EOF)
	engine.answer <- nil
	assert.Equal(t, "+PONG", line(t, in))
	assert.Equal(t, "$-1", line(t, in))
	require.NoError(t, <-closed)
	_, err = new(net.Dialer).DialContext(t.Context(), "tcp", server.Addr().String())
	require.Error(t, err)
}

// TestCloseAtOnce shows that Close does not wait for longer than it may, and what is under way
// then is answered as unknown.
func TestCloseAtOnce(t *testing.T) {
	engine := newStubborn()
	server := start(t, func(c *redis.Config) { c.Engine = engine })
	conn, in := raw(t, server)
	write(t, conn, "GET a\r\n")
	<-engine.asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, server.Close(ctx), context.Canceled)
	assert.Equal(t, "-TRYAGAIN the outcome is not known: this process is closing", line(t, in))
}

// TestConnections shows that there are so many at a time and no more.
func TestConnections(t *testing.T) {
	server := start(t, func(c *redis.Config) { c.Limits.Connections = 2 })
	first, firstIn := raw(t, server)
	write(t, first, "PING\r\n")
	require.Equal(t, "+PONG", line(t, firstIn))
	second, secondIn := raw(t, server)
	write(t, second, "PING\r\n")
	require.Equal(t, "+PONG", line(t, secondIn))
	_, in := raw(t, server)
	assert.Equal(t, "-ERR max number of clients reached", line(t, in))
	write(t, second, "QUIT\r\n")
	require.Equal(t, "+OK", line(t, secondIn))
	_, err := secondIn.ReadByte()
	require.ErrorIs(t, err, io.EOF)
	for answer := ""; answer != "+PONG\r\n"; { // The place is free soon after the end was seen.
		conn, in := raw(t, server)
		_, _ = io.WriteString(conn, "PING\r\n") // It may be closed already.
		answer, err = in.ReadString('\n')
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
	}
}

// TestUnread shows that a client which does not read its answers is let go, with what waits for it.
func TestUnread(t *testing.T) {
	var carried atomic.Int64
	server := start(t, func(c *redis.Config) {
		c.Timeout = 50 * time.Millisecond
		c.Engine = &counting{c.Engine, &carried}
	})
	c := dial(t, server)
	require.NoError(t, c.Set(t.Context(), "a", strings.Repeat("x", 1<<20), 0).Err())
	conn, _ := raw(t, server)
	const asked = 1000
	write(t, conn, strings.Repeat("GET a\r\nGET b\r\n", asked))
	require.Eventually(t, func() bool {
		return strings.Contains(c.Info(t.Context(), "clients").Val(), "connected_clients:1\r\n")
	}, 10*time.Second, 5*time.Millisecond)
	assert.Less(t, carried.Load(), int64(100), "commands carried out for nobody")
}

// counting counts reads.
type counting struct {
	kv.Engine
	n *atomic.Int64
}

func (c *counting) Read(ctx context.Context, key string) (kv.Item, error) {
	c.n.Add(1)
	return c.Engine.Read(ctx, key)
}

// Begin begins when it ends.
func (c *counting) Begin(
	ctx context.Context, key string, f func(kv.Item) (kv.Item, any),
) (end func() (kv.Item, any, error)) {
	return kvtest.Late(ctx, c, key, f)
}

func TestConfig(t *testing.T) {
	for name, adapt := range map[string]func(*redis.Config){
		"Engine, Expiry or Logger": func(c *redis.Config) { c.Engine = nil },
		"Timeout":                  func(c *redis.Config) { c.Timeout = -1 },
		"Limits":                   func(c *redis.Config) { c.Limits.Connections = -1 },
		"Limits.Request":           func(c *redis.Config) { c.Limits.Request = 1 },
	} {
		config := redis.Config{Address: "127.0.0.1:0", Engine: kvtest.NewMemory(), Logger: quiet()}
		config.Expiry = kv.NewExpiry(config.Engine, time.Second, quiet())
		adapt(&config)
		_, err := redis.Listen(config)
		var wrong *redis.ConfigError
		require.ErrorAs(t, err, &wrong, name)
		assert.Equal(t, name, wrong.Key)
		assert.ErrorContains(t, err, ", expected ")
	}
	config := redis.Config{Address: "127.0.0.1:-1", Engine: kvtest.NewMemory(), Logger: quiet()}
	config.Expiry = kv.NewExpiry(config.Engine, time.Second, quiet())
	_, err := redis.Listen(config)
	require.Error(t, err)
}
