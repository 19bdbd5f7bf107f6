package main

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExportShiViz(t *testing.T) {
	trace := tracedRun(t)
	status, log, problems := command(t, "export", "--format", "shiviz", trace)
	require.Zero(t, status, problems)
	require.Contains(t, log, "31.508 ms broadcast \"m1…\"\np3 {\"p3\":")
	require.NotContains(t, log, "HEARTBEAT")

	name := filepath.Join(t.TempDir(), "run.log")
	status, out, problems := command(t, "export", "--format", "shiviz", trace, "--out", name)
	require.Zero(t, status, problems)
	require.Empty(t, out)
	written, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, log, string(written))

	status, all, problems := command(t, "export", "--format", "shiviz", trace, "--without", "none")
	require.Zero(t, status, problems)
	require.Contains(t, all, "HEARTBEAT")
}

func TestExportErrors(t *testing.T) {
	trace := tracedRun(t)
	bad := filepath.Join(t.TempDir(), "bad.ndjson")
	require.NoError(t, os.WriteFile(bad, []byte("{}\n"), 0o644))
	name := filepath.Join(t.TempDir(), "run.log")
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{}, statusUsage, "0 arguments: expected one, the trace"},
		{[]string{trace}, statusUsage, `--format "": expected shiviz`},
		{[]string{trace, "--format", "dot"}, statusUsage, `--format "dot": expected shiviz`},
		{[]string{trace, "--format", "shiviz", "--without", "x"}, statusUsage, "--without: kind"},
		{[]string{trace + "x", "--format", "shiviz"}, statusFailure, "read the trace"},
		{[]string{bad, "--format", "shiviz", "--out", name}, statusFailure, "bad.ndjson:1: event"},
		{[]string{trace, "--format", "shiviz", "--out", filepath.Join(bad, "x")}, statusFailure, "export: "},
	} {
		status, _, problems := command(t, append([]string{"export"}, c.args...)...)
		require.Equal(t, c.status, status, "%q: %s", c.args, problems)
		require.Contains(t, problems, c.says)
		require.NoFileExists(t, name)
	}
}

// What is no file stays what it is.
func TestWriteNoFile(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	reader, err := os.OpenFile(pipe, os.O_RDWR, 0)
	require.NoError(t, err)
	require.NoError(t, writeFile(pipe, func(w io.Writer) error {
		_, err := io.WriteString(w, "text")
		return err
	}))
	text := make([]byte, 4)
	_, err = io.ReadFull(reader, text)
	require.NoError(t, err)
	require.Equal(t, "text", string(text))
	require.NoError(t, reader.Close())
	require.ErrorContains(t, writeFile(t.TempDir(), nil), "is a directory")
}
