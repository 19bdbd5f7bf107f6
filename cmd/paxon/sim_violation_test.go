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

// A violation leaves a folder, whose schedule shows the same violation again.
func TestSimLeavesAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "found")
	args := []string{"--variant", "broken/minority", "--seeds", "10", "--out", dir}
	status, out, problems := simulated(t, args...)
	require.Equal(t, statusFailure, status)
	require.Contains(t, out, dir+": why, shown by ")
	require.NoFileExists(t, "violation-broken-minority-0")

	trace := filepath.Join(t.TempDir(), "again.ndjson")
	status, out, again := simulated(t, "--replay", filepath.Join(dir, "schedule.json"), "--trace", trace)
	require.Equal(t, statusFailure, status)
	require.Contains(t, out, " interventions in a run of broken/minority with ")
	property, _, _ := strings.Cut(strings.SplitAfterN(problems, ": ", 3)[2], " is violated")
	require.Contains(t, again, "paxon: "+property+" is violated")
	played, err := os.ReadFile(trace)
	require.NoError(t, err)
	left, err := os.ReadFile(filepath.Join(dir, "minimal.ndjson"))
	require.NoError(t, err)
	require.Equal(t, string(left), string(played))

	status, _, problems = simulated(t, args...)
	require.Equal(t, statusUsage, status)
	require.Contains(t, problems, "--out: "+dir+" exists: expected a name for a folder that does not")
}

// Without a name for it, the folder has one that is free.
func TestSimNamesTheFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"violation-broken-minority-0", "violation-broken-minority-0-2"} {
		var out bytes.Buffer
		root := newRootCommand()
		root.SetOut(&out)
		root.SetErr(&out)
		status := run(context.Background(), root, []string{"sim", "--variant", "broken/minority"})
		require.Equal(t, statusFailure, status)
		require.Contains(t, out.String(), name+": why, shown by ")
		require.FileExists(t, filepath.Join(name, "README.txt"))
	}
}

// A schedule of something that was repaired violates nothing.
func TestSimReplaysTheSound(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "found")
	simulated(t, "--variant", "broken/minority", "--out", dir)
	name := filepath.Join(dir, "schedule.json")
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	repaired := strings.Replace(string(text), "broken/minority", "paxos", 1)
	require.NoError(t, os.WriteFile(name, []byte(repaired), 0o600))
	status, out, problems := simulated(t, "--replay", name)
	require.Zero(t, status, problems)
	require.Contains(t, out, "nothing is violated; the schedule was found when ")
}

func TestSimReplayUsage(t *testing.T) {
	for _, c := range []struct{ args, expected string }{
		{"--replay missing", "--replay: read the schedule: open missing"},
		{"--replay x --seed 3", "--replay with --seed: expected no other flag but --trace"},
		{"--out x --variant all", "--out with --variant all, --part tob: expected a single variant"},
		{"--out x --part register", "--part register: expected a single variant, of --part tob"},
	} {
		status, _, problems := simulated(t, strings.Fields(c.args)...)
		require.Equal(t, statusUsage, status, c.args)
		require.Contains(t, problems, c.expected)
	}
}
