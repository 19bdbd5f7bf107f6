package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"paxon/sim"
	"paxon/sim/replay"
)

// onlyTrace refuses flags that a schedule has its own values for.
func onlyTrace(f *pflag.FlagSet) (err error) {
	f.Visit(func(flag *pflag.Flag) {
		if flag.Name != "replay" && flag.Name != "trace" {
			err = &usageError{fmt.Errorf("--replay with --%s: expected no other flag but --trace",
				flag.Name)}
		}
	})
	return err
}

// replaySchedule plays the schedule of a file.
func replaySchedule(c *cobra.Command, o simOptions) error {
	if err := onlyTrace(c.Flags()); err != nil {
		return err
	}
	s, v, err := replay.Read(o.replayed)
	if err != nil {
		return &usageError{fmt.Errorf("--replay: %w", err)}
	}
	var r sim.Result
	play := func(t *sim.Trace) { r = s.Play(v, t) }
	if o.trace == "" {
		play(nil)
	} else if err := withTraceFile(o.trace, play); err != nil {
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

// withTraceFile writes the trace of a run to a file, which takes its name once it is complete.
func withTraceFile(name string, run func(t *sim.Trace)) (err error) {
	file, err := os.Create(name + ".partial")
	if err != nil {
		return fmt.Errorf("write the trace: %w", err)
	}
	defer func() { err = errors.Join(err, keep(file, name, err)) }()
	out := bufio.NewWriter(file)
	trace := sim.NewTrace(out)
	run(trace)
	if err := errors.Join(trace.Err(), out.Flush()); err != nil {
		return fmt.Errorf("write the trace: %w", err)
	}
	return nil
}
