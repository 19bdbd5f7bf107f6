// Command peers measures Paxon side by side with other systems that have three members apply
// the same sequence of messages, on the same work in the same run. See README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Exit statuses.
const (
	statusFailure     = 1
	statusUsage       = 2
	statusInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if asked, ok := os.LookupEnv(childVariable); ok {
		os.Exit(statusOf(ctx, os.Stderr, //nolint:gocritic // Nothing is left to stop.
			serveChild(ctx, asked, os.Stdin, os.Stdout)))
	}
	c := newCommand()
	os.Exit(statusOf(ctx, os.Stderr, c.ExecuteContext(ctx)))
}

// statusOf says what went wrong, and gives the exit status.
func statusOf(ctx context.Context, w io.Writer, err error) int {
	var usage *usageError
	say := func(text any, status int) int {
		_, _ = fmt.Fprintf(w, "peers: %v\n", text) // There is nowhere else to say it.
		return status
	}
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		return say(fmt.Sprintf("%v\nSee \"--help\".", err), statusUsage)
	case ctx.Err() != nil:
		return say("interrupted", statusInterrupted)
	default:
		return say(err, statusFailure)
	}
}

// usageError is a mistake in the command line, rather than a failure.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func newCommand() *cobra.Command {
	var p plan
	var fsync, json string
	c := &cobra.Command{
		Use:   "peers",
		Short: "Measure Paxon and its peers side by side",
		Long: `Start three members of each system, in one process or each in its own, submit messages at the
leader in a closed loop, and check that all members applied the same sequence with each message once.
The systems take turns, and before each point the limits of the machine are measured: a forced write
of the same bytes, a round trip over loopback TCP, what three logs get that are written and forced
side by side, and with forces how many messages a majority of them has forced if nothing else is
done. What Paxon is to reach is shown in a table, beside what it reached.

With --messages, each tenth of the load is shown, what the members take on the disk at the end, and, for
systems that can, how long members take to open again after all processes were killed.

A system that has only one of the two modes of --fsync is left out of the other.

Exit status: 0 if every measurement succeeded, however slow; 1 if one failed, and the table says
which; 2 for a mistake in the command line; 130 if interrupted.`,
		Example: `  go run .
  go run . --systems paxon,etcd --fsync on --outstanding 1,64 --repeat 3
  go run . --processes 3
  go run . --systems paxon --fsync on --outstanding 1024 --repeat 1 --messages 10000000
  go run . --size 1024 --outstanding 8192 --fsync on --json results.ndjson`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{fmt.Errorf("argument %q: expected none", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if p.Fsync, err = modes(fsync); err == nil {
				err = p.check()
			}
			if err != nil {
				return &usageError{err}
			}
			return runPlan(c, p, json)
		},
	}
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	f := c.Flags()
	f.StringSliceVar(&p.Systems, "systems", allNames(), "`NAMES` of what to measure")
	f.StringVar(&fsync, "fsync", "both", "whether members force what they promise: on, off or both")
	f.IntSliceVar(&p.Outstanding, "outstanding", []int{1, 64, 1024, 8192},
		"how many messages are on their way at a time, a `LIST` of points to measure")
	f.IntVar(&p.Size, "size", 128, fmt.Sprintf("`BYTES` of a message, at least %d", minSize))
	f.IntVar(&p.Processes, "processes", 1, fmt.Sprintf("in how many processes the %d members are, "+
		"1 or %d; the load is in that of the leader", members, members))
	f.DurationVar(&p.Duration, "duration", 3*time.Second, "how long one measurement takes")
	f.DurationVar(&p.WarmUp, "warm-up", time.Second, "how long it runs before that")
	f.Int64Var(&p.Messages, "messages", 0, "measure so `MANY` messages instead of --duration, and "+
		"show each tenth, the disk space and the recovery")
	f.IntVar(&p.Repeat, "repeat", 5, "how often each point is measured")
	f.StringVarP(&p.Dir, "dir", "d", "",
		"where to make the directories of the members (default that of the system)")
	f.StringVar(&p.Profiles, "profiles", "",
		"also write a CPU profile of the process of the leader to `DIR` for each measurement, which "+
			"makes it a little slower")
	f.StringVar(&p.Plots, "plots", "", "also draw pictures into `DIR`, as SVG and PNG")
	f.StringVar(&json, "json", "", "also write a line of JSON for each measurement to `FILE`, which "+
		"is replaced at the end; if interrupted as well, by what was measured until then, if anything")
	return c
}

// modes are what --fsync says.
func modes(fsync string) ([]bool, error) {
	switch fsync {
	case "on":
		return []bool{true}, nil
	case "off":
		return []bool{false}, nil
	case "both":
		return []bool{true, false}, nil
	}
	return nil, fmt.Errorf("--fsync %q: expected on, off or both", fsync)
}

// maxMessages bounds --messages: the checks take an eighth of a byte for each at each member.
const maxMessages = 10_000_000_000

// check says which setting cannot be used, nil if all can.
func (p plan) check() error {
	if _, err := chosen(p.Systems); err != nil {
		return err
	}
	if p.Repeat > 0 && len(p.Outstanding) > 0 && p.cells() == 0 {
		return fmt.Errorf("--systems %s: it writes nothing, expected --fsync off or a system that does",
			strings.Join(p.Systems, ","))
	}
	if len(p.Outstanding) == 0 {
		return errors.New("--outstanding: none given, expected at least one number")
	}
	for _, n := range p.Outstanding {
		if n < 1 || n > maxOutstanding {
			return fmt.Errorf("--outstanding %d: expected 1 to %d", n, maxOutstanding)
		}
	}
	switch {
	case p.Size < minSize || p.Size > maxSize:
		return fmt.Errorf("--size %d: expected %d to %d bytes", p.Size, minSize, maxSize)
	case p.Duration <= 0:
		return fmt.Errorf("--duration %v: expected more than 0", p.Duration)
	case p.WarmUp < 0:
		return fmt.Errorf("--warm-up %v: expected 0 or more", p.WarmUp)
	case p.Processes != 1 && p.Processes != members:
		return fmt.Errorf("--processes %d: expected 1 or %d", p.Processes, members)
	case p.Messages != 0 && p.Messages < tenths || p.Messages > maxMessages:
		return fmt.Errorf("--messages %d: expected %d to %d", p.Messages, tenths, maxMessages)
	case p.Repeat < 1:
		return fmt.Errorf("--repeat %d: expected at least 1", p.Repeat)
	}
	return nil
}

// runPlan measures, and prints the report even if a measurement failed.
func runPlan(c *cobra.Command, p plan, lines string) (err error) {
	for _, dir := range []string{p.Profiles, p.Plots} {
		if dir == "" {
			continue
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if p.Dir, err = os.MkdirTemp(p.Dir, "paxon-peers-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(p.Dir)) }()
	out := io.Discard
	if lines != "" {
		f, err := createLines(lines)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.finish()) }()
		out = f
	}
	show, finish := bar(c.ErrOrStderr(), p.cells())
	r, err := p.run(c.Context(), out, show)
	finish()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(c.OutOrStdout(), r.text()); err != nil {
		return err
	}
	if p.Plots != "" {
		if err := r.draw(p.Plots); err != nil {
			return err
		}
	}
	return r.failed()
}

// bar shows the progress on a terminal, and nothing elsewhere.
func bar(w io.Writer, all int) (show func(done int, next string), finish func()) {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return func(int, string) {}, func() {}
	}
	b := progressbar.NewOptions(all, progressbar.OptionSetWriter(w), progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish())
	show = func(done int, next string) {
		b.Describe(next + strings.Repeat(" ", max(0, barWidth-len(next))))
		_ = b.Set(done) // A bar that cannot be drawn is no reason to stop.
	}
	return show, func() { _ = b.Clear() }
}

// barWidth is how wide the name of a measurement is on the bar.
const barWidth = 32
