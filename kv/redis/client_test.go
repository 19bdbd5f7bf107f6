package redis_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCommands has a client library of others send every command that it has a method for.
func TestCommands(t *testing.T) {
	c := dial(t, start(t, nil))
	ctx := t.Context()
	for _, step := range []struct {
		cmd  goredis.Cmder
		want string // As the library prints the answer.
	}{
		{c.Get(ctx, "a"), "get a: redis: nil"},
		{c.Set(ctx, "a", "1", 0), "set a 1: OK"},
		{c.Get(ctx, "a"), "get a: 1"},
		{c.SetNX(ctx, "a", "2", 0), "set a 2 nx: false"},
		{c.SetXX(ctx, "a", "2", 0), "set a 2 xx: true"},
		{c.SetNX(ctx, "b", "2", time.Hour), "set b 2 ex 3600 nx: true"},
		{c.SetArgs(ctx, "b", "3", goredis.SetArgs{Get: true, KeepTTL: true}), "set b 3 keepttl get: 2"},
		{c.TTL(ctx, "b"), "ttl b: 1h0m0s"},
		{c.Persist(ctx, "b"), "persist b: true"},
		{c.TTL(ctx, "b"), "ttl b: -1ns"},
		{c.PTTL(ctx, "none"), "pttl none: -2ns"},
		{c.Expire(ctx, "b", time.Hour), "expire b 3600: true"},
		{c.ExpireNX(ctx, "b", time.Minute), "expire b 60 NX: false"},
		{c.ExpireXX(ctx, "b", time.Minute), "expire b 60 XX: true"},
		{c.PExpire(ctx, "none", time.Hour), "pexpire none 3600000: false"},
		{c.Do(ctx, "setex", "c", 3600, "x"), "setex c 3600 x: OK"},
		{c.Do(ctx, "getset", "c", "y"), "getset c y: x"},
		{c.Append(ctx, "c", "z"), "append c z: 2"},
		{c.StrLen(ctx, "c"), "strlen c: 2"},
		{c.GetDel(ctx, "c"), "getdel c: yz"},
		{c.Incr(ctx, "n"), "incr n: 1"},
		{c.IncrBy(ctx, "n", 10), "incrby n 10: 11"},
		{c.Decr(ctx, "n"), "decr n: 10"},
		{c.DecrBy(ctx, "n", 20), "decrby n 20: -10"},
		{c.MSet(ctx, "x", "1", "y", "2"), "mset x 1 y 2: OK"},
		{c.MGet(ctx, "x", "none", "y"), "mget x none y: [1 <nil> 2]"},
		{c.Exists(ctx, "x", "x", "none"), "exists x x none: 2"},
		{c.Type(ctx, "x"), "type x: string"},
		{c.Keys(ctx, "[xX]"), "keys [xX]: [x]"},
		{c.DBSize(ctx), "dbsize: 5"},
		{c.Del(ctx, "x", "y", "none"), "del x y none: 2"},
		{c.Ping(ctx), "ping: PONG"},
		{c.Echo(ctx, "hello"), "echo hello: hello"},
		{c.Do(ctx, "select", 0), "select 0: OK"},
		{c.ConfigGet(ctx, "save"), "config get save: map[save:]"},
		{c.ConfigGet(ctx, "data*"), "config get data*: map[databases:1]"},
		{c.ClientID(ctx), "client id: 1"},
		{c.ClientGetName(ctx), "client getname: redis: nil"},
		{c.FlushAll(ctx), "flushall: OK"},
		{c.DBSize(ctx), "dbsize: 0"},
		{c.FlushDB(ctx), "flushdb: OK"},
		{c.Do(ctx, "hello", 3), "hello 3: NOPROTO unsupported protocol version"},
		{c.Do(ctx, "client", "setinfo", "lib-name", "x"), "client setinfo lib-name x: OK"},
		{c.Do(ctx, "client", "setinfo", "x", "x"), "client setinfo x x: ERR Unrecognized option 'x'"},
	} {
		assert.Equal(t, step.want, step.cmd.String())
	}
}

// TestVersions shows our own commands: a version stands for a value, over deletions too.
func TestVersions(t *testing.T) {
	c := dial(t, start(t, nil))
	ask := func(args ...any) string { return c.Do(t.Context(), args...).String() }
	assert.Equal(t, "PAXON.GET a: redis: nil", ask("PAXON.GET", "a"))
	assert.Equal(t, "PAXON.CAS a 1 x: redis: nil", ask("PAXON.CAS", "a", 1, "x"))
	assert.Equal(t, "PAXON.CAS a 0 x: 1", ask("PAXON.CAS", "a", 0, "x"))
	assert.Equal(t, "PAXON.CAS a 0 y: redis: nil", ask("PAXON.CAS", "a", 0, "y"))
	assert.Equal(t, "PAXON.GET a: [1 x]", ask("PAXON.GET", "a"))
	assert.Equal(t, "PAXON.CAS a 1 x: 2", ask("PAXON.CAS", "a", 1, "x"), "with the same value")
	assert.Equal(t, "PAXON.CAS a 1 y: redis: nil", ask("PAXON.CAS", "a", 1, "y"))
	assert.Equal(t, "expire a 100: 1", ask("expire", "a", 100))
	assert.Equal(t, "PAXON.CAS a 2 y: redis: nil", ask("PAXON.CAS", "a", 2, "y"))
	assert.Equal(t, "PAXON.CAS a 3 y: 4", ask("PAXON.CAS", "a", 3, "y"))
	assert.Equal(t, "ttl a: -1", ask("ttl", "a"), "it takes the TTL away")
	assert.Equal(t, "del a: 1", ask("del", "a"))
	assert.Equal(t, "PAXON.GET a: redis: nil", ask("PAXON.GET", "a"))
	assert.Equal(t, "PAXON.CAS a 5 z: redis: nil", ask("PAXON.CAS", "a", 5, "z"))
	assert.Equal(t, "PAXON.CAS a 0 z: 6", ask("PAXON.CAS", "a", 0, "z"))
	for _, wrong := range []string{"x", "-1", "01", "9223372036854775808", ""} {
		assert.ErrorContains(t, c.Do(t.Context(), "PAXON.CAS", "a", wrong, "z").Err(),
			"ERR version is not an integer or out of range", wrong)
	}
}

// TestRefused shows what Redis has and we refuse, with the reason.
func TestRefused(t *testing.T) {
	c := dial(t, start(t, nil))
	for _, args := range [][]any{
		{"set", "a", "b", "exat", 1},
		{"set", "a", "b", "PXAT", 1, "nx"},
		{"expireat", "a", 1},
		{"pexpireat", "a", 1},
		{"expire", "a", 1, "gt"},
		{"expire", "a", 1, "LT"},
	} {
		err := c.Do(t.Context(), args...).Err()
		assert.ErrorContains(t, err, "clocks of the processes are not trusted", args)
	}
	err := c.Do(t.Context(), "select", 1).Err()
	assert.ErrorContains(t, err, "ERR DB index is out of range")
	err = c.Do(t.Context(), "cluster", "info").Err()
	assert.ErrorContains(t, err, "ERR unknown command 'cluster'")
	err = c.Do(t.Context(), "setex", "a", 9223372037, "b").Err()
	assert.ErrorContains(t, err, "ERR invalid expire time in 'setex'", "some 292 years")
}

// TestScan walks through more keys than come at a time.
func TestScan(t *testing.T) {
	c := dial(t, start(t, nil))
	const n = 2500
	pipe := c.Pipeline()
	want := map[string]bool{}
	for i := range n {
		pipe.Set(t.Context(), "key "+strconv.Itoa(i), i, 0)
		want["key "+strconv.Itoa(i)] = true
	}
	pipe.Set(t.Context(), "other", 0, 0)
	_, err := pipe.Exec(t.Context())
	require.NoError(t, err)
	got := map[string]bool{}
	all := c.Scan(t.Context(), 0, "key*", 100).Iterator()
	for all.Next(t.Context()) {
		got[all.Val()] = true
	}
	require.NoError(t, all.Err())
	assert.Equal(t, want, got)
	assert.EqualValues(t, n+1, c.DBSize(t.Context()).Val())
	assert.Len(t, c.Keys(t.Context(), "key *").Val(), n)
	none := c.ScanType(t.Context(), 0, "*", 10000, "hash")
	require.NoError(t, none.Err())
	keys, _ := none.Val()
	assert.Empty(t, keys)
	require.NoError(t, c.FlushDBAsync(t.Context()).Err())
	assert.Zero(t, c.DBSize(t.Context()).Val())
}

// TestMany shows that changes of many clients at one key are each applied once, and that commands
// on several keys take them all.
func TestMany(t *testing.T) {
	c := dial(t, start(t, nil))
	const clients, each = 8, 100
	errs := make(chan error)
	for range clients {
		go func() {
			var err error
			for range each {
				if e := c.Incr(context.Background(), "n").Err(); e != nil {
					err = e
				}
			}
			errs <- err
		}()
	}
	for range clients {
		require.NoError(t, <-errs)
	}
	assert.Equal(t, strconv.Itoa(clients*each), c.Get(t.Context(), "n").Val())

	var pairs []any
	var names []string
	for i := range 1000 {
		names = append(names, fmt.Sprint(i))
		pairs = append(pairs, i, i)
	}
	require.NoError(t, c.MSet(t.Context(), pairs...).Err())
	for i, v := range c.MGet(t.Context(), names...).Val() {
		require.Equal(t, names[i], v)
	}
	assert.EqualValues(t, 1000, c.Exists(t.Context(), names...).Val())
	assert.EqualValues(t, 1000, c.Del(t.Context(), append(names, names...)...).Val())
}

// TestAbout shows what programs ask to know a server.
func TestAbout(t *testing.T) {
	c := dial(t, start(t, nil))
	info, err := c.Info(t.Context()).Result()
	require.NoError(t, err)
	for _, line := range []string{
		"# Server\r\nredis_version:7", "# Clients\r\nconnected_clients:1\r\n",
		"\r\n\r\n# Memory\r\nkeys_ever:0\r\n",
	} {
		assert.Contains(t, info, line)
	}
	assert.Equal(t, "# Memory\r\nkeys_ever:0\r\n", c.Info(t.Context(), "memory").Val())
	assert.Equal(t, info[:20], c.Info(t.Context(), "everything").Val()[:20])

	commands, err := c.Command(t.Context()).Result()
	require.NoError(t, err)
	require.NotNil(t, commands["mset"])
	assert.EqualValues(t, -3, commands["mset"].Arity)
	assert.EqualValues(t, 2, commands["mset"].StepCount)
	assert.True(t, commands["get"].ReadOnly)
	count := c.Do(t.Context(), "command", "count").Val()
	assert.EqualValues(t, len(commands), count)
	assert.Len(t, c.Do(t.Context(), "command", "list").Val(), len(commands))
	assert.Len(t, c.Do(t.Context(), "command", "info").Val(), len(commands))
	assert.Len(t, c.Do(t.Context(), "command", "info", "get", "set").Val(), 2)
	assert.Len(t, c.Do(t.Context(), "command", "docs").Val(), 2*len(commands))
	assert.Equal(t, []any{"get", []any{"summary", "Get a value", "group", "generic"}},
		c.Do(t.Context(), "command", "docs", "GET", "none").Val())
}

// TestExpires shows that a key goes by itself, not early, and that TTL tells what is left.
func TestExpires(t *testing.T) {
	c := dial(t, start(t, nil))
	const ttl = 50 * time.Millisecond
	require.NoError(t, c.Set(t.Context(), "a", "x", ttl).Err())
	set := time.Now()
	for {
		left := c.PTTL(t.Context(), "a").Val()
		if left < 0 {
			break
		}
		require.LessOrEqual(t, left, ttl)
		require.GreaterOrEqual(t, left, time.Millisecond)
	}
	// The answer to SET took some time to come here, and this process's clock is the server's.
	assert.Greater(t, time.Since(set), ttl*9/10)
	assert.Zero(t, c.Exists(t.Context(), "a").Val())
	assert.Contains(t, c.Info(t.Context()).Val(), "watched_keys_with_ttl:0")
}

// TestHello shows that what HELLO asks for is done, and that nothing is if it fails.
func TestHello(t *testing.T) {
	conn := dial(t, start(t, nil)).Conn() // One connection, for its name.
	t.Cleanup(func() { assert.NoError(t, conn.Close()) })
	ask := func(args ...any) *goredis.Cmd {
		cmd := goredis.NewCmd(t.Context(), args...)
		_ = conn.Process(t.Context(), cmd) // The command has the error.
		return cmd
	}
	answer, err := ask("hello", 2, "auth", "default", "x", "setname", "me").Slice()
	require.NoError(t, err)
	require.Len(t, answer, 14)
	assert.Equal(t, []any{"server", "redis", "version"}, answer[:3])
	assert.Equal(t, []any{"proto", int64(2), "id", int64(1)}, answer[4:8])
	assert.Equal(t, "me", ask("client", "getname").Val())
	require.NoError(t, ask("hello").Err())
	err = ask("hello", 2, "setname", "you", "foo").Err()
	assert.ErrorContains(t, err, "ERR Syntax error in HELLO option 'foo'")
	assert.ErrorContains(t, ask("hello", 2, "setname", "you", "setname").Err(), "option 'setname'")
	assert.ErrorContains(t, ask("hello", 3, "setname", "you").Err(), "NOPROTO")
	assert.Equal(t, "me", ask("client", "getname").Val())
	require.NoError(t, ask("client", "setname", "").Err())
	assert.ErrorIs(t, ask("client", "getname").Err(), goredis.Nil)
}
