package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/draw"
)

// command carries out paxon with arguments.
func command(t *testing.T, args ...string) (status int, out, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	root := newRootCommand()
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	status = run(context.Background(), root, args)
	return status, stdout.String(), stderr.String()
}

// tracedRun writes the trace of a run and gives its name.
func tracedRun(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "run.ndjson")
	status, _, problems := command(t, "sim", "--seed", "42", "--trace", name)
	require.Zero(t, status, problems)
	return name
}

func TestDrawNumbersPages(t *testing.T) {
	trace := tracedRun(t)
	status, out, problems := command(t, "draw", trace)
	require.Zero(t, status, problems)
	names := strings.Fields(out)
	require.Greater(t, len(names), 1)
	require.Less(t, len(names), 10)
	require.Equal(t, draw.PageNames(strings.TrimSuffix(trace, ".ndjson")+".svg", len(names)), names)
	for _, name := range names {
		require.FileExists(t, name)
	}
}

func TestDrawOnePage(t *testing.T) {
	trace := tracedRun(t)
	name := filepath.Join(t.TempDir(), "one.svg")
	status, out, problems := command(t, "draw", trace, "--height", "0", "--out", name,
		"--title", "a <title>", "--process", "1,2", "--instance", "1", "--without", "none", "--compact")
	require.Zero(t, status, problems)
	require.Equal(t, name+"\n", out)
	page, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Contains(t, string(page), "a &lt;title&gt;")
	require.Contains(t, string(page), "p1 to p2: READ(L1,1.p1.1)")
	require.NotContains(t, string(page), "READ(L2,")
}

func TestDrawErrors(t *testing.T) {
	trace := tracedRun(t)
	bad := filepath.Join(t.TempDir(), "bad.ndjson")
	require.NoError(t, os.WriteFile(bad, []byte("{\"event\":\"heal\"}\nthis\n"), 0o644))
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{}, statusUsage, "0 arguments: expected one, the trace"},
		{[]string{trace, trace}, statusUsage, "2 arguments: expected one"},
		{[]string{trace, "--without", "beats"}, statusUsage, `--without: kind "beats": expected none, or`},
		{[]string{trace, "--process", "0"}, statusUsage, "process 0: expected"},
		{[]string{trace, "--process", "4294967297"}, statusUsage, "process 4294967297: expected"},
		{[]string{trace, "--from", "2s", "--to", "1s"}, statusUsage, "expected an end after the beginning"},
		{[]string{trace, "--process", "7"}, statusFailure, "process p7: expected one of the trace's"},
		{[]string{trace, "--from", "9h"}, statusFailure, "nothing to draw"},
		{[]string{trace, "--out", filepath.Join(bad, "x.svg")}, statusFailure, "write the diagram"},
		{[]string{trace + "x"}, statusFailure, "read the trace"},
		{[]string{bad}, statusFailure, "bad.ndjson:2: "},
	} {
		status, out, problems := command(t, append([]string{"draw"}, c.args...)...)
		require.Equal(t, c.status, status, "%q: %s", c.args, problems)
		require.Contains(t, problems, c.says)
		require.Empty(t, out)
	}
}
