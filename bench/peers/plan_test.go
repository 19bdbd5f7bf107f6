package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
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
		Outstanding: []int{1, 64}, Size: 128, Processes: 1, Repeat: 2,
		Dir: t.TempDir(),
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
		"go.etcd.io/raft/v3 v3", "3.00 (3.00 to 3.00) etcd",
		"0.50 (0.50 to 0.50) etcd", "each of 3 logs side by side", "128 B forced by a majority of 3 at once",
	} {
		require.Contains(t, text, want)
	}

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(os.ErrProcessDone)
	_, err = p.run(ctx, &lines, func(int, string) {})
	require.ErrorIs(t, err, os.ErrProcessDone)
}

// TestPlanOfModes leaves out what a system has not.
func TestPlanOfModes(t *testing.T) {
	p := fakePlan(t)
	p.Systems, p.Outstanding = []string{"hashicorp-memory", "paxon"}, []int{1}
	r, err := p.run(t.Context(), io.Discard, func(int, string) {})
	require.NoError(t, err)
	require.Len(t, r.lines, p.cells())
	var order []string
	for _, l := range r.lines {
		order = append(order, l.System+" "+onOff(l.Fsync))
		require.Positive(t, l.Limits.RoundTrip)
	}
	require.Equal(t, []string{
		"paxon on", "hashicorp-memory off", "paxon off",
		"paxon on", "paxon off", "hashicorp-memory off",
	}, order)
	require.NotContains(t, r.table(true), "hashicorp-memory")
	require.NotContains(t, r.text(), "failed")
	require.Equal(t, 1, strings.Count(r.settings(), "hashicorp-memory"))
	_, _, ok := r.overBest(rateOf(), point{true, 1})
	require.False(t, ok, "there is no peer")
	require.Len(t, r.pictures()["ratio"].Bars, 1)
}

// TestLines replaces a file by whole lines, or leaves it.
func TestLines(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "lines")
	for _, say := range []string{"", "one\n", "", "two\n"} {
		before, _ := os.ReadFile(path)
		l, err := createLines(path)
		require.NoError(t, err)
		if say != "" {
			_, err = io.WriteString(l, say)
			require.NoError(t, err)
			before = []byte(say)
		}
		require.NoError(t, l.finish())
		after, _ := os.ReadFile(path)
		require.Equal(t, before, after)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)
}

// TestInterrupted keeps the measurements that were made.
func TestInterrupted(t *testing.T) {
	p := fakePlan(t)
	ctx, cancel := context.WithCancel(t.Context())
	measure, made := p.spawn, 0
	p.spawn = func(ctx context.Context, c cell) (Result, error) {
		if made++; made == 3 {
			cancel()
		}
		return measure(ctx, c)
	}
	path := filepath.Join(t.TempDir(), "lines")
	c := newCommand()
	c.SetContext(ctx)
	require.ErrorIs(t, runPlan(c, p, path), context.Canceled)
	written, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(written), "\n"))
}

// TestOverBest compares with the peer that has the best median, round by round.
func TestOverBest(t *testing.T) {
	p := point{true, 1}
	r := report{plan: plan{
		Systems: []string{"etcd", "paxon", "nats", "hashicorp"}, Fsync: []bool{true},
		Outstanding: []int{1}, Size: targetSize,
	}}
	for round, factor := range []float64{1, 10, 100} { // The machine slows down.
		for system, figures := range map[string]Result{
			"paxon": {PerSecond: 300 / factor, P50: 2 * factor, P99: factor},
			"etcd":  {PerSecond: 200 / factor, P50: 3 * factor, P99: 4 * factor},
			"nats":  {PerSecond: 100 / factor, P50: 9 * factor, P99: 0.5 * factor},
		} {
			r.lines = append(r.lines, line{
				System: system, Fsync: true, Outstanding: 1, Repetition: round + 1, Result: &figures,
				Limits: limits{ForcedWrite: factor, RoundTrip: factor, Rate: 250 / factor},
			})
		}
	}
	rate, peer, ok := r.overBest(rateOf(), p)
	require.True(t, ok)
	require.Equal(t, "etcd", peer)
	require.InDelta(t, 1.5, rate.Min, 1e-9)
	require.InDelta(t, 1.5, rate.Max, 1e-9)
	p99, peer, _ := r.overBest(p99Of(), p)
	require.Equal(t, "nats", peer)
	require.InDelta(t, 2, p99.Median, 1e-9)
	_, _, ok = r.overBest(rateOf(), point{false, 1})
	require.False(t, ok, "nothing was measured")

	text := r.targetsTable()
	require.Contains(t, text, "1.00 (1.00 to 1.00)", "p50 over the limits")
	require.Contains(t, text, "0.67 (0.67 to 0.67) × etcd")
	require.Contains(t, text, "2 of 3 targets are met", "memory is unknown, which is no success")
	require.Equal(t, "25/s (2 to 250/s), 1.25 (1.25 to 1.25) × etcd", r.allowed(p))
	require.Equal(t, "not measured", r.allowed(point{true, 64}))
}

// TestTargets has a row for each cell that there is to reach.
func TestTargets(t *testing.T) {
	p := fakePlan(t)
	p.Systems, p.Outstanding = []string{"paxon", "etcd"}, []int{1, 64, 1024, 8192}
	r, err := p.run(t.Context(), io.Discard, func(int, string) {})
	require.NoError(t, err)
	wanted := map[string]int{}
	for _, x := range r.targets() {
		what, _, _ := strings.Cut(x.what, ",")
		wanted[what]++
	}
	require.Equal(t, map[string]int{
		"p50": 3, "messages/s": 6, "p99": 2, "peak memory": 8, "allocations per message": 4,
	}, wanted)
	r.plan.Size = targetShareSize
	require.Len(t, r.targets(), 1)
	require.Contains(t, r.targetsTable(), "what each of three forced logs gets")
	r.plan.Size = 16
	require.Empty(t, r.targetsTable())
}

func TestMistakes(t *testing.T) {
	for args, want := range map[string]string{
		"--fsync maybe":                         `--fsync "maybe": expected on, off or both`,
		"--systems zab":                         "--systems zab: expected some of [paxon",
		"--outstanding 1,0":                     "--outstanding 0: expected 1 to 65536",
		"--outstanding x":                       `invalid argument "x"`,
		"--size 7":                              "--size 7: expected 8 to 524288 bytes",
		"--duration 0s":                         "--duration 0s: expected more than 0",
		"--warm-up -1s":                         "--warm-up -1s: expected 0 or more",
		"--processes 2":                         "--processes 2: expected 1 or 3",
		"--messages 9":                          "--messages 9: expected 10 to",
		"--repeat 0":                            "--repeat 0: expected at least 1",
		"now":                                   `argument "now": expected none`,
		"--json .":                              "--json .: it is no regular file",
		"--systems hashicorp-memory --fsync on": "--systems hashicorp-memory: it writes nothing",
		"--json /missing/x ":                    "no such file or directory",
	} {
		c := newCommand()
		c.SetArgs(strings.Fields(args))
		var stdout, stderr bytes.Buffer
		c.SetOut(&stdout)
		status := statusOf(t.Context(), &stderr, c.Execute())
		require.Contains(t, stderr.String(), want)
		require.Empty(t, stdout.String())
		if strings.HasPrefix(args, "--json /missing") {
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
	plots := filepath.Join(t.TempDir(), "plots")
	c := newCommand()
	c.SetArgs([]string{
		"--systems", "paxon,etcd", "--fsync", "off", "--outstanding", "4", "--repeat", "1",
		"--duration", "10ms", "--warm-up", "1ms", "--dir", dir, "--json", lines, "--profiles", profiles,
		"--plots", plots,
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
	require.FileExists(t, filepath.Join(plots, "throughput-fsync-off.svg"))
	require.FileExists(t, filepath.Join(plots, "ratio.png"))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestPictures has one for each mode, and the ratio.
func TestPictures(t *testing.T) {
	r, err := fakePlan(t).run(t.Context(), io.Discard, func(int, string) {})
	require.NoError(t, err)
	pictures := r.pictures()
	require.Len(t, pictures, 5)
	for name, p := range pictures {
		require.NoError(t, p.Check(), name)
	}
	require.Equal(t, []string{"paxon", "etcd", "round trip", "forced write", "both"},
		pictures["latency-fsync-on"].Groups)
	require.ErrorContains(t, r.draw(filepath.Join(t.TempDir(), "missing")), "no such file")
}

// TestRate goes on after a majority, and stops for an error.
func TestRate(t *testing.T) {
	l, err := makeLogs(t.TempDir(), members)
	require.NoError(t, err)
	for _, parts := range []int{1, rateParts} {
		rate, err := l.rate(t.Context(), targetSize, parts)
		require.NoError(t, err)
		require.Positive(t, rate)
	}
	require.NoError(t, l.close())
	_, err = l.rate(t.Context(), targetSize, rateParts)
	require.ErrorIs(t, err, os.ErrClosed)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = l.rate(ctx, targetSize, 1)
	require.ErrorIs(t, err, context.Canceled)
}
