package main

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"paxon/draw"
	"paxon/process"
	"paxon/register"
	"paxon/sim"
)

// drawOptions are the flags of paxon draw.
type drawOptions struct {
	out, title           string
	processes, instances []uint
	from, to             time.Duration
	without              string
	compact              bool
	width, height        uint
}

func newDrawCommand() *cobra.Command {
	var o drawOptions
	defaults := draw.DefaultOptions()
	c := &cobra.Command{
		Use:   "draw TRACE",
		Short: "Draw a space-time diagram of a simulated run",
		Long: `Draw the trace of a run, as paxon sim --trace writes it, as a space-time diagram in SVG: a line
for each process, an arrow for each message, a cross where one is lost, a bar from put to
durable for each record, and above the lines when reads, writes and proposes begin and end.

Time is not to scale: there is a column for each time at which something happens, as wide as
what must be read there. When a strip is full the next one begins below it, and when a page is
full, another page. A single page is written to OUT.svg; several to OUT-1.svg, OUT-2.svg and so
on, with leading zeros from ten pages on. The names of the files are printed.

What can be left out: ` + wordList(draw.Kinds()) + `. "none" leaves out nothing.

With --instance, messages, broadcasts and records of other instances or of none are left out.`,
		Example: `  paxon sim --seed 42 --trace run.ndjson
  paxon draw run.ndjson
  paxon draw run.ndjson --instance 3 --out instance3.svg
  paxon draw run.ndjson --from 30ms --to 60ms --process 1,3 --without none
  paxon draw run.ndjson --compact`,
		Args: oneTrace,
		RunE: func(c *cobra.Command, args []string) error { return runDraw(c, args[0], o) },
	}
	f := c.Flags()
	f.StringVarP(&o.out, "out", "o", "", "write to `FILE`, with a number if there are several pages; "+
		"the trace's name with .svg if not given")
	f.StringVar(&o.title, "title", "", "what stands above the diagram; the trace's name if not given")
	f.UintSliceVar(&o.processes, "process", nil, "draw these processes alone: `LIST` such as 1,3")
	f.UintSliceVar(&o.instances, "instance", nil, "draw these instances alone: `LIST` such as 3")
	f.DurationVar(&o.from, "from", 0, "begin at this virtual time")
	f.DurationVar(&o.to, "to", 0, "end at this virtual time; 0 for the end of the trace")
	f.StringVar(&o.without, "without", wordList(defaults.Without), "leave out these kinds: `LIST`, or none")
	f.BoolVar(&o.compact, "compact", false, "leave out the labels, for an overview of a long run")
	f.UintVar(&o.width, "width", uint(defaults.Width), "width of a page in pixels at most; 0 for no limit")
	f.UintVar(&o.height, "height", uint(defaults.Height),
		"height of a page in pixels at most; 0 for a single page")
	return c
}

// wordList writes words as flags take them.
func wordList[T ~string](words []T) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return strings.Join(list, ",")
}

// oneTrace wants the name of a trace as the only argument.
func oneTrace(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &usageError{fmt.Errorf("%d arguments: expected one, the trace that paxon sim --trace wrote",
			len(args))}
	}
	return nil
}

// plan checks the flags.
func (o drawOptions) plan(trace string) (draw.Options, error) {
	kinds, err := draw.ParseKinds(o.without)
	if err != nil {
		return draw.Options{}, &usageError{fmt.Errorf("--without: %w", err)}
	}
	d := draw.Options{
		Title: cmp.Or(o.title, filepath.Base(trace)), From: o.from, To: o.to, Without: kinds,
		Compact: o.compact, Width: float64(o.width), Height: float64(o.height),
	}
	for _, p := range o.processes {
		if p > math.MaxUint32 {
			return d, &usageError{fmt.Errorf("process %d: expected at most %d", p, uint32(math.MaxUint32))}
		}
		d.Processes = append(d.Processes, process.ID(p))
	}
	for _, l := range o.instances {
		d.Instances = append(d.Instances, register.Instance(l))
	}
	if err := d.Check(); err != nil {
		return draw.Options{}, &usageError{err}
	}
	return d, nil
}

func runDraw(c *cobra.Command, trace string, o drawOptions) error {
	options, err := o.plan(trace)
	if err != nil {
		return err
	}
	var pages [][]byte
	err = withTrace(trace, func(events iter.Seq2[sim.TraceEvent, error]) (err error) {
		pages, err = draw.Pages(events, options)
		return err
	})
	if err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	out := cmp.Or(o.out, strings.TrimSuffix(trace, filepath.Ext(trace))+".svg")
	for i, name := range draw.PageNames(out, len(pages)) {
		if err := os.WriteFile(name, pages[i], 0o644); err != nil {
			return fmt.Errorf("write the diagram: %w", err)
		}
		if _, err := fmt.Fprintln(c.OutOrStdout(), name); err != nil {
			return err
		}
	}
	return nil
}

// withTrace gives the events of a trace to read.
func withTrace(
	name string, read func(events iter.Seq2[sim.TraceEvent, error]) error,
) (err error) {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read the trace: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return read(sim.ReadTrace(file, name))
}
