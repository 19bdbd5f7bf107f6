package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"paxon/cmd/paxon/violation"
	"paxon/explore"
	"paxon/explore/setting"
	"paxon/sim"
)

// leave leaves a folder for a violation.
func (o *exploreOptions) leave(c *cobra.Command, r explore.Result) error {
	s := setting.Schedule{Setting: o.Setting, Violates: r.Violation.Property, Choices: r.Schedule}
	dir := o.out
	if dir == "" {
		dir = violation.FreeFor(o.Variant)
	}
	if err := violation.LeaveSearch(dir, s, r.Violation); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.OutOrStdout(), "%s: why, in %d choices; read its README.txt\n",
		dir, len(r.Schedule))
	return err
}

// replayChoices makes the choices of a file.
func replayChoices(c *cobra.Command, o exploreOptions) error {
	if err := onlyTrace(c.Flags(), "schedule"); err != nil {
		return err
	}
	s, err := setting.ReadFile(o.schedule)
	if err != nil {
		return &usageError{err}
	}
	var v *sim.Violation
	var impossible error
	err = writeTrace(o.trace, func(t *sim.Trace) { v, impossible = s.Replay(t) })
	if err != nil {
		return err
	}
	if impossible != nil {
		return &usageError{impossible}
	}
	if v != nil {
		return falls(v)
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%d choices of %s with %d processes: nothing is violated\n",
		len(s.Choices), s.Setting.Variant, s.Setting.Processes)
	if s.Violates != "" {
		_, said := fmt.Fprintf(c.OutOrStdout(), "they were found when %q did not hold\n", s.Violates)
		err = errors.Join(err, said)
	}
	return err
}
