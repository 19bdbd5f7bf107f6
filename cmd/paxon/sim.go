package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"paxon/cmd/paxon/simulate"
	"paxon/sim"
)

// maxSimulated is how many processes a simulation has at most: one for each bit of the random
// number that draws a partition.
const maxSimulated = 63

// simOptions are the flags of paxon sim.
type simOptions struct {
	processes     int
	variant       string
	seed, seeds   uint64
	steps         uint64
	faults, trace string
	broadcasts    int
	duration      time.Duration
}

func newSimCommand() *cobra.Command {
	var o simOptions
	c := &cobra.Command{
		Use:   "sim",
		Short: "Run a composition in a simulated world with faults, and check every property",
		Long: fmt.Sprintf(`Run a composition on simulated processes, in virtual time. From the seed come
the faults of the run, when messages are broadcast, and every choice of the links, disks and
clocks: the same seed gives the same run. The properties of the register, of consensus and of
total order broadcast are checked at every step. When the faults have healed, all that was
broadcast must be delivered everywhere within a bound of virtual time.

Kinds of fault: %s. Each run draws which of those that are allowed it has.

Names that begin with broken/ are those of compositions that are broken on purpose, for which flags
that are not given take what finds the flaw; "paxon killboard" lists them.

With --trace the events of one run are written as NDJSON, one a line.

Exit status: 1 if a property is violated; the command that replays the run is printed.`,
			strings.Join(sim.FaultNames(), ", ")),
		Example: `  paxon sim --seeds 100000
  paxon sim --variant crash-stop --processes 5 --seeds 10000 --faults loss,partitions
  paxon sim --seed 42 --trace run.ndjson`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := brokenRuns(c.Flags(), o.variant); err != nil {
				return err
			}
			return runSim(c, o)
		},
	}
	f := c.Flags()
	f.IntVarP(&o.processes, "processes", "n", 3,
		fmt.Sprintf("how many processes, 1 to %d", maxSimulated))
	addVariantFlag(f, &o.variant)
	f.Uint64Var(&o.seed, "seed", 0, "the seed, or the first of --seeds")
	f.Uint64Var(&o.seeds, "seeds", 1, "how many seeds to run, on all cores")
	f.Uint64Var(&o.steps, "steps", 1_000_000, "events after which a run has failed to terminate")
	f.StringVar(&o.faults, "faults", "all", "kinds of fault that runs may have: `LIST`, all or none")
	f.StringVar(&o.trace, "trace", "", "write the events of the run to `FILE`; one seed only")
	f.IntVar(&o.broadcasts, "broadcasts", 24, "how many messages are broadcast in a run")
	f.DurationVar(&o.duration, "duration", 400*time.Millisecond, "virtual time with faults")
	return c
}

// plan checks the flags.
func (o simOptions) plan() (sim.Config, error) {
	v, err := simulatedVariant(o.variant)
	if err != nil {
		return sim.Config{}, &usageError{err}
	}
	faults, err := sim.ParseFaults(o.faults)
	switch {
	case err != nil:
		return sim.Config{}, &usageError{err}
	case o.processes < 1 || o.processes > maxSimulated:
		return sim.Config{}, &usageError{fmt.Errorf(
			"--processes %d: expected 1 to %d", o.processes, maxSimulated)}
	case v.Check(o.processes) != nil:
		return sim.Config{}, &usageError{v.Check(o.processes)}
	case o.seeds < 1:
		return sim.Config{}, &usageError{errors.New("--seeds 0: expected at least 1")}
	case o.seed+o.seeds < o.seed:
		return sim.Config{}, &usageError{fmt.Errorf(
			"--seed %d --seeds %d: expected the last seed to fit into 64 bits", o.seed, o.seeds)}
	case o.trace != "" && o.seeds != 1:
		return sim.Config{}, &usageError{fmt.Errorf(
			"--trace with --seeds %d: expected a single --seed", o.seeds)}
	case o.broadcasts < 0 || o.duration <= 0:
		return sim.Config{}, &usageError{fmt.Errorf(
			"--broadcasts %d --duration %v: expected at least 0, and above 0", o.broadcasts, o.duration)}
	}
	c := sim.DefaultConfig(v, o.processes)
	c.Faults, c.Broadcasts, c.Duration, c.Steps = faults, o.broadcasts, o.duration, o.steps
	return c, nil
}

func runSim(c *cobra.Command, o simOptions) error {
	config, err := o.plan()
	if err != nil {
		return err
	}
	hunt := simulate.Config{
		Run: config, First: o.seed, Seeds: o.seeds, Workers: runtime.GOMAXPROCS(0),
	}
	var report simulate.Report
	if o.trace != "" {
		report, err = traced(config, o)
	} else {
		report, err = hunted(c, hunt)
	}
	if report.Runs > 0 {
		_, printed := fmt.Fprintf(c.OutOrStdout(), "%d runs of %s with %d processes: %d messages in "+
			"%d instances delivered, %d events, %v\n", report.Runs, o.variant, o.processes, report.Delivered,
			report.Batches, report.Steps, report.Time.Round(time.Millisecond))
		err = cmp.Or(err, printed)
	}
	if violation, ok := errors.AsType[*simulate.ViolationError](err); ok {
		return fmt.Errorf("%w\nReplay it: %s", violation, o.replay(violation.Seed))
	}
	return err
}

// replay is the command that does one run of these options again, with its trace.
func (o simOptions) replay(seed uint64) string {
	return fmt.Sprintf("paxon sim --variant %s --processes %d --seed %d --steps %d --faults %s "+
		"--broadcasts %d --duration %v --trace run.ndjson",
		o.variant, o.processes, seed, o.steps, o.faults, o.broadcasts, o.duration)
}

// hunted runs many seeds, with a progress bar on a terminal.
func hunted(c *cobra.Command, hunt simulate.Config) (simulate.Report, error) {
	if file := terminal(c.ErrOrStderr()); file != nil && hunt.Seeds > 1 {
		bar := progressbar.NewOptions64(int64(min(hunt.Seeds, 1<<62)),
			progressbar.OptionSetWriter(file), progressbar.OptionSetDescription("simulating"),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString("runs"),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		hunt.Progress = func(done uint64) { _ = bar.Set64(int64(done)) } // Drawing may fail.
		defer func() { _ = bar.Clear() }()
	}
	return simulate.Run(c.Context(), hunt)
}

// traced does one run and writes its trace, which takes its name once it is complete.
func traced(config sim.Config, o simOptions) (report simulate.Report, err error) {
	partial := o.trace + ".partial"
	file, err := os.Create(partial)
	if err != nil {
		return report, fmt.Errorf("write the trace: %w", err)
	}
	defer func() { err = errors.Join(err, keep(file, o.trace, err)) }()
	out := bufio.NewWriter(file)
	trace := sim.NewTrace(out)
	begun := time.Now()
	result := sim.Run(config, o.seed, trace)
	report = simulate.Report{
		Runs: 1, Steps: result.Steps, Batches: uint64(result.Batches),
		Delivered: uint64(result.Delivered), Time: time.Since(begun),
	}
	if err := errors.Join(trace.Err(), out.Flush()); err != nil {
		return report, fmt.Errorf("write the trace: %w", err)
	}
	if result.Violation != nil {
		return report, &simulate.ViolationError{Seed: o.seed, Violation: result.Violation}
	}
	return report, nil
}

// keep closes a trace and gives it its name, or removes it if it could not be written.
func keep(file *os.File, name string, failure error) error {
	closed := file.Close()
	_, violated := errors.AsType[*simulate.ViolationError](failure)
	if closed != nil || failure != nil && !violated {
		return errors.Join(closed, os.Remove(file.Name()))
	}
	return os.Rename(file.Name(), name)
}
