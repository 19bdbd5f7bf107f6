package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"paxon/cmd/paxon/simulate"
	"paxon/sim"
)

// hunted is what the runs of one kind showed.
type hunted struct {
	simulate.Kind
	simulate.Report
	violation *simulate.ViolationError // Nil if all properties held.
}

// runSim does the runs and prints what they showed.
func runSim(c *cobra.Command, o simOptions) error {
	kinds, err := o.plan()
	if err != nil {
		return err
	}
	defer spareCollections()()
	all, err := o.huntAll(c, kinds)
	out := c.OutOrStdout()
	if len(all) == 0 {
		return err
	}
	if len(kinds) == 1 {
		err = errors.Join(err, printHunted(out, all))
	} else {
		err = errors.Join(err, printHunts(out, all))
	}
	for _, h := range all {
		if h.violation != nil {
			err = errors.Join(err, fmt.Errorf("%w\nReplay it: %s", h.violation, o.replay(h)), o.leave(c, h))
		}
	}
	if o.coverage {
		err = errors.Join(err, printCoverage(out, all), demandMarks(all))
	}
	return err
}

// spareCollections has the garbage of runs, of which next to nothing lives on, collected seldom,
// unless GOGC says how often. It returns what undoes that.
func spareCollections() (restore func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	const percent = 1600 // Of 4 MiB, the least that the collector counts.
	before := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(before) }
}

// huntAll does the runs of each kind, one kind after the other. It goes on after a violation, and
// ends with the context: what was done until then is in the list.
func (o simOptions) huntAll(c *cobra.Command, kinds []simulate.Kind) (all []hunted, err error) {
	progress := newHuntBar(c.ErrOrStderr(), o.seeds, len(kinds))
	defer progress.finish()
	for _, kind := range kinds {
		h := hunted{Kind: kind}
		if o.trace != "" {
			h.Report, err = traced(kind, o)
		} else {
			h.Report, err = simulate.Run(c.Context(), simulate.Config{
				Kind: kind, First: o.seed, Seeds: o.seeds, Workers: runtime.GOMAXPROCS(0),
				Coverage: o.coverage, Progress: progress.of(kind),
			})
		}
		if violation, ok := errors.AsType[*simulate.ViolationError](err); ok {
			h.violation, err = violation, nil
		}
		if h.Runs > 0 {
			all = append(all, h)
		}
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// replay is the command that does the run of a violation again, with its trace.
func (o simOptions) replay(h hunted) string {
	what := fmt.Sprintf("paxon sim --variant %s --processes %d --seed %d",
		h.Variant.Name, o.processes, h.violation.Seed)
	switch h.Part {
	case sim.OfCASPaxos:
		return fmt.Sprintf("paxon sim --part caspaxos --processes %d --seed %d --trace run.ndjson",
			o.processes, h.violation.Seed)
	case sim.OfConsensus, sim.OfRegister:
		return what + " --part " + string(h.Part)
	case sim.OfBroadcast:
	}
	return what + fmt.Sprintf(" --steps %d --faults %s --broadcasts %d --together %d --duration %v "+
		"--trace run.ndjson", o.steps, o.faults, o.broadcasts, o.together, o.duration)
}

// demandMarks fails for the marks that runs must make and never did.
func demandMarks(all []hunted) (err error) {
	for _, h := range all {
		missing := h.Marks.Missing(sim.Sometimes(h.Variant, h.Part))
		if len(missing) > 0 {
			err = errors.Join(err, fmt.Errorf("%d runs of %s never showed: %v; expected each within "+
				"a thousand runs of three processes with all faults",
				h.Runs, h.what(), missing))
		}
	}
	return err
}

// what names the runs: a variant, or a part of it.
func (h hunted) what() string {
	if h.Part == sim.OfBroadcast {
		return h.Variant.Name
	}
	return fmt.Sprintf("the %s of %s", h.Part, h.Variant.Name)
}

// huntBar shows on a terminal how many runs are done.
type huntBar struct {
	bar  *progressbar.ProgressBar
	done uint64 // Of the kinds before.
	each uint64
}

func newHuntBar(w io.Writer, each uint64, kinds int) *huntBar {
	b := &huntBar{each: each}
	if file := terminal(w); file != nil && (each > 1 || kinds > 1) {
		b.bar = progressbar.NewOptions64(int64(min(each, 1<<55))*int64(kinds),
			progressbar.OptionSetWriter(file), progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("runs"), progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond))
	}
	return b
}

// of is what shows the progress of the next kind, nil if there is no terminal.
func (b *huntBar) of(kind simulate.Kind) func(done uint64) {
	if b.bar == nil {
		return nil
	}
	const stride = 64 // Runs alone take some 30 µs.
	before := b.done
	b.done += b.each
	b.bar.Describe(cmp.Or(kind.Variant.Name, "?") + " " + string(kind.Part))
	return func(done uint64) {
		if done%stride == 0 {
			_ = b.bar.Set64(int64(before + done)) // Drawing may fail.
		}
	}
}

func (b *huntBar) finish() {
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}
