package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"paxon/sim"
	"paxon/sim/replay"
)

// replaySchedule plays the schedule of a file.
func replaySchedule(c *cobra.Command, o simOptions) error {
	if err := onlyTrace(c.Flags(), "replay"); err != nil {
		return err
	}
	s, v, err := replay.Read(o.replayed)
	if err != nil {
		return &usageError{fmt.Errorf("--replay: %w", err)}
	}
	var r sim.Result
	if err := writeTrace(o.trace, func(t *sim.Trace) { r = s.Play(v, t) }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%d interventions in a run of %s with %d processes: "+
		"%d messages in %d instances delivered, %d events\n", len(s.Interventions), s.Variant,
		s.Processes, r.Delivered, r.Batches, r.Steps)
	if r.Violation != nil {
		return errors.Join(r.Violation, err)
	}
	if s.Property != "" {
		_, said := fmt.Fprintf(c.OutOrStdout(), "nothing is violated; the schedule was found when %q "+
			"did not hold\n", s.Property)
		err = errors.Join(err, said)
	}
	return err
}
