// Command paxon runs total order broadcast, and a store of values by key: whole clusters, single
// processes, and clients of them. See "paxon --help".
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"paxon/bench"
)

// Exit statuses.
const (
	statusFailure     = 1
	statusUsage       = 2
	statusInterrupted = 130
)

func main() {
	if bench.IsChild() {
		os.Exit(bench.ServeChild())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, newRootCommand(), os.Args[1:])) //nolint:gocritic // Nothing is left to stop.
}

// run carries out a command line and gives the exit status.
func run(ctx context.Context, root *cobra.Command, args []string) int {
	root.SetArgs(args)
	command, err := root.ExecuteContextC(ctx)
	var usage *usageError
	var ended *endedError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &ended):
		return ended.status
	case errors.As(err, &usage):
		root.PrintErrf("paxon: %v\nSee %q.\n", err, command.CommandPath()+" --help")
		return statusUsage
	case ctx.Err() != nil:
		root.PrintErrln("paxon: interrupted")
		return statusInterrupted
	default:
		root.PrintErrf("paxon: %v\n", err)
		return statusFailure
	}
}

// usageError is a mistake in the command line or the configuration, rather than a failure.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// endedError is the exit status of a program that this one ran in its place. That has said why.
type endedError struct{ status int }

func (e *endedError) Error() string { return fmt.Sprintf("exit status %d", e.status) }

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "paxon",
		Short: "Total order broadcast from the parts of \"Deconstructing Paxos\"",
		Long: `Paxon broadcasts messages so that every process delivers the same ones in the same order,
although processes crash and links lose messages. On the same parts "paxon kv" keeps values by key, for
clients of Redis.

Exit status: 0 if all went well, 1 for a failure, 2 for a mistake in the command line or in a
configuration file, 130 if interrupted.`,
		Example: `  # Broadcast a file through three processes on this machine, and crash two of them.
  paxon cluster --crash 1@30 --crash 2@60 words.txt

  # Run one process of a cluster on several machines.
  paxon node --config node.yaml

  # Broadcast a message through it, and see what is delivered.
  paxon send --to http://127.0.0.1:7201 hello
  paxon tail --to http://127.0.0.1:7201

  # Keep values by key in three processes on this machine, for clients of Redis.
  paxon kv`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArguments,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.AddCommand(newClusterCommand(), newNodeCommand(), newSendCommand(), newTailCommand(),
		newSimCommand(), newDrawCommand(), newBenchCommand(), newVariantsCommand(), newDisksCommand(),
		newExportCommand(), newTortureCommand(), newHistoryCommand(), newKillboardCommand(),
		newExploreCommand(), newKVCommand())
	return root
}

// noArguments refuses arguments of a command that takes none.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !c.HasParent() {
		return &usageError{fmt.Errorf("unknown command %q: expected one of those that --help lists", args[0])}
	}
	return &usageError{fmt.Errorf("argument %q: expected none", args[0])}
}
