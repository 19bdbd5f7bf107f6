package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"paxon/bench"
	"paxon/seasons/catalog"
)

// benchOptions are the flags of paxon bench.
type benchOptions struct {
	bench.Config
	figureOptions
	tableOptions
	dimensions      bench.Dimensions
	windows         []int
	at, rates       []string
	fsync           string
	consecutive     bool
	quick           bool
	json, benchstat string // Files, or "-".
	plots           string
}

func newBenchCommand() *cobra.Command {
	var o benchOptions
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure throughput and latency of clusters on this machine",
		Long: `Start clusters on this machine, put load on them, and measure messages and megabytes delivered
a second, latencies, CPU time, allocations, memory, forced logs and wire bytes; and between the
repetitions what the machine allows: forced writes, loopback TCP, memory copies and hashes.

Each process of a cluster is one of the operating system, linked by TCP. The load runs beside the
processes that broadcast: a closed loop keeps --outstanding messages on their way at each, an open
loop has --rate messages a second due in total, and its latencies count from when a message is
due. Flags that take a LIST are dimensions: every combination is a point. Each point is measured
--repeat times, in turn with the others, each time on a new cluster. The table has the median, and
in brackets the least and the most. "Of the limit" is, for one message outstanding, the median latency
over what a forced write and the round trips take, and for all the megabytes a second as a share
of the bandwidth of forced writes (fsync on) or of loopback TCP (fsync off).

In the end of each repetition, all processes must have delivered the same messages in the same order,
each once. The storage is in a temporary directory, which is removed, in the one given by --dir:
give one on the disk that is to be measured.

Exit status: 0 only if all sequences are as they must be, however slow.`,
		Example: `  paxon bench --quick
  paxon bench --outstanding 1,64,1024 --size 16,1024,65536 --at leader,all --fsync on
  paxon bench --rate 1000,10000,100000 --processes 3,5,7 --json results.ndjson --plots plots
  paxon bench --variant fall+spring,paxos,crash-stop --window 1,16 --batch 1,1048576
  paxon bench --figure all --scale paper --plots plots
  paxon bench --table wan --scale 1 --repeat 3
  go build -C bench/etcd -o /tmp/paxon-etcd . && paxon bench --table all --etcd /tmp/paxon-etcd
  paxon bench --benchstat new.txt && benchstat old.txt new.txt`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return runBench(c, o) },
	}
	addBenchFlags(c.Flags(), &o)
	addFigureFlags(c.Flags(), &o.figureOptions)
	addTableFlags(c.Flags(), &o.tableOptions)
	return c
}

func addBenchFlags(f *pflag.FlagSet, o *benchOptions) {
	d := &o.dimensions
	f.IntSliceVarP(&d.Processes, "processes", "n", []int{3},
		fmt.Sprintf("how many processes, 1 to %d, a `LIST`", bench.MaxProcesses))
	f.StringSliceVar(&d.Variants, "variant", []string{catalog.Default},
		"which compositions, a `LIST`, or all: see paxon variants")
	f.StringVar(&o.fsync, "fsync", "both", "whether what is stored is forced: on, off or both")
	f.BoolVar(&d.InProcess, "in-process", false, "have all processes of a cluster in one of the system's")
	f.IntSliceVar(&o.windows, "window", nil,
		"how many instances a leader has open at a time, a `LIST` (default that of the system)")
	f.BoolVar(&o.consecutive, "consecutive", false, "one instance after the other: --window 1")
	f.IntSliceVar(&d.Batches, "batch", nil, "how many bytes of messages an instance decides at most, a "+
		"`LIST`; 1 is one message (default that of the system)")
	f.StringSliceVar(&o.at, "at", []string{string(bench.AtLeader)},
		"where to broadcast, a `LIST` of leader, other, others and all")
	f.IntSliceVar(&d.Sizes, "size", []int{128}, "bytes of a message, a `LIST`")
	f.IntSliceVar(&d.Outstandings, "outstanding", []int{1, 64, 1024, 8192},
		"closed loops: how many messages each broadcaster keeps on their way, a `LIST`")
	f.StringSliceVar(&o.rates, "rate", nil,
		"open loops instead: how many messages a second in total, a `LIST`")
	f.DurationVar(&o.Duration, "duration", 3*time.Second, "how long one repetition is measured")
	f.DurationVar(&o.WarmUp, "warm-up", time.Second, "how long it is under load before that")
	f.IntVar(&o.Repeat, "repeat", 5, "how often each point is measured")
	f.BoolVar(&o.quick, "quick", false, "shorten repetitions so that all take two minutes at most")
	f.StringVarP(&o.Dir, "dir", "d", "",
		"where to make the temporary directory (default that of the system)")
	f.StringVar(&o.json, "json", "", "write a line of JSON for each point to a `FILE`, or - for here")
	f.StringVar(&o.benchstat, "benchstat", "",
		"write a line for each repetition, for benchstat, to a `FILE`, or - for here")
	f.StringVar(&o.plots, "plots", "", "draw pictures, as SVG and PNG, into an existing `DIR`")
	f.StringVar(&o.Profiles, "profiles", "", "write CPU profiles of what is measured to an existing `DIR`")
}

// check completes the configuration with what can be said of the command line alone. given says
// whether a flag was.
func (o *benchOptions) check(given func(flag string) bool) error {
	if err := o.checkDimensions(given); err != nil {
		return &usageError{err}
	}
	o.Settings = o.dimensions.Settings()
	if err := o.Check(); err != nil {
		return &usageError{fmt.Errorf("--%w", err)}
	}
	if o.quick {
		if err := o.shorten(given); err != nil {
			return &usageError{err}
		}
	}
	return errors.Join(isDirectory("plots", o.plots), isDirectory("profiles", o.Profiles))
}

// isDirectory refuses what a flag names unless it is a directory, or nothing.
func isDirectory(flag, path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return &usageError{fmt.Errorf("--%s %s: expected an existing directory", flag, path)}
	}
	return nil
}

func (o *benchOptions) checkDimensions(given func(flag string) bool) error {
	d := &o.dimensions
	switch o.fsync {
	case "both":
		d.Fsync = []bool{true, false}
	case "on", "off":
		d.Fsync = []bool{o.fsync == "on"}
	default:
		return fmt.Errorf("--fsync %q: expected on, off or both", o.fsync)
	}
	if slices.Equal(d.Variants, []string{"all"}) {
		d.Variants = catalog.Names()
	}
	for _, at := range o.at {
		d.At = append(d.At, bench.At(at))
	}
	if o.consecutive && given("window") {
		return errors.New("--consecutive and --window: expected one of them")
	}
	if o.consecutive {
		o.windows = []int{1}
	}
	for _, w := range o.windows {
		if w < 1 {
			return fmt.Errorf("--window %d: expected 1 or more", w)
		}
		d.Windows = append(d.Windows, uint64(w))
	}
	for _, b := range d.Batches {
		if b < 1 {
			return fmt.Errorf("--batch %d: expected 1 or more bytes", b)
		}
	}
	for _, text := range o.rates {
		r, err := strconv.ParseFloat(text, 64)
		if err != nil || !(r > 0 && r <= bench.MaxRate) {
			return fmt.Errorf("--rate %q: expected a number above 0 and up to %g", text, bench.MaxRate)
		}
		d.Rates = append(d.Rates, r)
	}
	if len(d.Rates) > 0 && !given("outstanding") {
		d.Outstandings = nil
	}
	if o.json == "-" && o.benchstat == "-" {
		return errors.New("--json - and --benchstat -: expected one of them to be a file")
	}
	return nil
}

// What --quick keeps to.
const (
	quickTime   = 100 * time.Second      // For all repetitions, short of the two minutes that it promises.
	quickLeast  = 200 * time.Millisecond // A repetition is not shorter.
	quickWarmUp = 4                      // Times shorter than what is measured.
)

// shorten sets the times that were not given so that all repetitions fit in quickTime.
func (o *benchOptions) shorten(given func(flag string) bool) error {
	for _, flag := range []string{"duration", "warm-up"} {
		if given(flag) {
			return fmt.Errorf("--quick and --%s: expected one of them", flag)
		}
	}
	for {
		measuring := quickTime/time.Duration(o.Repeat) - bench.Overhead(o.Settings)
		each := measuring / time.Duration(len(o.Settings))
		if each >= quickLeast {
			each = min(each, o.Duration+o.WarmUp)
			o.WarmUp = each / (quickWarmUp + 1)
			o.Duration = each - o.WarmUp
			return nil
		}
		if given("repeat") || o.Repeat <= 1 {
			return fmt.Errorf("--quick with %d points, %d repetitions each: expected fewer, that fit in "+
				"two minutes", len(o.Settings), o.Repeat)
		}
		o.Repeat--
	}
}

func runBench(c *cobra.Command, o benchOptions) (err error) {
	switch {
	case c.Flags().Changed("table"):
		return runTables(c, o)
	case c.Flags().Changed("figure"):
		return runFigures(c, o)
	}
	if err := o.check(c.Flags().Changed); err != nil {
		return err
	}
	outputs, err := o.outputs()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, outputs.discard()) }()
	show, finish := pointBar(c.ErrOrStderr(), o.Repeat*len(o.Settings))
	o.Progress = show
	report, err := bench.Run(c.Context(), o.Config)
	finish()
	if err != nil {
		return err
	}
	if o.plots != "" {
		if err := report.Plots(o.plots); err != nil {
			return err
		}
	}
	return outputs.write(c.OutOrStdout(), report)
}

// outputs are where the report goes besides the table, which goes to standard output unless one of
// them does.
type outputs struct {
	files []*outputFile
	here  func(bench.Report, io.Writer) error
}

// outputs begins all files, so that one that cannot be written is known before anything is measured.
func (o *benchOptions) outputs() (*outputs, error) {
	all := &outputs{here: bench.Report.Table}
	for _, output := range []struct {
		path  string
		write func(bench.Report, io.Writer) error
	}{
		{o.json, bench.Report.JSON},
		{o.benchstat, bench.Report.Benchstat},
	} {
		switch output.path {
		case "":
		case "-":
			all.here = output.write
		default:
			f, err := newOutputFile(output.path, output.write)
			if err != nil {
				return nil, errors.Join(err, all.discard())
			}
			all.files = append(all.files, f)
		}
	}
	return all, nil
}

func (a *outputs) write(w io.Writer, r bench.Report) error {
	for _, f := range a.files {
		if err := f.finish(r); err != nil {
			return err
		}
	}
	return a.here(r, w)
}

func (a *outputs) discard() (err error) {
	for _, f := range a.files {
		err = errors.Join(err, f.discard())
	}
	return err
}

// describe is a setting for the progress bar.
func describe(s bench.Setting) string {
	return strings.TrimSpace(fmt.Sprintf("n=%d %s %s %d B at %s", s.Processes, s.Variant, s.Load(),
		s.Size, s.At))
}
