package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/client"
	"paxon/node"
)

// TestTorture makes a short history of real processes, of those that come back and those that do not.
func TestTorture(t *testing.T) {
	for _, args := range []string{
		"--variant summer", "--variant crash-stop --faults kill,stop",
	} {
		dir := t.TempDir()
		args += " --duration 800ms --clients 3 --dir " + dir
		r := paxon(t, "", append([]string{"torture"}, strings.Fields(args)...)...)
		require.Zero(t, r.status, r.stderr)
		require.Empty(t, r.stderr, "no bar without a terminal")
		require.Contains(t, r.stdout, "│ ok ")
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left)
	}
}

// TestTortureNamespaces cuts links between network namespaces, where the machine allows them and has
// the tools; elsewhere it wants to be told.
func TestTortureNamespaces(t *testing.T) {
	r := paxon(t, "", "torture", "--network", "namespaces", "--faults", "partition", "--duration", "800ms",
		"--dir", t.TempDir())
	if r.status == 0 {
		require.Contains(t, r.stdout, "│ ok ")
		return
	}
	require.Regexp(t, "use proxies instead|executable file not found|not permitted", r.stderr)
}

// TestTortureFails gives the checker no time, which must count as a failure and leave everything.
func TestTortureFails(t *testing.T) {
	dir := t.TempDir()
	r := paxon(t, "", "torture", "--faults", "none", "--duration", "100ms", "--check", "1ns", "--dir", dir)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, "paxon: fall+spring, seed 1: undecided: ")
	require.Contains(t, r.stderr, "What is known is in "+dir)
	require.Empty(t, r.stdout)
	left, err := filepath.Glob(filepath.Join(dir, "paxon-torture-fall+spring-1-*", "*"))
	require.NoError(t, err)
	var names []string
	for _, path := range left {
		names = append(names, filepath.Base(path))
	}
	require.Subset(t, names, []string{
		"failure.txt", "history.ndjson", "history.html", "1", "1.stderr", "1.yaml",
	})
	r = paxon(t, "", "history", "check", filepath.Join(filepath.Dir(left[0]), "history.ndjson"))
	require.Zero(t, r.status, r.stderr)
	require.True(t, strings.HasPrefix(r.stdout, "ok: "), r.stdout)
}

// TestTortureInterrupted ends a run, and finds its processes ended and its directory gone.
func TestTortureInterrupted(t *testing.T) {
	tmp := t.TempDir()
	c := exec.Command(program, "torture", "--duration", "1h", "--faults", "stop")
	c.Env = append(os.Environ(), "TMPDIR="+tmp)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	require.NoError(t, c.Start())
	var clients []*client.Client
	require.Eventually(t, func() bool {
		paths, err := filepath.Glob(filepath.Join(tmp, "paxon-torture-*", "*.yaml"))
		if err != nil || len(paths) != 3 {
			return false
		}
		clients = nil
		for _, path := range paths {
			config, err := node.ReadConfig(path) // It may be written only in part.
			if err != nil {
				return false
			}
			c, err := client.New("http://" + config.API)
			require.NoError(t, err)
			clients = append(clients, c)
		}
		return clients[0].Healthy(t.Context()) == nil
	}, 20*time.Second, 10*time.Millisecond)
	require.NoError(t, c.Process.Signal(os.Interrupt))
	require.Error(t, c.Wait())
	assert.Equal(t, statusInterrupted, c.ProcessState.ExitCode())
	assert.Equal(t, "paxon: interrupted\n", stderr.String())
	for _, c := range clients {
		assert.Error(t, c.Healthy(t.Context()))
	}
	left, err := os.ReadDir(tmp)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestTortureUsage(t *testing.T) {
	for args, want := range map[string]string{
		"--variant raft":         "raft",
		"--faults rain":          "--faults: fault \"rain\": expected all, none, or some of",
		"--processes 0":          "--processes 0: expected 1 to 99",
		"--clients 65":           "--clients 65: expected 1 to 64",
		"--histories 0":          "--histories 0: expected at least 1",
		"--duration 0s":          "expected above 0",
		"--check -1s":            "expected above 0",
		"--variant winter=5":     "winter",
		"--processes 3 leftover": "expected none",
		"--network wireless":     "--network \"wireless\": expected proxies or namespaces",
		"--network namespaces --faults kill,delay": "expected no delay with --network namespaces",
	} {
		r := paxon(t, "", append([]string{"torture"}, strings.Fields(args)...)...)
		assert.Equal(t, statusUsage, r.status, args)
		assert.Contains(t, r.stderr, want, args)
	}
}
