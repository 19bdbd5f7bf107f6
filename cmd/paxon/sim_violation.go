package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"paxon/cmd/paxon/violation"
	"paxon/sim"
	"paxon/sim/flawed"
	"paxon/sim/shrink"
)

// checkOut refuses a folder for violations that cannot be made, before there are any.
func (o simOptions) checkOut(kinds int) error {
	switch {
	case o.out == "":
		return nil
	case kinds > 1 || o.part != string(sim.OfBroadcast):
		return &usageError{fmt.Errorf("--out with --variant %s, --part %s: expected a single variant, "+
			"of --part tob", o.variant, o.part)}
	case violation.Missing(o.out) != nil:
		return &usageError{fmt.Errorf("--out: %w", violation.Missing(o.out))}
	}
	return nil
}

// leave leaves a folder for a violation in a whole run, but not for one of which a trace alone was
// asked.
func (o simOptions) leave(c *cobra.Command, h hunted) error {
	if h.Part != sim.OfBroadcast || o.trace != "" && o.out == "" {
		return nil
	}
	faults, err := sim.ParseFaults(o.faults)
	if err != nil {
		return err
	}
	found := violation.Case{
		Run: o.config(h.Variant, faults), Seed: h.violation.Seed, Command: o.replay(h),
	}
	if strings.HasPrefix(h.Variant.Name, flawed.Prefix) {
		broken, err := flawed.ByName(h.Variant.Name)
		if err != nil {
			return err
		}
		found.Broken = broken.Broken
	}
	var finish func()
	found.Progress, finish = minimising(c)
	dir := o.out
	if dir == "" {
		dir = found.Free()
	}
	report, err := found.Leave(dir)
	finish()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s: why, shown by %d of %d interventions; "+
		"read its README.txt\n", dir, report.After, report.Before)
	return err
}

// minimising shows on a terminal how far minimising has come, and ends it with the context.
func minimising(c *cobra.Command) (progress func(shrink.Progress, int) bool, finish func()) {
	file := terminal(c.ErrOrStderr())
	if file == nil {
		return func(shrink.Progress, int) bool { return c.Context().Err() == nil }, func() {}
	}
	bar := progressbar.NewOptions(1, progressbar.OptionSetWriter(file),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	progress = func(p shrink.Progress, most int) bool {
		bar.ChangeMax(most)
		bar.Describe(fmt.Sprintf("minimising: %d interventions left", p.Length))
		_ = bar.Set(p.Plays) // Drawing may fail.
		return c.Context().Err() == nil
	}
	return progress, func() { _ = bar.Clear() }
}
