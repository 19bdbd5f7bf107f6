package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"paxon/bench/tables"
)

// tableOptions are the flags of paxon bench that are about tables.
type tableOptions struct {
	table   string
	etcd    string
	clients []int
	keys    int
}

func addTableFlags(f *pflag.FlagSet, o *tableOptions) {
	f.StringVar(&o.table, "table", "", "measure a table about CASPaxos instead: wan, isolation, kv or all")
	f.StringVar(&o.etcd, "etcd", "", "of --table: the `PROGRAM` that runs etcd, which "+
		"go build -C bench/etcd -o PROGRAM makes")
	f.IntSliceVar(&o.clients, "clients", []int{1, 16, 64, 256}, "of --table kv: how many clients, a `LIST`")
	f.IntVar(&o.keys, "keys", 100_000, "of --table kv: over how many keys they are spread")
}

// forTables are the flags that go with --table.
func forTables() []string {
	return []string{
		"table", "etcd", "clients", "keys", "scale", "size", "quick", "plots", "json", "dir", "duration",
		"warm-up", "repeat",
	}
}

// Defaults of tables, and what --quick makes of them.
const (
	tableScale = 0.1
	tableAfter = 2 * time.Second
	quickAfter = 300 * time.Millisecond
	quickKeys  = 1000
)

// tablesConfig completes what --table measures with what can be said of the command line alone.
func (o *benchOptions) tablesConfig(f *pflag.FlagSet) (c tables.Config, err error) {
	f.Visit(func(flag *pflag.Flag) {
		if !slices.Contains(forTables(), flag.Name) {
			err = fmt.Errorf("--table and --%s: expected one of them, because a table has its own", flag.Name)
		}
	})
	if err != nil {
		return c, err
	}
	c = tables.Config{
		Scale: tableScale, Times: tables.Times{WarmUp: o.WarmUp, Duration: o.Duration}, Repeat: o.Repeat,
		After: tableAfter, Dir: o.Dir, Etcd: o.etcd, Clients: o.clients, Keys: o.keys,
	}
	if c.Tables, err = tables.ByName(o.table); err != nil {
		return c, fmt.Errorf("--%w", err)
	}
	if f.Changed("scale") {
		if c.Scale, err = strconv.ParseFloat(o.scale, 64); err != nil {
			return c, fmt.Errorf("--scale %q: expected a number above 0 and up to 1 with --table", o.scale)
		}
	}
	if len(o.dimensions.Sizes) != 1 {
		return c, fmt.Errorf("--size %v: expected one with --table", o.dimensions.Sizes)
	}
	c.Size = o.dimensions.Sizes[0]
	if o.quick {
		if err := shortenTables(&c, f.Changed); err != nil {
			return c, err
		}
	}
	if err := c.Check(); err != nil {
		return c, fmt.Errorf("--%w", err)
	}
	return c, nil
}

// shortenTables sets what was not given so that all tables take about two minutes.
func shortenTables(c *tables.Config, given func(flag string) bool) error {
	for _, flag := range []string{"duration", "warm-up"} {
		if given(flag) {
			return fmt.Errorf("--quick and --%s: expected one of them", flag)
		}
	}
	c.Times = tables.Times{WarmUp: quickLeast / quickWarmUp, Duration: quickLeast}
	c.After = quickAfter
	if !given("repeat") {
		c.Repeat = 1
	}
	if !given("keys") {
		c.Keys = quickKeys
	}
	return nil
}

// runTables measures tables. Each is printed, and its pictures are drawn, as soon as it is measured.
func runTables(c *cobra.Command, o benchOptions) (err error) {
	config, err := o.tablesConfig(c.Flags())
	if err != nil {
		return &usageError{err}
	}
	if err := isDirectory("plots", o.plots); err != nil {
		return err
	}
	if config.Paxon, err = os.Executable(); err != nil {
		return err
	}
	lines, err := newFigureLines(o.json, c.OutOrStdout())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lines.discard()) }()
	show, finish := tableBar(c.ErrOrStderr())
	config.Progress = show
	err = tables.Run(c.Context(), config, func(r tables.Result) error {
		finish()
		return errors.Join(r.Save(o.plots), lines.add(r))
	})
	finish()
	if err != nil {
		return err
	}
	return lines.finish()
}

// tableBar shows what is measured on a terminal, and nothing elsewhere. Finish makes room for other
// output.
func tableBar(w io.Writer) (show func(next string), finish func()) {
	if terminal(w) == nil {
		return nil, func() {}
	}
	b := progressbar.NewOptions(-1, progressbar.OptionSetWriter(w), progressbar.OptionClearOnFinish())
	return func(next string) {
		b.Describe(next)
		_ = b.Add(1) // A bar that cannot be drawn is no reason to stop.
	}, func() { _ = b.Clear() }
}
