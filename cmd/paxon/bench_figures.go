package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"paxon/bench"
	"paxon/bench/figures"
)

// figureOptions are the flags of paxon bench that are about figures.
type figureOptions struct {
	figure, scale string
	seeds         int
}

func addFigureFlags(f *pflag.FlagSet, o *figureOptions) {
	f.StringVar(&o.figure, "figure", "", "measure a figure of the paper's appendix instead: 23a, 23b, "+
		"24, 25, 26a, 26b, 27 or all")
	f.StringVar(&o.scale, "scale", "both", "of --figure: paper (simulated), machine or both; of "+
		"--table: what part of the paper's round trips real links have, 0.1 unless given")
	f.IntVar(&o.seeds, "seeds", 3, "of --figure at the scale of the paper: how many runs are simulated "+
		"for each point")
}

// forFigures are the flags that go with --figure.
func forFigures() []string {
	return []string{
		"figure", "scale", "seeds", "plots", "json", "dir", "duration", "warm-up", "repeat",
	}
}

// figuresConfig completes what --figure measures with what can be said of the command line alone.
func (o *benchOptions) figuresConfig(f *pflag.FlagSet) (c figures.Config, err error) {
	f.Visit(func(flag *pflag.Flag) {
		if !slices.Contains(forFigures(), flag.Name) {
			err = fmt.Errorf("--figure and --%s: expected one of them, because a figure has its own",
				flag.Name)
		}
	})
	if err != nil {
		return c, err
	}
	if c.Figures, err = figures.ByName(o.figure); err != nil {
		return c, fmt.Errorf("--%w", err)
	}
	switch o.scale {
	case "both":
		c.Scales = []figures.Scale{figures.Paper, figures.Machine}
	case string(figures.Paper), string(figures.Machine):
		c.Scales = []figures.Scale{figures.Scale(o.scale)}
	default:
		return c, fmt.Errorf("--scale %q: expected paper, machine or both", o.scale)
	}
	if o.seeds < 1 {
		return c, fmt.Errorf("--seeds %d: expected 1 or more", o.seeds)
	}
	c.Seeds, c.Bench = o.seeds, o.Config
	// What a figure measures is right; the times are the user's.
	check := c.Bench
	check.Settings = []bench.Setting{{Processes: 1, Size: bench.MinSize, Outstanding: 1}}
	if err := check.Check(); err != nil {
		return c, fmt.Errorf("--%w", err)
	}
	return c, nil
}

// runFigures measures figures. A table of each is printed, and its pictures are drawn, as soon as
// it is measured.
func runFigures(c *cobra.Command, o benchOptions) (err error) {
	config, err := o.figuresConfig(c.Flags())
	if err != nil {
		return &usageError{err}
	}
	if err := isDirectory("plots", o.plots); err != nil {
		return err
	}
	lines, err := newFigureLines(o.json, c.OutOrStdout())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lines.discard()) }()
	show, finish := chartBar(c.ErrOrStderr())
	config.Progress = show
	err = figures.Run(c.Context(), config, func(chart figures.Chart) error {
		finish()
		return errors.Join(chart.Save(o.plots), lines.add(chart))
	})
	finish()
	if err != nil {
		return err
	}
	return lines.finish()
}

// figureLines is where charts go as they come: a file of JSON lines that gets its name once it is
// whole, besides the tables; or JSON lines in their place.
type figureLines struct {
	out  io.Writer
	path string
	file *os.File // nil if there is none, or none any more.
}

func newFigureLines(path string, out io.Writer) (*figureLines, error) {
	l := &figureLines{out: out, path: path}
	if path == "" || path == "-" {
		return l, nil
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return nil, err
	}
	l.file = file
	return l, nil
}

// printable is a chart or a table that was measured.
type printable interface {
	JSON(w io.Writer) error
	Text(w io.Writer) error
}

func (l *figureLines) add(c printable) error {
	if l.path == "-" {
		return c.JSON(l.out)
	}
	if l.file != nil {
		if err := c.JSON(l.file); err != nil {
			return err
		}
	}
	return c.Text(l.out)
}

func (l *figureLines) finish() error {
	if l.file == nil {
		return nil
	}
	const readable = 0o644
	err := errors.Join(l.file.Chmod(readable), l.file.Close())
	if err == nil {
		err = os.Rename(l.file.Name(), l.path)
	}
	if err == nil {
		l.file = nil
	}
	return err
}

// discard removes the file unless it is finished.
func (l *figureLines) discard() error {
	if l.file == nil {
		return nil
	}
	_ = l.file.Close() // It may be closed.
	err := os.Remove(l.file.Name())
	l.file = nil
	return err
}

// chartBar shows the progress of figures on a terminal, and nothing elsewhere. Finish makes room for
// other output.
func chartBar(w io.Writer) (show func(done, all int, chart string), finish func()) {
	if terminal(w) == nil {
		return nil, func() {}
	}
	b := progressbar.NewOptions(1, progressbar.OptionSetWriter(w), progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
	return func(done, all int, chart string) {
		b.ChangeMax(all)
		b.Describe("figure " + chart)
		_ = b.Set(done) // A bar that cannot be drawn is no reason to stop.
	}, func() { _ = b.Clear() }
}
