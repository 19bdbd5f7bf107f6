package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"paxon/bench"
	"paxon/cmd/paxon/cluster"
	"paxon/node"
	"paxon/process"
)

// benchOptions are the flags of paxon bench.
type benchOptions struct {
	bench.Config
	variant, at string
	json        bool
}

func newBenchCommand() *cobra.Command {
	var o benchOptions
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure throughput and latency of a cluster on this machine",
		Long: `Start processes on this machine with durable storage, and broadcast in a closed loop: keep so
many messages on their way, and send the next when the position of one is known. Each number of
outstanding messages is measured several times, in turn with the others, and in between what
the machine allows: the time of a forced write in the same directory, and of a round trip over
loopback TCP. In the end all processes must have delivered the same messages in the same order.

The storage is in a temporary directory, which is removed at the end, in the one given by --dir:
give one on the disk that is to be measured.

Exit status: 0 only if all sequences are as they must be, however slow.`,
		Example: `  paxon bench
  paxon bench --outstanding 1,64,1024 --size 1024 --at all
  paxon bench --processes 5 --duration 10s --json >> results.ndjson
  paxon bench --variant crash-stop`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return runBench(c, o) },
	}
	f := c.Flags()
	f.IntVarP(&o.Processes, "processes", "n", 3,
		fmt.Sprintf("how many processes, 1 to %d", node.MaxProcesses))
	addVariantFlag(f, &o.variant)
	f.IntSliceVar(&o.Outstanding, "outstanding", []int{1, 1024},
		"how many messages each broadcaster keeps on their way, a `LIST` of points to measure")
	f.IntVar(&o.Size, "size", 128, "`BYTES` of a message")
	f.StringVar(&o.at, "at", string(bench.AtLeader), "where to broadcast: leader, other or all")
	f.DurationVar(&o.Duration, "duration", 3*time.Second, "how long one repetition is measured")
	f.DurationVar(&o.WarmUp, "warm-up", time.Second, "how long it runs before that")
	f.IntVar(&o.Repeat, "repeat", 5, "how often each point is measured")
	f.StringVarP(&o.Dir, "dir", "d", "",
		"where to make the temporary directory (default that of the system)")
	f.BoolVar(&o.json, "json", false, "print a line of JSON for each point")
	return c
}

// check completes the configuration with what can be said of the command line alone.
func (o *benchOptions) check() (err error) {
	if o.Processes > node.MaxProcesses {
		return &usageError{fmt.Errorf(
			"--processes %d: expected 1 to %d", o.Processes, node.MaxProcesses)}
	}
	if o.Variant, err = hosted(o.variant, o.Processes); err != nil {
		return err
	}
	o.At = bench.At(o.at)
	if err := o.Check(); err != nil {
		return &usageError{fmt.Errorf("--%w", err)}
	}
	return nil
}

func runBench(c *cobra.Command, o benchOptions) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	if o.Dir, err = os.MkdirTemp(o.Dir, "paxon-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.Dir)) }()
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	local, err := cluster.NewLocal(executable, o.Dir, o.Variant, o.Processes)
	if err != nil {
		return err
	}
	o.Start = func(ctx context.Context, id process.ID) (bench.Machine, error) {
		return local.Start(ctx, id)
	}
	show, finish := repetitionBar(c.ErrOrStderr(), o.Repeat*len(o.Outstanding))
	o.Progress = show
	report, err := bench.Run(c.Context(), o.Config)
	finish()
	if err != nil {
		return err
	}
	if o.json {
		return report.JSON(c.OutOrStdout())
	}
	return report.Table(c.OutOrStdout())
}

// repetitionBar shows the progress of a measurement on a terminal, and nothing elsewhere.
func repetitionBar(w io.Writer, all int) (show func(done, all int), finish func()) {
	if terminal(w) == nil {
		return nil, func() {}
	}
	b := progressbar.NewOptions(all, progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription("measuring"), progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish())
	_ = b.RenderBlank() // A bar that cannot be drawn is no reason to stop.
	return func(done, _ int) { _ = b.Set(done) }, func() { _ = b.Clear() }
}
