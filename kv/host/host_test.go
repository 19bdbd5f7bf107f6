package host_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"paxon/internal/ports"
	"paxon/kv/host"
	"paxon/node"
	"paxon/process"
)

// open starts a process of a cluster, and gives a client of it.
func open(t *testing.T, id process.ID, join bool, peers map[process.ID]string) *redis.Client {
	t.Helper()
	log := logrus.New()
	log.SetOutput(io.Discard)
	p, err := host.Open(host.Config{
		Cluster: "test", Process: id, Peers: peers, Join: join, Logger: log,
		Dir: filepath.Join(t.TempDir(), "d"), Redis: "127.0.0.1:0",
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	client := redis.NewClient(&redis.Options{
		Addr: p.Clients().String(), Protocol: 2, DisableIdentity: true, MaxRetries: -1,
	})
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

// TestMembers grows a cluster of one, and shrinks it to the other one.
func TestMembers(t *testing.T) {
	addresses, err := ports.Free(2)
	require.NoError(t, err)
	alone := map[process.ID]string{1: addresses[0]}
	both := map[process.ID]string{1: addresses[0], 2: addresses[1]}
	c1, c2 := open(t, 1, false, alone), open(t, 2, true, both)
	require.NoError(t, c1.Set(t.Context(), "k", "v", 0).Err())
	members := func(c *redis.Client, args ...any) ([]string, error) {
		return c.Do(t.Context(), append([]any{"PAXON.MEMBERS"}, args...)...).StringSlice()
	}
	until := func(c *redis.Client, lines ...string) {
		t.Helper()
		for {
			list, err := members(c, "list")
			require.NoError(t, err)
			if len(list) == len(lines)+1 {
				require.Contains(t, list[0], "epoch ")
				same := true
				for i, line := range lines {
					same = same && list[i+1] == line
				}
				if same {
					return
				}
			}
		}
	}
	require.ErrorContains(t, c2.Set(t.Context(), "k", "w", 0).Err(),
		"p2 is not a member: expected one of [p1]")
	for range 2 { // Given again, it does no harm.
		answer, err := members(c1, "add", 2, addresses[1])
		require.NoError(t, err)
		require.Len(t, answer, 3)
		require.Contains(t, []string{"target 1 2", "target "}, answer[1])
		until(c1, "target ", "member 1 "+addresses[0]+" here", "member 2 "+addresses[1]+" connected")
	}
	require.Equal(t, "v", c2.Get(t.Context(), "k").Val())

	for expected, args := range map[string][]any{
		"expected LIST, ADD ID HOST:PORT":       nil,
		"x y: expected LIST, ADD ID":            {"x", "y"},
		"process \"0\": expected a number from": {"add", 0, "a:1"},
		"process \"y\": expected a number from": {"replace", 1, "y", "a:1"},
		"expected host:port":                    {"add", 3, "nowhere"},
		"expected that one that stays is asked": {"remove", 2},
		"itself: expected that one that stays":  {"remove-proposer", 2},
		"process \"z\": expected a number":      {"add-proposer", "z", "a:1"},
		"members: 3: \"\": expected host:port":  {"add-proposer", 3, ""},
	} {
		_, err := members(c2, args...)
		require.ErrorContains(t, err, expected)
	}
	_, err = members(c2, "remove", 1)
	require.NoError(t, err)
	until(c2, "target ", "none 1 "+addresses[0]+" connected", "member 2 "+addresses[1]+" here")
	require.NoError(t, c2.Set(t.Context(), "k", "w", 0).Err())
	_, err = members(c1, "remove", 2)
	require.ErrorContains(t, err, "expected")
}

// TestProposers has a process serve clients that keeps nothing, and one keep copies that serves nobody.
func TestProposers(t *testing.T) {
	addresses, err := ports.Free(2)
	require.NoError(t, err)
	c1 := open(t, 1, false, map[process.ID]string{1: addresses[0]})
	c2 := open(t, 2, true, map[process.ID]string{1: addresses[0], 2: addresses[1]})
	do := func(c *redis.Client, expected string, args ...any) {
		t.Helper()
		for range 2 { // Given again, it does no harm.
			answer, err := c.Do(t.Context(), append([]any{"PAXON.MEMBERS"}, args...)...).StringSlice()
			require.NoError(t, err)
			require.Equal(t, []string{"target ", expected}, answer[1:])
		}
	}
	lines := func(c *redis.Client, expected ...string) {
		t.Helper()
		list, err := c.Do(t.Context(), "PAXON.MEMBERS", "LIST").StringSlice()
		require.NoError(t, err)
		require.Len(t, list, 4)
		for i, line := range expected {
			require.Contains(t, list[i+2], line+" "+addresses[i])
		}
	}
	set := func(c *redis.Client, value string) { // It may have to hear first that it may.
		t.Helper()
		for {
			err := c.Set(t.Context(), "k", value, 0).Err()
			if err == nil {
				return
			}
			require.ErrorContains(t, err, "p2 is not a member")
		}
	}
	require.NoError(t, c1.Set(t.Context(), "k", "v", 0).Err())
	do(c1, "proposers 1 2", "add-proposer", 2, addresses[1])
	lines(c1, "member 1", "proposer 2")
	set(c2, "w")
	require.Equal(t, "w", c1.Get(t.Context(), "k").Val())

	err = c1.Do(t.Context(), "PAXON.MEMBERS", "REPLACE", 2, 3, "a:1").Err()
	require.ErrorContains(t, err, "process 2, which has no copies to replace: expected ADD-PROPOSER 3")
	require.NoError(t, c1.Do(t.Context(), "PAXON.MEMBERS", "remove", 2).Err())
	do(c1, "proposers 1", "remove-proposer", 2)
	lines(c1, "member 1", "none 2")
	require.ErrorContains(t, c2.Set(t.Context(), "k", "x", 0).Err(), "p2 is not a member")

	do(c1, "proposers 1 2", "add-proposer", 2, addresses[1])
	set(c2, "y")
	for _, command := range []string{"remove", "remove-proposer"} {
		err = c2.Do(t.Context(), "PAXON.MEMBERS", command, 1).Err()
		require.ErrorContains(t, err, "expected one that stays to do both")
	}
	lines(c2, "member 1", "proposer 2")
}

// TestMembersAtOnce has two processes asked for changes at once, each of which knows nothing of the other's.
func TestMembersAtOnce(t *testing.T) {
	addresses, err := ports.Free(4)
	require.NoError(t, err)
	peers := map[process.ID]string{1: addresses[0], 2: addresses[1]}
	clients := []*redis.Client{open(t, 1, false, peers), open(t, 2, false, peers)}
	for i := range 2 {
		id := process.ID(i + 3)
		open(t, id, true, map[process.ID]string{1: addresses[0], id: addresses[i+2]})
	}
	var g errgroup.Group
	for i, c := range clients {
		g.Go(func() error { return c.Do(t.Context(), "PAXON.MEMBERS", "ADD", i+3, addresses[i+2]).Err() })
	}
	require.NoError(t, g.Wait())
	for _, c := range clients {
		for {
			list, err := c.Do(t.Context(), "PAXON.MEMBERS", "LIST").StringSlice()
			require.NoError(t, err)
			text := strings.Join(list, "\n")
			if list[1] == "target " && strings.Contains(text, "member 3") {
				require.Contains(t, text, "member 4")
				break
			}
		}
	}
}

// TestReadConfig reads what there can be in a file.
func TestReadConfig(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kv.yaml")
	text := "cluster: c\nprocess: 1\ndir: d\nredis: 127.0.0.1:1\nfsync: false\nlog: warn\n" +
		"peers: {1: 'a:1', 2: 'a:2', 3: 'a:3'}\nprepare: 3\naccept: [[1], [3, 2]]\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	c, err := host.ReadConfig(path)
	require.NoError(t, err)
	require.Equal(t, host.Quorums{Least: 3}, c.Prepare)
	require.Equal(t, host.Quorums{Sets: [][]process.ID{{1}, {2, 3}}}, c.Accept)
	require.False(t, *c.Fsync)
	var wrong *node.ConfigError
	_, err = host.ReadConfig(path + "x")
	require.ErrorAs(t, err, &wrong)
	require.NoError(t, os.WriteFile(path, make([]byte, 2<<20), 0o600))
	_, err = host.ReadConfig(path)
	require.ErrorAs(t, err, &wrong)
}
