package main

import (
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"paxon/sim/flawed"
)

// brokenRuns gives the flags of a variant that is broken on purpose the values of the runs which
// find it, where the command line has none.
func brokenRuns(f *pflag.FlagSet, variant string) error {
	if !strings.HasPrefix(variant, flawed.Prefix) {
		return nil
	}
	c, err := flawed.ByName(variant)
	if err != nil {
		return &usageError{err}
	}
	runs := c.Config()
	for _, flag := range [][2]string{
		{"processes", strconv.Itoa(runs.Processes)},
		{"faults", runs.Faults.String()},
		{"broadcasts", strconv.Itoa(runs.Broadcasts)},
		{"together", strconv.Itoa(runs.Together)},
		{"duration", runs.Duration.String()},
	} {
		if f.Changed(flag[0]) {
			continue
		}
		if err := f.Set(flag[0], flag[1]); err != nil {
			return err
		}
	}
	return nil
}
