package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/sim"
)

// A broken composition is found in the runs that are meant for it, and the replay shows the same.
func TestSimFindsBrokenVariants(t *testing.T) {
	status, _, problems := simulated(t, "--variant", "broken/winter-answers", "--seeds", "500")
	require.Equal(t, statusFailure, status, problems)
	require.Contains(t, problems, "is violated after")
	require.Contains(t, problems, "--variant broken/winter-answers --processes 4")
	require.Contains(t, problems, "--faults loss,delay,partitions,crashes")

	_, replay, _ := strings.Cut(problems, "Replay it: paxon sim ")
	args := strings.Fields(strings.Replace(replay, "run.ndjson", t.TempDir()+"/run.ndjson", 1))
	again, _, same := simulated(t, args...)
	require.Equal(t, statusFailure, again)
	require.Equal(t, problems, same, "the replay shows something else")
}

func TestSimBrokenUsage(t *testing.T) {
	status, _, problems := simulated(t, "--variant", "broken/nothing")
	require.Equal(t, statusUsage, status)
	require.Contains(t, problems, "expected one of broken/")

	status, _, problems = simulated(t, "--variant", "broken/minority", "--processes", "5",
		"--steps", "1", "--seeds", "2")
	require.Equal(t, statusFailure, status)
	require.Contains(t, problems, "--processes 5", "a flag that is given counts")
	require.Contains(t, problems, sim.Termination)

	var out strings.Builder
	root := newRootCommand()
	root.SetErr(&out)
	root.SetOut(&out)
	require.Equal(t, statusUsage,
		run(t.Context(), root, []string{"cluster", "--variant", "broken/minority", "none.txt"}))
	require.Contains(t, out.String(), "unknown variant")
}
