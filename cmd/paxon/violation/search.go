package violation

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"paxon/draw"
	"paxon/explore/setting"
	"paxon/sim"
	"paxon/sim/flawed"
)

// choicesFile is the schedule of a search.
const choicesFile = "schedule.txt"

// LeaveSearch makes the folder of a violation that a search has found: like that of a run, but
// with choices in place of interventions. There is nothing to minimise: no violation comes after
// fewer choices. The error is an *ExistsError, or one of writing, after which there is no folder.
func LeaveSearch(dir string, s setting.Schedule, v *sim.Violation) error {
	return leave(dir, func(partial string) error { return fillSearch(partial, s, v) })
}

func fillSearch(dir string, s setting.Schedule, v *sim.Violation) error {
	var text bytes.Buffer
	if err := s.Write(&text); err != nil {
		return err
	}
	var failure error
	trace := filepath.Join(dir, minimalTrace)
	err := traced(trace, func(t *sim.Trace) { _, failure = s.Replay(t) })
	if err != nil || failure != nil {
		return fmt.Errorf("make the choices again: %w", errors.Join(err, failure))
	}
	options := draw.DefaultOptions()
	options.Title = fmt.Sprintf("%s: %s", s.Setting.Variant, v.Property)
	images, err := pages(dir, trace, options)
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		choicesFile: text.String(), testFile: searchTest(s), readmeFile: searchReadme(s, v, images),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func searchReadme(s setting.Schedule, v *sim.Violation, images []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s does not hold.\n\n    %s\n\nVariant %s with %d processes. No fewer than %d "+
		"choices lead to it:\n\n", v.Property, v.Detail, s.Setting.Variant, s.Setting.Processes,
		len(s.Choices))
	for i, choice := range s.Choices {
		fmt.Fprintf(&b, "    %3d  %s\n", i+1, choice)
	}
	b.WriteString("\n")
	contents(&b, [][2]string{
		{choicesFile, "these choices, and what was searched"},
		{minimalTrace, "the trace of that"},
		{strings.Join(images, ", "), "its diagram"},
		{testFile, "a test that makes the choices"},
	})
	commands(&b, "explore --schedule "+choicesFile)
	asTest(&b)
	return b.String()
}

func searchTest(s setting.Schedule) string {
	check := "Holds"
	if s.Setting.AsPrinted || strings.HasPrefix(s.Setting.Variant, flawed.Prefix) {
		check = "Falls"
	}
	return fmt.Sprintf(`package violation_test

import (
	"testing"

	"paxon/explore/setting"
)

// TestSchedule makes the choices after which %s did not hold.
func TestSchedule(t *testing.T) { setting.%s(t, %q) }
`, s.Violates, check, choicesFile)
}
