package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// explored carries out "paxon explore" with arguments.
func explored(ctx context.Context, t *testing.T, args ...string) (status int, out, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	root := newRootCommand()
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	status = run(ctx, root, append([]string{"explore"}, args...))
	return status, stdout.String(), stderr.String()
}

func TestExploreIsComplete(t *testing.T) {
	status, out, problems := explored(t.Context(), t, "--variant", "crash-stop", "--crashes", "1")
	require.Zero(t, status, problems)
	require.Contains(t, out, "complete: 9421 states, 79078 transitions, depth ")
}

func TestExploreIsCut(t *testing.T) {
	for flag, cut := range map[string]string{
		"--max-states=10": "cut at 10 states: ", "--max-depth=2": "cut at 2 choices: ",
		"--max-memory=1": "cut at 1 MB: ",
	} {
		status, out, problems := explored(t.Context(), t, "--variant", "crash-stop", flag)
		require.Zero(t, status, problems)
		require.Contains(t, out, cut)
		require.Contains(t, out, "not seen until then: ")
	}
}

// What must happen in some run and does not is a failure.
func TestExploreDemandsMarks(t *testing.T) {
	status, _, problems := explored(t.Context(), t, "--variant", "crash-stop", "--rounds", "0")
	require.Equal(t, statusFailure, status)
	require.Contains(t, problems, "the search is complete, and in no run: decides; ")
}

func TestExploreIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	status, out, _ := explored(ctx, t, "--variant", "paxos")
	require.Equal(t, statusInterrupted, status)
	require.Contains(t, out, "cut at interrupted: 1 states")
}

// A violation leaves a folder, whose schedule shows the same violation again.
func TestExploreLeavesAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "found")
	status, out, found := explored(t.Context(), t, "--variant", "broken/minority", "--out", dir,
		"--property", "CA")
	require.Equal(t, statusFailure, status)
	require.Contains(t, out, dir+": why, in ")
	for _, name := range []string{
		"README.txt", "minimal.ndjson", "minimal.svg", "schedule.txt", "schedule_test.go",
	} {
		require.FileExists(t, filepath.Join(dir, name))
	}
	trace := filepath.Join(t.TempDir(), "again.ndjson")
	schedule := filepath.Join(dir, "schedule.txt")
	status, _, again := explored(t.Context(), t, "--schedule", schedule, "--trace", trace)
	require.Equal(t, statusFailure, status)
	require.Equal(t, found, again)
	require.Contains(t, again, "CA Agreement is violated: ")
	played, err := os.ReadFile(trace)
	require.NoError(t, err)
	left, err := os.ReadFile(filepath.Join(dir, "minimal.ndjson"))
	require.NoError(t, err)
	require.Equal(t, string(left), string(played))

	text, err := os.ReadFile(schedule)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(schedule,
		[]byte(strings.Replace(string(text), "\n\n", "\n\np9 sings\n", 1)), 0o600))
	status, _, problems := explored(t.Context(), t, "--schedule", schedule)
	require.Equal(t, statusUsage, status)
	require.Contains(t, problems, `schedule.txt:13: "p9 sings" is none of the `)
}

func TestExploreUsage(t *testing.T) {
	for _, c := range []struct{ args, expected string }{
		{"--variant autumn", `unknown variant "autumn": expected one of`},
		{"--part leader", `part "leader": expected register, consensus, broadcast or caspaxos`},
		{"--part caspaxos --changes sing", `unknown change "sing": expected some of append, `},
		{"--part caspaxos --changes members=21", "members=21: expected processes in ascending order"},
		{"--changes append", "they are for part caspaxos"},
		{"--property XY", `unknown property "XY": expected one of ["RWA Read-write-abort" `},
		{"--without magic", `unknown reduction "magic": expected some of self, dead, storage, symmetry`},
		{"--processes 10", "processes 10: expected 1 to 9"},
		{"--proposers 4", "--proposers 4: expected 1 to 3"},
		{"--rounds 1,1,1,1", "rounds, broadcasts, elections or beats [1 1 1 1] of 3 processes"},
		{"--rounds x", `--rounds: "x": expected a number of 0 to 65535`},
		{"--workers 0", "--workers 0"},
		{"--trace x", "--trace: expected --schedule with it"},
		{"--schedule x --crashes 1", "--schedule with --crashes: expected no other flag but --trace"},
		{"--schedule missing.txt", "read the schedule: open missing.txt"},
		{"more", `argument "more": expected none`},
	} {
		status, _, problems := explored(t.Context(), t, strings.Fields(c.args)...)
		require.Equal(t, statusUsage, status, c.args)
		require.Contains(t, problems, c.expected)
	}
}

// CASPaxos is searched on the registers of paxos, and by the changes that are asked for.
func TestExploreCASPaxos(t *testing.T) {
	status, out, problems := explored(t.Context(), t, "--part", "caspaxos", "--processes", "2")
	require.Equal(t, 0, status, problems)
	require.Contains(t, out, "complete: 273 states, ")
}
