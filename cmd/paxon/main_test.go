package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/client"
	"paxon/node"
	"paxon/tob"
)

// program is the command, built for the tests.
var program string

func TestMain(m *testing.M) { os.Exit(buildAndTest(m)) }

func buildAndTest(m *testing.M) int {
	dir, err := os.MkdirTemp("", "paxon-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // The tests have their result already.
	program = filepath.Join(dir, "paxon")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		panic(fmt.Sprintf("go build: %v\n%s", err, out))
	}
	return m.Run()
}

type result struct {
	status         int
	stdout, stderr string
}

// paxon runs the command in a directory of its own.
func paxon(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	c := exec.CommandContext(t.Context(), program, args...)
	c.Dir = t.TempDir()
	return resultOf(t, c, stdin)
}

func resultOf(t *testing.T, c *exec.Cmd, stdin string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return result{c.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func write(t *testing.T, content string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// TestBadInput gives each mistake its message and exit status.
func TestBadInput(t *testing.T) {
	lines, dir := write(t, "a\nb\n"), t.TempDir()
	taken := filepath.Join(dir, "taken")
	require.NoError(t, os.WriteFile(taken, nil, 0o600))
	config := "cluster: c\nprocess: 1\nvariant: paxos\ndir: d\npeers: {1: 127.0.0.1:1}\napi: 127.0.0.1:2\n"
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"frobnicate", 2, `unknown command "frobnicate"`},
		{"--frobnicate", 2, "unknown flag"},
		{"cluster --variant raft " + lines, 2, `"raft": expected one of crash-stop, paxos, `},
		{"cluster --crash 4@30 " + lines, 2, "process 4 of 3: expected 1 to 3"},
		{"cluster --crash 1@101 " + lines, 2, "at 101 percent: expected 0 to 100"},
		{"cluster --crash 1 " + lines, 2, "expected ID@PERCENT"},
		{"cluster --variant crash-stop --crash 1@1 --crash 2@2 " + lines, 2, "a majority is left"},
		{"cluster --variant winter+fall --crash 1@1 --crash 2@2 " + lines, 2, "at most 1 ever crash"},
		{"cluster --variant summer+winter " + lines, 2, "summer and winter cannot be combined"},
		{"cluster --processes 0 " + lines, 2, "--processes 0: expected 1 to 99"},
		{"cluster --processes 100 " + lines, 2, "--processes 100: expected 1 to 99"},
		{"cluster --processes x " + lines, 2, `invalid argument "x"`},
		{"cluster missing.txt", 1, "missing.txt: no such file or directory"},
		{"cluster " + dir, 1, "is a directory"},
		{"cluster " + taken, 1, "the input is empty"},
		{"cluster -", 1, "the input is empty"},
		{"cluster --dir " + taken + " " + lines, 1, "not a directory"},
		{"node", 2, "no --config"},
		{"node --config missing.yaml", 2, "missing.yaml"},
		{"node --config " + write(t, config+"frob: 1\n"), 2, "frob"},
		{"node --config " + write(t, config+"codec: xml\n"), 2, "xml"},
		{"node --config " + write(t, strings.Replace(config, "paxos", "raft", 1)), 2, "raft"},
		{"node --config " + write(t, strings.Replace(config, "process: 1", "process: 4", 1)), 2, "4"},
		{"node --config " + write(t, strings.Replace(config, "api: 127.0.0.1:2", "", 1)), 2, "api"},
		{"node x", 2, "expected none"},
		{"send a b", 2, "expected one text"},
		{"send --client p1.1.1.1 a", 2, "expected both"},
		{"send --client 1 --sequence 1 a", 2, "expected the form p1.2.3.4"},
		{"send --to localhost:1 a", 2, "expected the URL"},
		{"send --attempts 0 a", 2, "expected at least 1"},
		{"send --attempts 1 --to http://127.0.0.1:1 a", 1, "see whether the process runs"},
		{"tail --from x", 2, "expected instance/offset"},
		{"tail --format xml", 2, "expected text or json"},
		{"tail --to x", 2, "expected the URL"},
		{"tail --no-follow --to http://127.0.0.1:1", 1, "see whether the process runs"},
	} {
		r := paxon(t, "", strings.Fields(c.args)...)
		assert.Equal(t, c.status, r.status, "%s: %s", c.args, r.stderr)
		assert.Contains(t, r.stderr, c.want, c.args)
		assert.True(t, strings.HasPrefix(r.stderr, "paxon: "), r.stderr)
		assert.Empty(t, r.stdout, c.args)
		assert.NotContains(t, r.stderr, "Usage:", "%s: no usage dump", c.args)
	}
}

// TestHelp finds an example in the help of every command.
func TestHelp(t *testing.T) {
	root := newRootCommand()
	commands := append([]*cobra.Command{root}, root.Commands()...)
	for _, c := range commands {
		var out bytes.Buffer
		r := newRootCommand()
		r.SetOut(&out)
		args := strings.Fields(c.CommandPath() + " --help")[1:]
		assert.Zero(t, run(t.Context(), r, args))
		if c.Name() != "help" {
			assert.Contains(t, out.String(), "Examples:\n", c.Name())
		}
		assert.NotContains(t, out.String(), "until-stdin-ends")
		assert.NotContains(t, out.String(), "small-limits")
	}
}

func TestInterruptedStatus(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	root := &cobra.Command{Use: "x", RunE: func(*cobra.Command, []string) error {
		cancel()
		return ctx.Err()
	}, SilenceErrors: true, SilenceUsage: true}
	var stderr bytes.Buffer
	root.SetErr(&stderr)
	assert.Equal(t, statusInterrupted, run(ctx, root, nil))
	assert.Equal(t, "paxon: interrupted\n", stderr.String())
}

// clusterRun runs paxon cluster and gives its result and the delivered lines of each process.
func clusterRun(t *testing.T, stdin string, args ...string) (jsonReport, [][]string) {
	t.Helper()
	out := t.TempDir()
	r := paxon(t, stdin, append([]string{"cluster", "--json", "--out", out}, args...)...)
	require.Zero(t, r.status, r.stderr)
	require.Empty(t, r.stderr, "no bar without a terminal")
	var report jsonReport
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &report))
	var sequences [][]string
	for _, m := range report.Processes {
		text, err := os.ReadFile(m.File)
		require.NoError(t, err)
		sequences = append(sequences, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"))
	}
	entries, err := os.ReadDir(out)
	require.NoError(t, err)
	require.Len(t, entries, len(report.Processes), "nothing but the sequences is left")
	return report, sequences
}

func numbered(n int) []string {
	var lines []string
	for i := range n {
		lines = append(lines, fmt.Sprintf("%06d of the lines, with some more text", i))
	}
	return lines
}

// checkSequence wants each line once, and those of one process in their order.
func checkSequence(t *testing.T, want, got []string, processes int) {
	t.Helper()
	for first := range processes {
		var mine []string
		for i := first; i < len(want); i += processes {
			mine = append(mine, want[i])
		}
		at := 0
		for _, l := range got {
			if at < len(mine) && l == mine[at] {
				at++
			}
		}
		require.Equal(t, len(mine), at, "the lines of process %d in order", first+1)
	}
	sorted := slices.Clone(got)
	slices.Sort(sorted)
	require.Equal(t, want, sorted)
}

func TestCluster(t *testing.T) {
	want := numbered(2000)
	text := strings.Join(want, "\n")
	for name, args := range map[string][]string{
		"three":           nil,
		"five":            {"--processes", "5"},
		"one":             {"--processes", "1"},
		"crashes":         {"--crash", "1@30", "--crash", "2@60"},
		"all crash":       {"--crash", "1@50", "--crash", "2@50", "--crash", "3@50"},
		"crash-stop":      {"--variant", "crash-stop"},
		"crash-stop dies": {"--variant", "crash-stop", "--crash", "1@50"},
	} {
		t.Run(name, func(t *testing.T) {
			report, sequences := clusterRun(t, text, append(args, "-")...)
			assert.EqualValues(t, len(want), report.Lines)
			assert.EqualValues(t, len(text), report.Bytes)
			for i, m := range report.Processes {
				if m.Crashed {
					assert.Less(t, len(sequences[i]), len(want))
					continue
				}
				checkSequence(t, want, sequences[i], len(report.Processes))
				assert.Equal(t, sequences[1%len(sequences)], sequences[i])
			}
		})
	}
}

// TestClusterDir uses a directory twice: the second run goes on, and has its own lines alone.
func TestClusterDir(t *testing.T) {
	dir := t.TempDir()
	first, second := numbered(400), numbered(500)[400:]
	_, sequences := clusterRun(t, strings.Join(first, "\n"), "--dir", dir)
	checkSequence(t, first, sequences[0], 3)
	_, sequences = clusterRun(t, strings.Join(second, "\n"), "--dir", dir)
	checkSequence(t, second, sequences[2], 3)

	clusterRun(t, "a\nb\n", "--dir", dir, "--crash", "2@50")
	left, err := filepath.Glob(filepath.Join(dir, "input*"))
	require.NoError(t, err)
	assert.Empty(t, left, "the copy of standard input is gone")

	r := paxon(t, "a", "cluster", "--dir", dir, "--processes", "5")
	assert.Equal(t, 1, r.status)
	assert.Contains(t, r.stderr, "belongs to 3 processes of fall+spring")
}

// TestLines broadcasts lines that are empty, long and binary.
func TestLines(t *testing.T) {
	want := []string{"", "\x00\xff\r", strings.Repeat("long", 2<<20), "", "end"}
	_, sequences := clusterRun(t, strings.Join(want, "\n"))
	for _, got := range sequences {
		require.ElementsMatch(t, want, got)
	}
	r := paxon(t, want[2]+"x", "cluster")
	assert.Equal(t, 1, r.status)
	assert.Contains(t, r.stderr, "-:1: a line of more than 8388608 bytes")
}

// TestInterrupt sends signals to a cluster that waits for its input: its processes die with it,
// and if it can, it cleans up.
func TestInterrupt(t *testing.T) {
	for name, signal := range map[string]os.Signal{"int": os.Interrupt, "kill": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			tmp := t.TempDir()
			c := exec.Command(program, "cluster", "--out", filepath.Join(tmp, "out"))
			c.Env = append(os.Environ(), "TMPDIR="+tmp)
			stdin, err := c.StdinPipe()
			require.NoError(t, err)
			var stderr bytes.Buffer
			c.Stderr = &stderr
			require.NoError(t, c.Start())
			_, err = stdin.Write([]byte("one\ntwo\n"))
			require.NoError(t, err)
			ended := awaitDeliveries(t, tmp)
			require.NoError(t, c.Process.Signal(signal))
			require.Error(t, c.Wait())
			for range 3 {
				<-ended
			}
			if signal == os.Interrupt {
				assert.Equal(t, statusInterrupted, c.ProcessState.ExitCode())
				assert.Equal(t, "paxon: interrupted\n", stderr.String())
				left, err := filepath.Glob(filepath.Join(tmp, "paxon-cluster-*"))
				require.NoError(t, err)
				assert.Empty(t, left)
				left, err = filepath.Glob(filepath.Join(tmp, "out", "*"))
				require.NoError(t, err)
				assert.Empty(t, left)
			}
		})
	}
}

// awaitDeliveries waits until each of the three processes below tmp has delivered something, and
// gives what receives when one of them has ended.
func awaitDeliveries(t *testing.T, tmp string) (ended <-chan struct{}) {
	t.Helper()
	var paths []string
	require.Eventually(t, func() bool {
		var err error
		paths, err = filepath.Glob(filepath.Join(tmp, "paxon-cluster-*", "*.yaml"))
		return err == nil && len(paths) == 3
	}, 10*time.Second, 10*time.Millisecond)
	delivered, end := make(chan struct{}, 3), make(chan struct{}, 3)
	for _, path := range paths {
		var config node.Config
		require.Eventually(t, func() (ok bool) {
			var err error
			config, err = node.ReadConfig(path) // It may be written only in part.
			return err == nil
		}, 10*time.Second, 10*time.Millisecond)
		c, err := client.New("http://" + config.API)
		require.NoError(t, err)
		require.Eventually(t, func() bool { return c.Healthy(t.Context()) == nil },
			10*time.Second, 10*time.Millisecond)
		go func() {
			first := true
			for _, err := range c.Deliveries(t.Context(), tob.Position{}, true) {
				if err == nil && first {
					delivered <- struct{}{}
				}
				first = false
			}
			end <- struct{}{}
		}()
	}
	for range paths {
		<-delivered
	}
	return end
}
