package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons/catalog"
	"paxon/sim"
)

// simulated carries out "paxon sim" with arguments, where a folder may be left.
func simulated(t *testing.T, args ...string) (status int, out, problems string) {
	t.Helper()
	t.Chdir(t.TempDir())
	var stdout, stderr bytes.Buffer
	root := newRootCommand()
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	status = run(context.Background(), root, append([]string{"sim"}, args...))
	return status, stdout.String(), stderr.String()
}

func TestSimReportsRuns(t *testing.T) {
	status, out, problems := simulated(t, "--seeds", "20", "--variant", "crash-stop", "-n", "5")
	require.Zero(t, status, problems)
	require.Contains(t, out, "20 runs of crash-stop with 5 processes")
	require.Empty(t, problems)
}

func TestSimTraces(t *testing.T) {
	name := filepath.Join(t.TempDir(), "run.ndjson")
	status, _, problems := simulated(t, "--seed", "3", "--trace", name)
	require.Zero(t, status, problems)
	trace, err := os.ReadFile(name)
	require.NoError(t, err)
	for line := range strings.Lines(string(trace)) {
		var e sim.TraceEvent
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		require.NotEmpty(t, e.Event)
	}
	require.NoFileExists(t, name+".partial")
}

func TestSimViolation(t *testing.T) {
	name := filepath.Join(t.TempDir(), "run.ndjson")
	status, _, problems := simulated(t, "--seed", "3", "--steps", "100")
	require.Equal(t, statusFailure, status)
	require.Contains(t, problems, sim.Termination)
	_, replay, found := strings.Cut(problems, "Replay it: paxon sim ")
	require.True(t, found, problems)

	args := strings.Fields(strings.Replace(replay, "run.ndjson", name, 1))
	again, _, same := simulated(t, args...)
	require.Equal(t, statusFailure, again)
	require.Equal(t, problems, same, "the replay shows something else")
	require.FileExists(t, name, "a run with a violation has a trace all the same")
}

func TestSimUsage(t *testing.T) {
	for _, c := range []struct{ args, expected string }{
		{"--variant autumn", `unknown variant "autumn": expected one of`},
		{"--processes 0", "--processes 0: expected 1 to 63"},
		{"--processes 64", "--processes 64: expected 1 to 63"},
		{"--seeds 0", "--seeds 0: expected at least 1"},
		{"--faults rain", `unknown fault "rain": expected all, none, or some of loss`},
		{"--seeds 2 --trace x", "--trace with --seeds 2, --variant fall+spring, --part tob"},
		{"--part register --trace x", "--part register: expected a single --seed"},
		{"--variant all --trace x", "--variant all, --part tob: expected a single --seed"},
		{"--part leader", `--part "leader": expected tob, consensus, register or all`},
		{"--part register --faults loss", "--faults with --part register: it is for --part tob"},
		{"--seed 18446744073709551615 --seeds 2", "expected the last seed to fit into 64 bits"},
		{"--broadcasts -1", "--broadcasts -1"},
		{"--together -1", "--together -1"},
		{"--duration 0s", "--duration 0s"},
		{"surplus", `argument "surplus": expected none`},
	} {
		status, out, problems := simulated(t, strings.Fields(c.args)...)
		require.Equal(t, statusUsage, status, c.args)
		require.Contains(t, problems, c.expected)
		require.Empty(t, out)
	}
}

func TestSimTraceNotWritten(t *testing.T) {
	status, _, problems := simulated(t, "--trace", filepath.Join(t.TempDir(), "none", "run.ndjson"))
	require.Equal(t, statusFailure, status)
	require.Contains(t, problems, "write the trace")
}

func TestSimParts(t *testing.T) {
	status, out, problems := simulated(t, "--part", "consensus", "--seeds", "30", "--variant", "winter")
	require.Zero(t, status, problems)
	require.Contains(t, out, "30 runs of the consensus of winter with 3 processes")
	require.Contains(t, out, "on each")
}

func TestSimEverything(t *testing.T) {
	status, out, problems := simulated(t, "--part", "all", "--variant", "all", "--seeds", "3")
	require.Zero(t, status, problems)
	for _, name := range catalog.Names() {
		require.Contains(t, out, name)
	}
	require.Equal(t, len(catalog.Names()), strings.Count(out, "register"))
	require.Contains(t, out, strconv.Itoa(3*3*len(catalog.Names())), "the sum of all runs is missing")
}

// A part alone that is broken is found, and the replay shows it again, with its last events.
func TestSimPartViolation(t *testing.T) {
	args := []string{"--variant", "broken/minority", "--part", "register", "--seeds", "2000"}
	status, out, problems := simulated(t, args...)
	require.Equal(t, statusFailure, status, out)
	_, replay, found := strings.Cut(problems, "Replay it: paxon sim ")
	require.True(t, found, problems)
	require.Contains(t, problems, "the events before")
	again, _, same := simulated(t, strings.Fields(replay)...)
	require.Equal(t, statusFailure, again)
	require.Equal(t, problems, same, "the replay shows something else")
}

func TestSimCoverage(t *testing.T) {
	status, out, problems := simulated(t, "--coverage", "--part", "register", "--seeds", "500")
	require.Zero(t, status, problems)
	require.Contains(t, out, sim.PutLost.String())

	status, _, problems = simulated(t, "--coverage", "--seeds", "3", "--faults", "loss")
	require.Equal(t, statusFailure, status)
	require.Contains(t, problems, "3 runs of fall+spring never showed")
	require.Contains(t, problems, sim.Restarted.String())
}

// What was done until an interruption is printed.
func TestSimInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stdout, stderr bytes.Buffer
	root := newRootCommand()
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	status := run(ctx, root, []string{"sim", "--variant", "all", "--seeds", "100000000"})
	require.Equal(t, statusInterrupted, status)
	require.Empty(t, stdout.String(), "nothing was done")
}
