package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"paxon/explore"
	"paxon/explore/setting"
)

// exploreTable does the searches whose numbers are known, of one part if it is named, and prints them as
// docs/explore.md has them.
func exploreTable(c *cobra.Command, bounds explore.Config, only setting.Part) error {
	out := c.OutOrStdout()
	_, err := fmt.Fprintln(out, setting.Head)
	if err != nil {
		return err
	}
	var wrong []error
	for _, row := range setting.Table() {
		if only != "" && row.Part != only {
			continue
		}
		config, err := row.Config()
		if err != nil {
			return err
		}
		config.Workers, config.Bytes = bounds.Workers, bounds.Bytes
		r, err := searched(c, config)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s %v | %d MB |\n", row.Line(r), r.Time.Round(100*time.Millisecond),
			r.Bytes>>20)
		if err != nil {
			return err
		}
		wrong = append(wrong, row.Check(r))
	}
	return errors.Join(wrong...)
}
