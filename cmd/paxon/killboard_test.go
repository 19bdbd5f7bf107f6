package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// killboardOf carries out "paxon killboard" with arguments.
func killboardOf(t *testing.T, args ...string) (status int, out, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	root := newRootCommand()
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	status = run(t.Context(), root, append([]string{"killboard"}, args...))
	return status, stdout.String(), stderr.String()
}

func TestKillboardPrints(t *testing.T) {
	status, out, problems := killboardOf(t, "--part", "retransmit")
	require.Zero(t, status, problems)
	require.Contains(t, out, "retransmit/never-retransmits")
	require.Contains(t, out, "each message is sent once")
	require.Contains(t, out, "13 broken parts, no survivors.")
	require.Contains(t, out, "seeds: at most ")

	status, out, problems = killboardOf(t, "--part", "retransmit", "--markdown")
	require.Zero(t, status, problems)
	require.Contains(t, out, "# The kill board")
	require.Contains(t, out, "| retransmit/ignores-cancel | what is cancelled is sent on | trap 7 |")

	status, out, problems = killboardOf(t, "--only", "retransmit/gives-up", "--json")
	require.Zero(t, status, problems)
	var rows []jsonKill
	require.NoError(t, json.Unmarshal([]byte(out), &rows))
	require.Len(t, rows, 1)
	require.True(t, rows[0].Killed)
	require.NotEmpty(t, rows[0].Verdicts)
}

func TestKillboardSurvivor(t *testing.T) {
	status, out, problems := killboardOf(t, "--only", "composition/holes-stay", "--budget", "1")
	require.Equal(t, statusFailure, status)
	require.Contains(t, out, "1 broken parts, 1 survivors.")
	require.Contains(t, problems, "1 of 1 broken parts survive, first of them composition/holes-stay")
}

func TestKillboardUsage(t *testing.T) {
	for _, args := range [][]string{
		{"--only", "nothing"},
		{"--part", "nothing"},
		{"--budget", "-1"},
		{"--json", "--markdown"},
		{"extra"},
	} {
		status, _, problems := killboardOf(t, args...)
		require.Equal(t, statusUsage, status, "%v: %s", args, problems)
		require.NotEmpty(t, problems)
	}
}
