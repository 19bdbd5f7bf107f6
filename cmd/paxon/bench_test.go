package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// quick is a measurement that says nothing, but goes all the way.
func quick(t *testing.T, args ...string) result {
	t.Helper()
	dir := t.TempDir()
	r := paxon(t, "", append([]string{
		"bench", "--dir", dir, "--duration", "100ms", "--warm-up", "10ms", "--repeat", "2",
	}, args...)...)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left, "the storage is left")
	return r
}

func TestBenchTable(t *testing.T) {
	r := quick(t, "--at", "other")
	require.Zero(t, r.status, r.stderr)
	assert.Empty(t, r.stderr, "no bar without a terminal")
	for _, want := range []string{
		"messages/s", "p99.9", "forced write of 128 B", "over forced write + round trip",
		"3 processes on one machine, variant fall+spring, broadcast at other", "fsync on",
		"delivered by every process in one order, SHA-256",
	} {
		assert.Contains(t, r.stdout, want)
	}
}

func TestBenchJSON(t *testing.T) {
	r := quick(t, "--json", "--variant", "crash-stop", "--at", "all", "--outstanding", "2,16,3",
		"--size", "1000")
	require.Zero(t, r.status, r.stderr)
	lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
	require.Len(t, lines, 3)
	for i, text := range lines {
		var line struct {
			Outstanding int
			Repetitions []struct{ Messages int }
			Conditions  struct {
				Variant   string
				Fsync     bool
				SizeBytes int
			}
		}
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		assert.Equal(t, []int{2, 16, 3}[i], line.Outstanding)
		assert.Len(t, line.Repetitions, 2)
		assert.Positive(t, line.Repetitions[1].Messages)
		assert.Equal(t, "crash-stop", line.Conditions.Variant)
		assert.False(t, line.Conditions.Fsync)
		assert.Equal(t, 1000, line.Conditions.SizeBytes)
	}
}

func TestBenchMistakes(t *testing.T) {
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"--processes 0", 2, "--processes 0: expected at least 1"},
		{"--processes 100", 2, "--processes 100: expected 1 to 99"},
		{"--variant raft", 2, `--variant: unknown variant "raft"`},
		{"--outstanding 1,0", 2, "--outstanding 0: expected 1 to 65536"},
		{"--outstanding 1,x", 2, `invalid argument "1,x"`},
		{"--size 0", 2, "--size 0: expected 1 to 8388608 bytes"},
		{"--at home", 2, `--at "home": expected leader, other or all`},
		{"--at other --processes 1", 2, "--processes 1: expected at least 2"},
		{"--duration 0s", 2, "--duration 0s: expected more than 0"},
		{"--warm-up -1s", 2, "--warm-up -1s: expected 0 or more"},
		{"--repeat 0", 2, "--repeat 0: expected at least 1"},
		{"now", 2, `argument "now": expected none`},
		{"--dir " + filepath.Join(t.TempDir(), "missing"), 1, "no such file or directory"},
	} {
		r := paxon(t, "", append([]string{"bench"}, strings.Fields(c.args)...)...)
		assert.Equal(t, c.status, r.status, "%s: %s", c.args, r.stderr)
		assert.Contains(t, r.stderr, c.want, c.args)
		assert.Empty(t, r.stdout, c.args)
	}
}

// TestBenchInterrupt sends Ctrl-C to a measurement that would take long.
func TestBenchInterrupt(t *testing.T) {
	dir := t.TempDir()
	c := exec.Command(program, "bench", "--dir", dir, "--duration", "1h")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	require.NoError(t, c.Start())
	require.Eventually(t, func() bool {
		measuring, err := filepath.Glob(filepath.Join(dir, "paxon-bench-*", "limits"))
		return err == nil && len(measuring) == 1
	}, 30*time.Second, 10*time.Millisecond)
	require.NoError(t, c.Process.Signal(os.Interrupt))
	require.Error(t, c.Wait())
	assert.Equal(t, statusInterrupted, c.ProcessState.ExitCode())
	assert.Equal(t, "paxon: interrupted\n", stderr.String())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}
