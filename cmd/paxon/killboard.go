package main

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"paxon/killboard"
)

// killOptions are the flags of paxon killboard.
type killOptions struct {
	part, only       string
	budget           int
	asJSON, markdown bool
}

func newKillboardCommand() *cobra.Command {
	var o killOptions
	c := &cobra.Command{
		Use:   "killboard",
		Short: "Run every checker against everything that is kept broken, and show what it kills",
		Long: `Run every checker against the parts and compositions that are kept broken, and print
which checker finds which of them, in what property, and after how many scripts, schedules, seeds,
crashes or states.

The checkers are the layers of the conformance suites; sim: whole random runs of a composition with
the part in it; and explore: all states of a composition's consensus, or of CASPaxos, in small bounds.

A cell such as "WC 14" is a property that the flaw breaks and the 14th try; in brackets it is another
property; a dot stands for nothing found, and a blank for a checker that cannot be applied.

Exit status: 1 if a broken part survives all checkers, or falls in no property that it breaks.`,
		Example: `  paxon killboard
  paxon killboard --part register --budget 10000
  paxon killboard --only composition/rounds-restart --json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return runKillboard(c, o) },
	}
	f := c.Flags()
	f.StringVar(&o.part, "part", "",
		"check those of a `PART` alone: one of "+wordList(killboard.Parts()))
	f.StringVar(&o.only, "only", "",
		"check those of a `NAME` alone, such as register/minority or minority")
	f.IntVar(&o.budget, "budget", 0,
		"how many seeds each random checker gets; 0 for what suites and runs have by default")
	f.BoolVar(&o.asJSON, "json", false, "print the board as JSON")
	f.BoolVar(&o.markdown, "markdown", false, "print the board as Markdown")
	return c
}

func runKillboard(c *cobra.Command, o killOptions) error {
	switch {
	case o.budget < 0:
		return &usageError{fmt.Errorf("--budget %d: expected at least 0", o.budget)}
	case o.asJSON && o.markdown:
		return &usageError{errors.New("--json with --markdown: expected one of them")}
	}
	board, err := killed(c, o)
	if unknown, ok := errors.AsType[*killboard.UnknownError](err); ok {
		return &usageError{unknown}
	}
	if err != nil {
		return err
	}
	out := c.OutOrStdout()
	switch {
	case o.asJSON:
		err = printBoardJSON(out, board)
	case o.markdown:
		err = printBoardMarkdown(out, board)
	default:
		err = printBoard(out, board)
	}
	if survivors := board.Survivors(); err == nil && len(survivors) > 0 {
		return fmt.Errorf("%d of %d broken parts survive, first of them %s (%s): expected every one "+
			"to fall in a property that it breaks", len(survivors), len(board.Rows), survivors[0].ID(),
			survivors[0].Broken)
	}
	return err
}

// killed makes the board, with a progress bar on a terminal.
func killed(c *cobra.Command, o killOptions) (killboard.Board, error) {
	config := killboard.Config{
		Budget: killboard.Budget{Seeds: o.budget}, Part: o.part, Only: o.only,
		Workers: runtime.GOMAXPROCS(0),
	}
	if file := terminal(c.ErrOrStderr()); file != nil {
		bar := progressbar.NewOptions(-1,
			progressbar.OptionSetWriter(file), progressbar.OptionSetDescription("killing"),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish())
		config.Progress = func(done, all int) {
			bar.ChangeMax(all)
			_ = bar.Set(done) // Drawing may fail.
		}
		defer func() { _ = bar.Clear() }()
	}
	return killboard.Run(c.Context(), config)
}
