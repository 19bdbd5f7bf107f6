package setting_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/explore"
	"paxon/explore/setting"
)

// minority is a search that finds something at once.
func minority(t *testing.T) setting.Schedule {
	t.Helper()
	s := setting.Schedule{Setting: setting.Setting{
		Variant: "broken/minority", Part: setting.Consensus, Processes: 3, Rounds: []int{1, 1},
		Instances: 1,
	}}
	c, err := s.Setting.Config()
	require.NoError(t, err)
	r, err := explore.Run(t.Context(), c)
	require.NoError(t, err)
	require.NotNil(t, r.Violation)
	s.Violates, s.Choices = r.Violation.Property, r.Schedule
	return s
}

// reporter is a test that is watched.
type reporter struct{ said []string }

func (*reporter) Helper()             {}
func (r *reporter) Error(args ...any) { r.said = append(r.said, fmt.Sprint(args...)) }

func TestScheduleIsReadAsWritten(t *testing.T) {
	s := minority(t)
	s.Setting.Without = []string{"dead", "self"}
	s.Setting.Property = s.Violates
	var text bytes.Buffer
	require.NoError(t, s.Write(&text))
	again, err := setting.Read(&text, "it")
	require.NoError(t, err)
	require.Equal(t, s.Setting, again.Setting)
	require.Equal(t, s.Violates, again.Violates)
	require.Equal(t, s.Choices, again.Choices)
}

func TestReadRejects(t *testing.T) {
	head := "variant: paxos\npart: consensus\nprocesses: 3\nrounds: 1\ninstances: 1\n"
	for text, expected := range map[string]string{
		"variant: autumn\n":                    `it:1: unknown variant "autumn"`,
		head + "colour: red\n":                 `it:6: "colour: red": expected one of variant, part, `,
		head + "p1 sings\n":                    `it:6: "p1 sings": expected one of variant, part, `,
		head + "crashes: -1\n":                 `it:6: crashes: "-1": expected a number of 0 to`,
		head + "timers: perhaps\n":             `it:6: timers: "perhaps": expected true or false`,
		head + "property: XY\n":                `it:6: property: unknown property "XY"`,
		head + "\n" + strings.Repeat("x", 1e5): "it:7: bufio.Scanner: token too long",
	} {
		_, err := setting.Read(strings.NewReader(text), "it")
		require.ErrorContains(t, err, expected)
	}
	s, err := setting.Read(strings.NewReader(head+"\n# a comment\n\np1 sings\n"), "it")
	require.NoError(t, err)
	_, err = s.Replay(nil)
	require.ErrorContains(t, err, `it:9: "p1 sings" is none of the `)
}

// What a file says holds or falls, and a test that expects the other fails.
func TestHoldsAndFalls(t *testing.T) {
	s := minority(t)
	file := func(s setting.Schedule) string {
		var text bytes.Buffer
		require.NoError(t, s.Write(&text))
		name := filepath.Join(t.TempDir(), "schedule.txt")
		require.NoError(t, os.WriteFile(name, text.Bytes(), 0o600))
		return name
	}
	broken := file(s)
	setting.Falls(t, broken)
	var r reporter
	setting.Holds(&r, broken)
	require.Len(t, r.said, 1)

	s.Setting.Variant = "paxos" // Its processes wait for others where those of the broken one end.
	sound := file(s)
	setting.Holds(t, sound)
	setting.Falls(&r, sound)
	setting.Falls(&r, "missing")
	setting.Holds(&r, "missing")
	require.Len(t, r.said, 4)
}

func TestProperty(t *testing.T) {
	for _, name := range []string{"CA", "ca", "CA Agreement"} {
		full, err := setting.Property(name)
		require.NoError(t, err)
		require.Equal(t, "CA Agreement", full)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("variant: paxos\npart: consensus\nprocesses: 3\nrounds: 1\ninstances: 1\n\np1 starts\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := setting.Read(strings.NewReader(text), "it")
		if err != nil {
			return
		}
		var out bytes.Buffer
		require.NoError(t, s.Write(&out))
		_, err = setting.Read(&out, "it")
		require.NoError(t, err)
	})
}
