package main

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/spf13/cobra"

	"paxon/draw"
	"paxon/node/durable"
	"paxon/sim"
)

// exportOptions are the flags of paxon export.
type exportOptions struct {
	format, out, without string
}

func newExportCommand() *cobra.Command {
	var o exportOptions
	c := &cobra.Command{
		Use:   "export TRACE",
		Short: "Write the trace of a simulated run for another program",
		Long: `Write the trace of a run, as paxon sim --trace writes it, in the form of another program.

Formats:
  shiviz  a log with vector clocks for ShiViz. Its input
          form has the regular expression that takes it apart:
          ` + draw.ShiVizParser + `

Losses and links that break happen at no process and are left out. A violation is an event of a
host of its own. What else can be left out: ` + wordList(draw.Kinds()) + `.
What is left out has no part in the clocks.`,
		Example: `  paxon sim --seed 42 --trace run.ndjson
  paxon export --format shiviz run.ndjson --out run.log`,
		Args: oneTrace,
		RunE: func(c *cobra.Command, args []string) error { return runExport(c, args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.format, "format", "", "the `FORMAT`: shiviz")
	f.StringVarP(&o.out, "out", "o", "", "write to `FILE`; to standard output if not given")
	f.StringVar(&o.without, "without", wordList(draw.DefaultWithout()),
		"leave out these kinds: `LIST`, or none")
	return c
}

func runExport(c *cobra.Command, trace string, o exportOptions) error {
	kinds, err := draw.ParseKinds(o.without)
	if err != nil {
		return &usageError{fmt.Errorf("--without: %w", err)}
	}
	if o.format != "shiviz" {
		return &usageError{fmt.Errorf("--format %q: expected shiviz", o.format)}
	}
	export := func(out io.Writer) error {
		return withTrace(trace, func(events iter.Seq2[sim.TraceEvent, error]) error {
			return draw.ShiViz(out, events, kinds)
		})
	}
	if o.out == "" {
		err = export(c.OutOrStdout())
	} else {
		err = writeFile(o.out, export)
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// writeFile writes a file, in the place of an older one once it is complete. What is there and no file, such
// as /dev/stdout or a pipe, is written to as it is.
func writeFile(name string, write func(out io.Writer) error) error {
	info, err := os.Stat(name)
	if err != nil || info.Mode().IsRegular() {
		return durable.ReplaceBy(vfs.Default, name, write)
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
