package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"paxon/history"
)

// standardInput is the file name that stands for it.
const standardInput = "-"

func newHistoryCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "history",
		Short: "Check what clients saw of a cluster against total order broadcast",
		Long: `A history is what clients saw: broadcasts with their answers, and reads of what a process has
delivered, with the times of each. It is written as NDJSON, one operation a line: see the
documentation of package history. Porcupine searches for an order of the operations that total order
broadcast allows.`,
		Example: `  paxon history check history.ndjson
  paxon history from-trace run.ndjson | paxon history check -`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newHistoryCheckCommand(), newHistoryFromTraceCommand())
	return c
}

func newHistoryCheckCommand() *cobra.Command {
	var timeout time.Duration
	var html string
	c := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a history",
		Long: `Check a history, or standard input for "-", and print what is in it and the verdict. With
--html, Porcupine's picture of it is written, whatever the verdict.

Exit status: 0 only if the verdict is ok. It is "undecided" if the time was not enough.`,
		Example: `  paxon history check history.ndjson
  paxon history check --html history.html history.ndjson`,
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			if timeout <= 0 {
				return &usageError{fmt.Errorf("--timeout %v: expected above 0", timeout)}
			}
			return checkHistory(c, args[0], html, timeout)
		},
	}
	c.Flags().DurationVar(&timeout, "timeout", time.Minute, "time to check in")
	c.Flags().StringVar(&html, "html", "", "write a picture of the history to `FILE`")
	return c
}

func newHistoryFromTraceCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "from-trace FILE",
		Short: "Make a history of the trace of a simulated run",
		Long: `Make a history of a trace that paxon sim --trace wrote, or of standard input for "-", and write
it to standard output. What a process delivers in an instance becomes a read.`,
		Example: `  paxon sim --seed 42 --trace run.ndjson
  paxon history from-trace run.ndjson > history.ndjson`,
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			operations, err := readHistory(c, args[0], history.FromTrace)
			if err != nil {
				return err
			}
			return history.Write(c.OutOrStdout(), operations)
		},
	}
}

// oneFile wants the name of one file.
func oneFile(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &usageError{fmt.Errorf("%d files: expected one, or - for standard input", len(args))}
	}
	return nil
}

// readHistory reads a file, or standard input, in one of its forms.
func readHistory(c *cobra.Command, name string, read func(io.Reader) ([]history.Operation, error),
) (operations []history.Operation, err error) {
	in := c.InOrStdin()
	if name != standardInput {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close() //nolint:errcheck // It was only read.
		in = file
	}
	operations, err = read(bufio.NewReader(in))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return operations, nil
}

func checkHistory(c *cobra.Command, name, html string, timeout time.Duration) error {
	operations, err := readHistory(c, name, history.ReadAll)
	if err != nil {
		return err
	}
	r, err := history.Check(operations, timeout)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s: %d messages, %d unknown of which %d were delivered, in "+
		"%d calls; %d reads\n", r.Verdict, r.Counts.Messages, r.Counts.Unknown, r.Counts.UnknownSeen,
		r.Counts.Calls, r.Counts.Reads)
	if html != "" {
		err = errors.Join(err, writeFile(html, func(w io.Writer) error {
			return history.Draw(w, operations, timeout)
		}))
	}
	if err != nil {
		return err
	}
	return verdictError(r, timeout)
}

// verdictError is nil only if a history is ok.
func verdictError(r history.Result, timeout time.Duration) error {
	switch r.Verdict {
	case history.OK:
		return nil
	case history.Violation:
		return fmt.Errorf("violation of total order broadcast: %s", r.Reason)
	case history.Undecided:
	}
	return fmt.Errorf("undecided after %v: expected ok: give it more time with --timeout", timeout)
}
