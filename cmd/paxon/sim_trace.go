package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"time"

	"paxon/cmd/paxon/simulate"
	"paxon/sim"
)

// traced does one run and writes its trace, which takes its name once it is complete.
func traced(kind simulate.Kind, o simOptions) (report simulate.Report, err error) {
	partial := o.trace + ".partial"
	file, err := os.Create(partial)
	if err != nil {
		return report, fmt.Errorf("write the trace: %w", err)
	}
	defer func() { err = errors.Join(err, keep(file, o.trace, err)) }()
	out := bufio.NewWriter(file)
	trace := sim.NewTrace(out)
	begun := time.Now()
	result := kind.Trace(o.seed, o.coverage, trace)
	report.Add(result)
	report.Time = time.Since(begun)
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
