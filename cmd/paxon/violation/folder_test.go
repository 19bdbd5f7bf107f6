package violation_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/cmd/paxon/violation"
	"paxon/seasons"
	"paxon/sim"
	"paxon/sim/flawed"
	"paxon/sim/replay"
	"paxon/sim/shrink"
)

// found is a case of a broken composition.
func found(t *testing.T, name string) violation.Case {
	t.Helper()
	c, err := flawed.ByName(name)
	require.NoError(t, err)
	for seed := range c.Seeds {
		if c.Kills(sim.Run(c.Config(), seed, nil)) {
			return violation.Case{
				Run: c.Config(), Seed: seed, Broken: c.Broken, Command: "paxon sim --seed 1",
			}
		}
	}
	require.Fail(t, "nothing shows")
	return violation.Case{}
}

func TestLeave(t *testing.T) {
	c := found(t, "holes-stay")
	plays := 0
	c.Progress = func(p shrink.Progress, most int) bool {
		plays++
		require.Equal(t, plays, p.Plays)
		require.LessOrEqual(t, plays, most)
		return true
	}
	dir := filepath.Join(t.TempDir(), "found")
	report, err := c.Leave(dir)
	require.NoError(t, err)
	require.Equal(t, plays, report.Plays)
	require.Less(t, report.After, 10)
	require.Greater(t, report.Before, 100)

	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	require.Equal(t, []string{
		"README.txt", "minimal.ndjson", "minimal.svg", "run.ndjson", "schedule.json",
		"schedule_test.go",
	}, names)
	siblings, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	require.Len(t, siblings, 1, "something half-written stays")

	replay.Falls(t, filepath.Join(dir, "schedule.json"))
	for _, trace := range []string{"minimal.ndjson", "run.ndjson"} {
		text, err := os.ReadFile(filepath.Join(dir, trace))
		require.NoError(t, err)
		last := text[bytes.LastIndexByte(bytes.TrimSpace(text), '\n'):]
		require.Contains(t, string(last), `"event":"violation"`)
	}
	readme, err := os.ReadFile(filepath.Join(dir, "README.txt"))
	require.NoError(t, err)
	for _, part := range []string{
		"TO2 Agreement does not hold.", "broken/holes-stay with 3 processes",
		"broken on purpose: ", "are enough", "p1 crashes", "paxon sim --seed 1",
		"--replay schedule.json",
	} {
		require.Contains(t, string(readme), part)
	}
}

// The test in the folder passes for what is broken on purpose, and fails for what is not.
func TestTheTest(t *testing.T) {
	for verdict, broken := range map[string]string{"ok": "something", "FAIL": ""} {
		c := found(t, "minority")
		c.Broken = broken
		dir := filepath.Join(t.TempDir(), "found")
		_, err := c.Leave(dir)
		require.NoError(t, err)
		test := exec.CommandContext(t.Context(), "go", "test", filepath.Join(dir, "schedule_test.go"))
		out, _ := test.CombinedOutput()
		require.True(t, strings.Contains(string(out), verdict), "%s", out)
	}
}

// Nothing is overwritten.
func TestExists(t *testing.T) {
	t.Chdir(t.TempDir())
	c := found(t, "minority")
	require.Equal(t, "violation-broken-minority-0", c.Free())
	require.NoError(t, os.Mkdir(c.Free(), 0o700))
	require.Equal(t, "violation-broken-minority-0-2", c.Free())
	_, err := c.Leave("violation-broken-minority-0")
	var exists *violation.ExistsError
	require.ErrorAs(t, err, &exists)
	require.EqualError(t, err,
		"violation-broken-minority-0 exists: expected a name for a folder that does not")
}

// What cannot be written leaves nothing.
func TestNothingStays(t *testing.T) {
	dir := t.TempDir()
	c := violation.Case{Run: sim.DefaultConfig(seasons.Paxos(), 3)}
	_, err := c.Leave(filepath.Join(dir, "found"))
	require.ErrorIs(t, err, violation.ErrSound)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
	_, err = c.Leave(filepath.Join(dir, "missing", "found"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// A minimising that is ended says so.
func TestEnded(t *testing.T) {
	c := found(t, "clients-forgotten")
	c.Progress = func(p shrink.Progress, _ int) bool { return p.Plays < 5 }
	dir := filepath.Join(t.TempDir(), "found")
	report, err := c.Leave(dir)
	require.NoError(t, err)
	require.False(t, report.Complete)
	readme, err := os.ReadFile(filepath.Join(dir, "README.txt"))
	require.NoError(t, err)
	require.Contains(t, string(readme), "Perhaps fewer would do: only 5 runs were tried.")
}
