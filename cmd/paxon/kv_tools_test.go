//go:build redistools

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/internal/ports"
)

// toolsSession is "paxon kv --processes 3", used by redis-cli and redis-benchmark as they come.
type toolsSession struct {
	t    *testing.T
	dir  string
	port int
	pids map[int]int // Of the processes, by id.
}

func (s *toolsSession) at(id int) string { return strconv.Itoa(s.port + id - 1) }

// cli runs redis-cli on a process, with lines of standard input.
func (s *toolsSession) cli(id int, stdin string, args ...string) string {
	s.t.Helper()
	c := exec.CommandContext(s.t.Context(), "redis-cli", append([]string{"-p", s.at(id)}, args...)...)
	c.Stdin = strings.NewReader(stdin)
	out, err := c.CombinedOutput()
	require.NoError(s.t, err, string(out))
	return string(out)
}

// startTools runs the command until the test ends.
func startTools(t *testing.T) *toolsSession {
	t.Helper()
	addresses, err := ports.Free(3)
	require.NoError(t, err)
	s := &toolsSession{t: t, dir: t.TempDir(), port: portsInARow(t, addresses[0]), pids: map[int]int{}}
	c := exec.Command(program, "kv", "--processes", "3", "--dir", s.dir, "--port", strconv.Itoa(s.port))
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() {
		assert.NoError(t, c.Process.Signal(syscall.SIGINT))
		_ = c.Wait() // It had processes die.
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "Ctrl-C") { //nolint:revive // It waits for that.
	}
	for id := 1; id <= 3; id++ {
		s.pids[id] = s.info(id, "process_id")
	}
	return s
}

// info is a number that a process tells in INFO.
func (s *toolsSession) info(id int, field string) int {
	s.t.Helper()
	_, after, found := strings.Cut(s.cli(id, "", "info"), field+":")
	require.True(s.t, found)
	n, err := strconv.Atoi(strings.Fields(after)[0])
	require.NoError(s.t, err)
	return n
}

// handled is how many commands a process has carried out.
func (s *toolsSession) handled(id int) int {
	s.t.Helper()
	return s.info(id, "total_commands_processed")
}

// again starts a process that was killed as the command says, until the test ends, and waits for it.
func (s *toolsSession) again(id int) {
	s.t.Helper()
	c := exec.Command(program, "kv", "node", "--config", fmt.Sprintf("%s/%d.yaml", s.dir, id))
	var said bytes.Buffer
	c.Stderr = &said
	require.NoError(s.t, c.Start())
	s.pids[id] = c.Process.Pid
	s.t.Cleanup(func() {
		_ = c.Process.Kill() // It may have been killed.
		_ = c.Wait()
	})
	client := newRedisClient("127.0.0.1:" + s.at(id))
	defer client.Close()
	require.Eventually(s.t, func() bool { return client.Ping(s.t.Context()).Err() == nil },
		time.Minute, 10*time.Millisecond, said.String())
}

// benchmark begins redis-benchmark on a process, which ends at the first error that it is answered. Its end
// waits, and gives the output.
func (s *toolsSession) benchmark(ctx context.Context, id, requests int) (end func() (string, error)) {
	s.t.Helper()
	c := exec.CommandContext(ctx, "redis-benchmark", "-p", s.at(id), "-n", strconv.Itoa(requests),
		"-c", "16", "-r", "1000", "-d", "64", "-t", "set,get,incr", "--csv")
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	require.NoError(s.t, c.Start())
	return func() (string, error) {
		err := c.Wait()
		return out.String(), err
	}
}

// TestKVRedisTools has any one of three processes killed by SIGKILL in the middle of sessions of redis-cli and
// runs of redis-benchmark at another one: none of them notices.
func TestKVRedisTools(t *testing.T) {
	const requests = 3000 // Of SET, GET and INCR each.
	s := startTools(t)
	assert.Equal(t, "OK\n", s.cli(1, "", "set", "greeting", "hello"))
	assert.Equal(t, "hello\n", s.cli(2, "", "get", "greeting"))
	for killed := 1; killed <= 3; killed++ {
		at := killed%3 + 1
		session := exec.CommandContext(t.Context(), "redis-cli", "-p", s.at(at))
		in, err := session.StdinPipe()
		require.NoError(t, err)
		out, err := session.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, session.Start())
		answers := bufio.NewReader(out)
		ask := func(command, want string) {
			t.Helper()
			_, err := io.WriteString(in, command+"\n")
			require.NoError(t, err)
			got, err := answers.ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, want, strings.TrimSpace(got), command)
		}
		ask(fmt.Sprint("set killed:", killed, " before"), "OK")

		before := s.handled(at)
		end := s.benchmark(t.Context(), at, requests)
		for s.handled(at)-before < requests/4 {
			ask("get greeting", "hello")
		}
		require.NoError(t, syscall.Kill(s.pids[killed], syscall.SIGKILL))
		ask(fmt.Sprint("getset killed:", killed, " after"), "before")
		csv, err := end()
		require.NoError(t, err, csv)
		for _, test := range []string{"SET", "GET", "INCR"} {
			assert.Contains(t, csv, "\n\""+test+"\",")
		}
		t.Logf("process %d killed, redis-benchmark at process %d:\n%s", killed, at, csv)
		ask(fmt.Sprint("get killed:", killed), "after")
		require.NoError(t, in.Close())
		require.NoError(t, session.Wait())
		s.again(killed)
		assert.Equal(t, "after\n", s.cli(killed, "", "get", fmt.Sprint("killed:", killed)))
	}
	s.all()
}

// all has redis-cli go through all keys.
func (s *toolsSession) all() {
	t := s.t
	var sets strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&sets, "set pipe:%d %d\n", i, i)
	}
	assert.Contains(t, s.cli(1, sets.String(), "--pipe"), "errors: 0, replies: 5000")
	for id := 1; id <= 3; id++ {
		scanned := map[string]bool{}
		for key := range strings.Lines(s.cli(id, "", "--scan", "--pattern", "pipe:*")) {
			scanned[key] = true
		}
		assert.Len(t, scanned, 5000)
	}
	assert.Contains(t, s.cli(2, "", "--bigkeys"), "Biggest string found")
}
