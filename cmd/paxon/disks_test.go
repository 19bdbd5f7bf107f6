package main

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func formatted(t *testing.T, args ...string) (status int, out, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	root := newRootCommand()
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	status = run(context.Background(), root, append([]string{"disks", "format"}, args...))
	return status, stdout.String(), stderr.String()
}

func TestDisksFormat(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	status, out, problems := formatted(t, "--cluster", "demo", one, two)
	require.Zero(t, status, problems)
	require.Equal(t, "2 shared disks of cluster demo\n", out)
	require.FileExists(t, filepath.Join(two, "disk.json"))

	status, _, problems = formatted(t, "--cluster", "other", filepath.Join(dir, "three"), one)
	require.Equal(t, statusFailure, status)
	require.Contains(t, problems, "demo")
	require.NoFileExists(t, filepath.Join(dir, "three", "disk.json"), "a half-made set of disks")
}

func TestDisksFormatUsage(t *testing.T) {
	status, _, problems := formatted(t, t.TempDir())
	require.Equal(t, statusUsage, status)
	require.Contains(t, problems, "--cluster is missing")
	status, _, problems = formatted(t, "--cluster", "demo")
	require.Equal(t, statusUsage, status)
	require.Contains(t, problems, "no directories")
}
