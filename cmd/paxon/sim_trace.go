package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"

	"paxon/cmd/paxon/simulate"
	"paxon/sim"
)

// traced does one run and writes its trace.
func traced(kind simulate.Kind, o simOptions) (report simulate.Report, err error) {
	var result simulate.Result
	err = writeTrace(o.trace, func(t *sim.Trace) {
		begun := time.Now()
		result = kind.Trace(o.seed, o.coverage, t)
		report.Add(result)
		report.Time = time.Since(begun)
	})
	if err == nil && result.Violation != nil {
		err = &simulate.ViolationError{Seed: o.seed, Violation: result.Violation}
	}
	return report, err
}

// onlyTrace refuses flags beside the one that names a schedule, which has its own values for them.
func onlyTrace(f *pflag.FlagSet, schedule string) (err error) {
	f.Visit(func(flag *pflag.Flag) {
		if flag.Name != schedule && flag.Name != "trace" {
			err = &usageError{fmt.Errorf("--%s with --%s: expected no other flag but --trace",
				schedule, flag.Name)}
		}
	})
	return err
}

// writeTrace does a run and writes its trace to a file, which takes its name once it is complete.
// Without a name there is no trace.
func writeTrace(name string, run func(t *sim.Trace)) (err error) {
	if name == "" {
		run(nil)
		return nil
	}
	file, err := os.Create(name + ".partial")
	if err != nil {
		return fmt.Errorf("write the trace: %w", err)
	}
	defer func() { err = errors.Join(err, keep(file, name, err)) }()
	out := bufio.NewWriter(file)
	trace := sim.NewTrace(out)
	run(trace)
	if err := errors.Join(trace.Err(), out.Flush()); err != nil {
		return fmt.Errorf("write the trace: %w", err)
	}
	return nil
}

// keep closes a trace and gives it its name, or removes it if it could not be written.
func keep(file *os.File, name string, failure error) error {
	closed := file.Close()
	if closed != nil || failure != nil {
		return errors.Join(closed, os.Remove(file.Name()))
	}
	return os.Rename(file.Name(), name)
}
