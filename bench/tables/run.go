package tables

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"paxon/bench"
)

// Config says what to measure.
type Config struct {
	Tables []string // Some of Names.
	// Scale is what part of the paper's round trips real links have.
	Scale float64
	// Times are those of a real loop, and of a load. Repeat is how often each is measured.
	Times  Times
	Repeat int
	// After is how long a process stays isolated at least, once the loops have run half as long.
	After time.Duration
	// Dir is where directories are made, and removed: that of the system if it is empty.
	Dir string
	// Etcd is the program that runs etcd; without one there is no etcd in the tables.
	Etcd string
	// Paxon is the program whose command kv is measured.
	Paxon string
	// Clients are the numbers of clients of kv, Keys how many keys are spread, Size bytes of a value.
	Clients    []int
	Keys, Size int
	// Progress hears what is measured next. It may be nil.
	Progress func(next string)
}

// Names lists the tables.
func Names() []string { return []string{"wan", "isolation", "kv"} }

// UnknownError says that there is no table of a name.
type UnknownError struct{ Name string }

// Error lists what there is.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("table %q: expected all or one of %s", e.Name, strings.Join(Names(), ", "))
}

// ByName finds a table, or all. The error is an *UnknownError.
func ByName(name string) ([]string, error) {
	if name == "all" {
		return Names(), nil
	}
	if !slices.Contains(Names(), name) {
		return nil, &UnknownError{name}
	}
	return []string{name}, nil
}

// Bounds of the configuration.
const (
	MaxClients = 10_000
	MaxSize    = 1 << 20
	maxKeys    = 1_000_000_000
)

// Check says which setting cannot be used, nil if all can.
func (c Config) Check() error {
	for _, n := range c.Clients {
		if n < 1 || n > MaxClients {
			return fmt.Errorf("clients %d: expected 1 to %d", n, MaxClients)
		}
	}
	switch {
	case !(c.Scale > 0 && c.Scale <= 1):
		return fmt.Errorf("scale %g: expected a number above 0, and up to 1 for the paper's round trips",
			c.Scale)
	case c.Times.Duration <= 0:
		return fmt.Errorf("duration %v: expected more than 0", c.Times.Duration)
	case c.Times.WarmUp < 0:
		return fmt.Errorf("warm-up %v: expected 0 or more", c.Times.WarmUp)
	case c.Repeat < 1:
		return fmt.Errorf("repeat %d: expected 1 or more", c.Repeat)
	case len(c.Clients) == 0:
		return errors.New("clients: none given, expected at least one number")
	case c.Keys < 1 || c.Keys > maxKeys:
		return fmt.Errorf("keys %d: expected 1 to %d", c.Keys, maxKeys)
	case c.Size < 1 || c.Size > MaxSize:
		return fmt.Errorf("size %d: expected 1 to %d bytes", c.Size, MaxSize)
	}
	return nil
}

// Run measures the tables one after the other, and hands over each when it is there. The error is
// that of a cluster or a program, of result, or the cause of ctx.
func Run(ctx context.Context, c Config, result func(Result) error) (err error) {
	r := &runner{Config: c}
	if slices.Contains(c.Tables, "kv") {
		if _, err := r.rivals(); err != nil {
			return err // Now, rather than after the other tables.
		}
	}
	if c.Etcd != "" {
		if r.etcd, err = startProgram(ctx, c.Etcd); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, r.etcd.close()) }()
	}
	for _, name := range c.Tables {
		var out Result
		switch name {
		case "wan":
			out, err = r.wan(ctx)
		case "isolation":
			out, err = r.isolation(ctx)
		case "kv":
			out, err = r.kv(ctx)
		}
		if ctx.Err() != nil {
			return errors.Join(context.Cause(ctx), err)
		}
		if err != nil {
			return fmt.Errorf("table %s: %w", name, err)
		}
		out.Host = bench.HostOf(c.Dir)
		if err := result(out); err != nil {
			return err
		}
	}
	return nil
}

type runner struct {
	Config
	etcd *Program // nil if there is none.
}

func (r *runner) progress(next string) {
	if r.Progress != nil {
		r.Progress(next)
	}
}

// in has something done in a new directory, which is removed.
func (r *runner) in(do func(dir string) error) (err error) {
	dir, err := os.MkdirTemp(r.Dir, "paxon-tables-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return do(dir)
}

// real says how something was measured here.
func (r *runner) real() []string {
	h := bench.HostOf(r.Dir)
	out := []string{
		fmt.Sprintf("%s, %d cores, %s; median of %d with the range, %s each", h.CPU, h.Cores, h.FileSystem,
			r.Repeat, r.Times.Duration.Round(time.Millisecond)),
	}
	if r.etcd == nil {
		out = append(out, "without etcd: --etcd names the program that go build -C bench/etcd -o FILE makes")
	}
	return out
}
