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

	"paxon/bench"
)

// measured is a measurement that says nothing, but goes all the way.
func measured(t *testing.T, args ...string) result {
	t.Helper()
	dir := t.TempDir()
	r := paxon(t, "", append([]string{
		"bench", "--dir", dir, "--duration", "50ms", "--warm-up", "10ms", "--repeat", "2",
	}, args...)...)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left, "the storage is left")
	return r
}

func TestBenchTable(t *testing.T) {
	r := measured(t, "--outstanding", "1,16", "--fsync", "on", "--repeat", "1")
	require.Zero(t, r.status, r.stderr)
	assert.Empty(t, r.stderr, "no bar without a terminal")
	for _, want := range []string{
		"messages/s", "p99.9", "C=16", "forced write of 128 B", "× least",
		"processes 3, variant fall+spring, fsync on,", "at leader, size 128 B",
		"every process delivered each message once, in one order",
	} {
		assert.Contains(t, r.stdout, want)
	}
}

func TestBenchFiles(t *testing.T) {
	dir := t.TempDir()
	stat := filepath.Join(dir, "stat.txt")
	require.NoError(t, os.WriteFile(stat, []byte("what was there"), 0o600))
	r := measured(t, "--json", "-", "--benchstat", stat, "--profiles", dir, "--variant", "crash-stop",
		"--processes", "2", "--at", "all,other", "--rate", "2000", "--size", "1000", "--consecutive",
		"--batch", "1", "--in-process")
	require.Zero(t, r.status, r.stderr)
	lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
	require.Len(t, lines, 2)
	for i, text := range lines {
		var line struct {
			bench.Point
			Conditions bench.Conditions
		}
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		assert.Equal(t, bench.Setting{
			Processes: 2, Variant: "crash-stop", InProcess: true, Window: 1, Batch: 1,
			At: []bench.At{bench.AtAll, bench.AtOther}[i], Size: 1000, Rate: 2000,
		}, line.Setting)
		require.Len(t, line.Repetitions, 2)
		assert.Positive(t, line.Repetitions[1].Messages)
		assert.Equal(t, 2, line.Conditions.Repeat)
	}
	text, err := os.ReadFile(stat)
	require.NoError(t, err)
	assert.Equal(t, 4, strings.Count(string(text), "\nBenchmarkBroadcast/"))
	profiles, err := filepath.Glob(filepath.Join(dir, "point*.pprof"))
	require.NoError(t, err)
	assert.Len(t, profiles, 4)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 5, "no half-written file")
}

func TestBenchMistakes(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"--processes 0", 2, "--processes 0: expected 1 to 20"},
		{"--processes 3,21", 2, "--processes 21: expected 1 to 20"},
		{"--variant paxos,raft", 2, `--variant raft: unknown variant "raft"`},
		{"--outstanding 1,0", 2, "--outstanding 0: expected 1 to 65536"},
		{"--outstanding 1,x", 2, `invalid argument "1,x"`},
		{"--rate 5,fast", 2, `--rate "fast": expected a number above 0`},
		{"--rate 0", 2, `--rate "0": expected a number above 0`},
		{"--rate NaN", 2, `--rate "NaN": expected a number above 0`},
		{"--size 7", 2, "--size 7: expected 8 to 8388608 bytes"},
		{"--at home", 2, `--at "home": expected leader, other, others or all`},
		{"--at other --processes 1", 2, "--processes 1: expected 2 to 20"},
		{"--fsync maybe", 2, `--fsync "maybe": expected on, off or both`},
		{"--window 0", 2, "--window 0: expected 1 or more"},
		{"--window 9999", 2, "--window 9999: expected 1 to 4096"},
		{"--window 4 --consecutive", 2, "--consecutive and --window: expected one of them"},
		{"--batch 0", 2, "--batch 0: expected 1 or more bytes"},
		{"--duration 0s", 2, "--duration 0s: expected more than 0"},
		{"--warm-up -1s", 2, "--warm-up -1s: expected 0 or more"},
		{"--repeat 0", 2, "--repeat 0: expected at least 1"},
		{"--quick --repeat 0", 2, "--repeat 0: expected at least 1"},
		{"--quick --duration 1s", 2, "--quick and --duration: expected one of them"},
		{"--quick --repeat 500", 2, "--quick with 8 points, 500 repetitions each: expected fewer"},
		{"--json - --benchstat -", 2, "expected one of them to be a file"},
		{"now", 2, `argument "now": expected none`},
		{"--dir " + missing, 1, "no such file or directory"},
		{"--profiles " + missing, 2, "--profiles " + missing + ": expected an existing directory"},
		{"--json " + filepath.Join(missing, "x"), 1, "no such file or directory"},
	} {
		r := paxon(t, "", append([]string{"bench"}, strings.Fields(c.args)...)...)
		assert.Equal(t, c.status, r.status, "%s: %s", c.args, r.stderr)
		assert.Contains(t, r.stderr, c.want, c.args)
		assert.Empty(t, r.stdout, c.args)
	}
}

// TestBenchQuick wants all repetitions to fit, and as many of them as can be.
func TestBenchQuick(t *testing.T) {
	for _, c := range []struct {
		points, repeat int
		want           int
	}{{1, 5, 5}, {8, 5, 5}, {20, 5, 4}, {50, 5, 2}} {
		var o benchOptions
		o.Repeat, o.Duration, o.WarmUp = c.repeat, 3*time.Second, time.Second
		o.Settings = make([]bench.Setting, c.points)
		require.NoError(t, o.shorten(func(string) bool { return false }))
		assert.Equal(t, c.want, o.Repeat, c.points)
		each := o.Duration + o.WarmUp
		assert.GreaterOrEqual(t, each, quickLeast)
		round := time.Duration(c.points)*each + bench.Overhead(o.Settings)
		assert.LessOrEqual(t, time.Duration(o.Repeat)*round, quickTime)
		assert.LessOrEqual(t, o.Duration, 4*time.Second)
	}
}

// TestBenchInterrupt sends Ctrl-C to a measurement that would take long.
func TestBenchInterrupt(t *testing.T) {
	dir := t.TempDir()
	c := exec.Command(program, "bench", "--dir", dir, "--duration", "1h",
		"--json", filepath.Join(dir, "out.ndjson"))
	var stderr bytes.Buffer
	c.Stderr = &stderr
	require.NoError(t, c.Start())
	require.Eventually(t, func() bool {
		opened, err := filepath.Glob(filepath.Join(dir, "paxon-bench-*", "*", "p3"))
		return err == nil && len(opened) == 1
	}, 30*time.Second, 10*time.Millisecond)
	require.NoError(t, c.Process.Signal(os.Interrupt))
	require.Error(t, c.Wait())
	assert.Equal(t, statusInterrupted, c.ProcessState.ExitCode())
	assert.Equal(t, "paxon: interrupted\n", stderr.String())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}
