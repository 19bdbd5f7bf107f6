package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakePlan measures nothing: paxon makes 300 messages a second, and others 100.
func fakePlan(t *testing.T) plan {
	t.Helper()
	return plan{
		Systems: []string{"paxon", "etcd", "nats"}, Fsync: []bool{true, false},
		Outstanding: []int{1, 64}, Size: 128, Repeat: 2, Dir: t.TempDir(),
		spawn: func(_ context.Context, c cell) (Result, error) {
			r := Result{Messages: 100, PerSecond: 100, P50: 2e-3, Allocs: 5e6, PeakMemory: 7 << 20}
			switch {
			case c.System == "nats" && c.Fsync:
				return Result{}, errors.New("no quorum")
			case c.System == "nats":
				r.LeaderChanged = true
			case c.System == ours:
				r.PerSecond, r.P50 = 300, 1e-3
			}
			return r, nil
		},
	}
}

func TestPlanRun(t *testing.T) {
	p := fakePlan(t)
	var lines bytes.Buffer
	var shown []string
	r, err := p.run(t.Context(), &lines, func(done int, next string) {
		require.Len(t, shown, done)
		shown = append(shown, next)
	})
	require.NoError(t, err)
	require.Len(t, shown, p.cells())
	require.Equal(t, []string{
		"paxon, fsync on, 1 outstanding", "etcd, fsync on, 1 outstanding",
		"nats, fsync on, 1 outstanding", "paxon, fsync on, 64 outstanding",
	}, shown[:4], "systems take turns")
	require.Equal(t, "etcd, fsync on, 1 outstanding", shown[12], "another one is first")

	require.ErrorContains(t, r.failed(), "nats, fsync on, 64 outstanding, repetition 2: no quorum")
	require.Equal(t, 20, r.succeeded())
	all := strings.Split(strings.TrimSpace(lines.String()), "\n")
	require.Len(t, all, 24)
	var first line
	require.NoError(t, json.Unmarshal([]byte(all[0]), &first))
	require.Equal(t, "paxon", first.System)
	require.EqualValues(t, 300, first.PerSecond)
	require.Equal(t, 128, first.Conditions.Size)
	require.NotEmpty(t, first.Conditions.Kernel)
	require.Equal(t, []string{"paxon of this tree"}, first.Versions)
	require.NotEmpty(t, first.Settings)

	text := r.text()
	for _, want := range []string{
		"300 (300 to 300)", "3.00", "0.50", "2000 µs", "5.0", "all failed", "leader changed in 2",
		"forced write of 128 B", "fsync off", "AsyncStorageWrites", "in 20 of 24 measurements",
		"go.etcd.io/raft/v3 v3", "3.00 (etcd)", "0.50 (etcd)",
	} {
		require.Contains(t, text, want)
	}

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(os.ErrProcessDone)
	_, err = p.run(ctx, &lines, func(int, string) {})
	require.ErrorIs(t, err, os.ErrProcessDone)
}

func TestOverBest(t *testing.T) {
	r := report{plan: plan{Systems: []string{"etcd", "paxon", "nats", "hashicorp"}}}
	for system, figures := range map[string]Result{
		"paxon": {PerSecond: 300, P99: 1},
		"etcd":  {PerSecond: 200, P99: 4},
		"nats":  {PerSecond: 100, P99: 0.5},
	} {
		r.lines = append(r.lines, line{System: system, Fsync: true, Outstanding: 1, Result: &figures})
	}
	us := r.results(ours, true, 1)
	require.Equal(t, "1.50 (etcd)", r.overBest(us, figures()[0], true, 1))
	require.Equal(t, "2.00 (nats)", r.overBest(us, figures()[2], true, 1))
	require.Empty(t, r.overBest(us, figures()[0], false, 1), "no peer was measured")
	require.Empty(t, r.overBest(nil, figures()[0], true, 1), "we were not measured")
}

func TestMistakes(t *testing.T) {
	for args, want := range map[string]string{
		"--fsync maybe":      `--fsync "maybe": expected on, off or both`,
		"--systems zab":      "--systems zab: expected some of [paxon",
		"--outstanding 1,0":  "--outstanding 0: expected 1 to 65536",
		"--outstanding x":    `invalid argument "x"`,
		"--size 7":           "--size 7: expected 8 to 524288 bytes",
		"--duration 0s":      "--duration 0s: expected more than 0",
		"--warm-up -1s":      "--warm-up -1s: expected 0 or more",
		"--repeat 0":         "--repeat 0: expected at least 1",
		"now":                `argument "now": expected none`,
		"--json /missing/x ": "no such file or directory",
	} {
		c := newCommand()
		c.SetArgs(strings.Fields(args))
		var stdout, stderr bytes.Buffer
		c.SetOut(&stdout)
		status := statusOf(t.Context(), &stderr, c.Execute())
		require.Contains(t, stderr.String(), want)
		require.Empty(t, stdout.String())
		if strings.HasPrefix(args, "--json") {
			require.Equal(t, statusFailure, status)
			continue
		}
		require.Equal(t, statusUsage, status, args)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, statusInterrupted, statusOf(ctx, &bytes.Buffer{}, context.Canceled))
}

// TestCommand goes all the way.
func TestCommand(t *testing.T) {
	dir := t.TempDir()
	lines, profiles := filepath.Join(t.TempDir(), "lines"), filepath.Join(t.TempDir(), "profiles")
	c := newCommand()
	c.SetArgs([]string{
		"--systems", "paxon,etcd", "--fsync", "off", "--outstanding", "4", "--repeat", "1",
		"--duration", "10ms", "--warm-up", "1ms", "--dir", dir, "--json", lines, "--profiles", profiles,
	})
	var stdout, stderr bytes.Buffer
	c.SetOut(&stdout)
	c.SetErr(&stderr)
	require.NoError(t, c.ExecuteContext(t.Context()))
	require.Empty(t, stderr.String(), "no bar without a terminal")
	require.Contains(t, stdout.String(), "in 2 of 2 measurements")
	written, err := os.ReadFile(lines)
	require.NoError(t, err)
	require.Len(t, strings.Split(strings.TrimSpace(string(written)), "\n"), 2)
	for _, name := range []string{"paxon-fsync-off-4-1.pprof", "etcd-fsync-off-4-1.pprof"} {
		info, err := os.Stat(filepath.Join(profiles, name))
		require.NoError(t, err)
		require.Positive(t, info.Size())
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}
