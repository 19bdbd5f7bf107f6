package violation

import (
	"fmt"
	"strings"

	"paxon/sim"
	"paxon/sim/shrink"
)

// story is what the README tells.
type story struct {
	Case
	Violation *sim.Violation // Of the run that was found.
	Schedule  sim.Schedule
	Report    shrink.Report
	sound     error    // Not nil if the schedule shows nothing.
	images    []string // The names of their files.
}

// text is the README.
func (r *story) text() string {
	var b strings.Builder
	s := r.Schedule
	fmt.Fprintf(&b, "%s does not hold.\n\n    %s\n\n", s.Property, s.Detail)
	fmt.Fprintf(&b, "Variant %s with %d processes, seed %d, after %v of virtual time.\n",
		r.Run.Variant.Name, r.Run.Processes, r.Seed, r.Violation.At)
	if r.Broken != "" {
		fmt.Fprintf(&b, "This variant is broken on purpose: %s.\n", r.Broken)
	}
	b.WriteString("\n")
	if r.sound == nil {
		r.enough(&b)
	} else {
		fmt.Fprintf(&b, "The run could not be made shorter: %v.\n"+
			"Only its seed shows it.\n\n", r.sound)
	}
	contents(&b, [][2]string{
		{scheduleFile, "what happens, one intervention a line; it can be edited"},
		{minimalTrace, "the trace of that"},
		{r.pages(), "its diagram"},
		{testFile, "a test that plays it"},
		{runTrace, "the trace of the run that was found"},
	})
	commands(&b, "sim --replay "+scheduleFile)
	fmt.Fprintf(&b, "\nAnywhere:\n\n    %s\n", r.Command)
	asTest(&b)
	return b.String()
}

// contents tells of each file of the folder what it is.
func contents(b *strings.Builder, files [][2]string) {
	b.WriteString("What is here:\n\n")
	for _, file := range files {
		fmt.Fprintf(b, "    %-17s %s\n", file[0], file[1])
	}
}

// commands tells how to play again what is in the folder, and how to draw it.
func commands(b *strings.Builder, play string) {
	fmt.Fprintf(b, `
In this folder:

    paxon %s --trace again.ndjson
    paxon draw %s
`, play, minimalTrace)
}

// asTest tells how to run the test of the folder.
func asTest(b *strings.Builder) {
	fmt.Fprintf(b, `
As a test, in a clone of Paxon; to keep it, put this folder into the clone:

    go test FOLDER/%s
`, testFile)
}

// enough tells which interventions are enough.
func (r *story) enough(b *strings.Builder) {
	s := r.Schedule
	fmt.Fprintf(b, "Of its %d interventions %s, with %d processes and faults for %v:\n\n",
		r.Report.Before, these(r.Report.After), s.Processes, s.Duration)
	for _, i := range s.Interventions {
		fmt.Fprintf(b, "    %v\n", i)
	}
	fmt.Fprintf(b, "\nWhere they say nothing, processes start at once, and a message or an operation "+
		"on a disk\ntakes %v. ", sim.Calm)
	if r.Report.Complete {
		fmt.Fprintf(b, "None of them can be left out: %d runs were tried.\n\n", r.Report.Plays)
	} else {
		fmt.Fprintf(b, "Perhaps fewer would do: only %d runs were tried.\n\n", r.Report.Plays)
	}
}

// pages names the files of the diagram.
func (r *story) pages() string {
	if len(r.images) < 2 {
		return strings.Join(r.images, "")
	}
	return r.images[0] + " to " + r.images[len(r.images)-1]
}

func these(n int) string {
	if n == 1 {
		return "this one is enough"
	}
	return fmt.Sprintf("these %d are enough", n)
}

// test is a Go test that plays the schedule.
func (r *story) test() string {
	comment := "TestSchedule fails as long as this can happen: " + r.Schedule.Property + " falls."
	check := "Holds"
	if r.Broken != "" {
		comment = "TestSchedule shows that " + r.Schedule.Property +
			" falls in a variant that is\n// broken on purpose."
		check = "Falls"
	}
	return fmt.Sprintf(`package violation_test

import (
	"testing"

	"paxon/sim/replay"
)

// %s
func TestSchedule(t *testing.T) { replay.%s(t, %q) }
`, comment, check, scheduleFile)
}
