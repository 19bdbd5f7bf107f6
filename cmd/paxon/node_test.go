package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/client"
)

// machines are three real processes, each with its configuration.
type machines struct {
	configs, urls [3]string
	running       [3]*exec.Cmd
	stderr        [3]*bytes.Buffer
}

func startMachines(t *testing.T) *machines {
	t.Helper()
	dir, addresses := t.TempDir(), make([]string, 6)
	var listeners []net.Listener // All are open at once, so that no port is given twice.
	for i := range addresses {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		addresses[i] = l.Addr().String()
		listeners = append(listeners, l)
	}
	for _, l := range listeners {
		require.NoError(t, l.Close())
	}
	m := &machines{}
	for i := range 3 {
		m.urls[i] = "http://" + addresses[3+i]
		m.configs[i] = filepath.Join(dir, fmt.Sprintf("%d.yaml", i+1))
		text := fmt.Sprintf("cluster: test\nprocess: %d\nvariant: paxos\ndir: %s\napi: %s\npeers:\n",
			i+1, filepath.Join(dir, fmt.Sprint(i+1)), addresses[3+i])
		for j := range 3 {
			text += fmt.Sprintf("  %d: %s\n", j+1, addresses[j])
		}
		require.NoError(t, os.WriteFile(m.configs[i], []byte(text), 0o600))
	}
	return m
}

// start runs a process and waits until it is healthy.
func (m *machines) start(t *testing.T, i int) {
	t.Helper()
	m.stderr[i] = &bytes.Buffer{}
	m.running[i] = exec.Command(program, "node", "--config", m.configs[i])
	m.running[i].Stderr = m.stderr[i]
	require.NoError(t, m.running[i].Start())
	started := m.running[i]
	t.Cleanup(func() {
		_ = started.Process.Kill() // It may have ended already.
		_ = started.Wait()
	})
	c, err := client.New(m.urls[i])
	require.NoError(t, err)
	defer c.Close()
	require.Eventually(t, func() bool { return c.Healthy(t.Context()) == nil },
		10*time.Second, 10*time.Millisecond)
}

// TestNode runs processes, broadcasts at each, reads at each, crashes one and stops another.
func TestNode(t *testing.T) {
	m := startMachines(t)
	for i := range 3 {
		m.start(t, i)
	}
	tail := exec.CommandContext(t.Context(), program, "tail", "--to", m.urls[1])
	stdout, err := tail.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, tail.Start())
	lines := bufio.NewScanner(stdout)
	next := func() string {
		require.True(t, lines.Scan())
		return lines.Text()
	}

	var want []string
	for i := range 3 { // At least two of them are not the leader.
		r := paxon(t, "", "send", "--to", m.urls[i], fmt.Sprint("at ", i))
		require.Zero(t, r.status, r.stderr)
		assert.Regexp(t, `^\d+/\d+\n$`, r.stdout)
		want = append(want, fmt.Sprint("at ", i))
		assert.Equal(t, want[i], next())
	}
	r := paxon(t, "x\n\ny", "send", "--to", m.urls[0], "-")
	require.Zero(t, r.status, r.stderr)
	assert.Equal(t, 3, strings.Count(r.stdout, "\n"))
	want = append(want, "x", "", "y")
	assert.Equal(t, []string{"x", "", "y"}, []string{next(), next(), next()})

	require.NoError(t, m.running[1].Process.Kill())
	require.Error(t, m.running[1].Wait())
	again := []string{"send", "--to", m.urls[1], "--to", m.urls[2], "once"}
	r = paxon(t, "", again...)
	require.Zero(t, r.status, "the other process is asked: %s", r.stderr)
	want = append(want, "once")
	m.start(t, 1)
	assert.Equal(t, "once", next(), "tail goes on after the last it printed")

	for i := range 3 {
		require.EventuallyWithT(t, func(c *assert.CollectT) {
			r := paxon(t, "", "tail", "--no-follow", "--to", m.urls[i])
			assert.Zero(c, r.status, r.stderr)
			assert.Equal(c, strings.Join(want, "\n")+"\n", r.stdout)
		}, 10*time.Second, 20*time.Millisecond, "a process may still be catching up")
	}
	r = paxon(t, "", "tail", "--no-follow", "--format", "json", "--to", m.urls[0])
	assert.Contains(t, r.stdout, `"sequence":1,"payload":"YXQgMA=="}`+"\n")

	require.NoError(t, m.running[0].Process.Signal(syscall.SIGTERM))
	require.NoError(t, m.running[0].Wait(), "exit status 0")
	assert.Contains(t, m.stderr[0].String(), "listening")
	assert.Contains(t, m.stderr[0].String(), "stopping")
}

// TestSendSafely sends one message twice under one client and sequence.
func TestSendSafely(t *testing.T) {
	m := startMachines(t)
	for i := range 3 {
		m.start(t, i)
	}
	c, err := client.New(m.urls[0])
	require.NoError(t, err)
	defer c.Close()
	name, err := c.NewClient(t.Context())
	require.NoError(t, err)
	send := func(i int, sequence, text string) result {
		return paxon(t, "", "send", "--to", m.urls[i],
			"--client", name.String(), "--sequence", sequence, text)
	}
	for i, text := range []string{"a", "b", "c"} {
		sent := send(i, strconv.Itoa(i+1), text)
		require.Zero(t, sent.status, sent.stderr)
	}
	// The third has delivered all three, for it was told that its own was.
	assert.Equal(t, "delivered before\n", send(2, "1", "a").stdout)
	assert.Equal(t, "a\nb\nc\n", paxon(t, "", "tail", "--no-follow", "--to", m.urls[2]).stdout)
}

// TestNodeFails starts processes that cannot run.
func TestNodeFails(t *testing.T) {
	m := startMachines(t)
	m.start(t, 0)
	text, err := os.ReadFile(m.configs[0])
	require.NoError(t, err)
	attempt := func(old, replacement string) result {
		require.Contains(t, string(text), old)
		path := write(t, strings.Replace(string(text), old, replacement, 1))
		return paxon(t, "", "node", "--config", path)
	}
	api := strings.TrimPrefix(m.urls[0], "http://")
	r := attempt("cluster: test", "cluster: other")
	assert.Equal(t, 1, r.status)
	assert.Contains(t, r.stderr, "cannot listen at "+api)

	r = attempt(api, strings.TrimPrefix(m.urls[1], "http://"))
	assert.Equal(t, 1, r.status)
	assert.Contains(t, r.stderr, "address already in use")

	require.NoError(t, m.running[0].Process.Kill())
	require.Error(t, m.running[0].Wait())
	r = attempt("process: 1", "process: 2")
	assert.Equal(t, 1, r.status)
	assert.Contains(t, r.stderr, "belongs to process")
}
