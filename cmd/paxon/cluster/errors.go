package cluster

import (
	"fmt"
	"strings"
	"time"

	"paxon/process"
	"paxon/tob"
)

// InputError says that an input cannot be read, or what is wrong in it.
type InputError struct {
	Name string // Of the file, "-" for standard input, or empty for all inputs together.
	Line uint64 // From 1; 0 if it is about the input as a whole.
	What string
}

// Error says where and what, and what was expected.
func (e *InputError) Error() string {
	switch {
	case e.Name == "":
		return e.What
	case e.Line == 0:
		return fmt.Sprintf("%s: %s", e.Name, e.What)
	}
	return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.What)
}

// CrashError says that a crash that was asked for is not possible.
type CrashError struct {
	Came, Expected string
}

// Error says both sides.
func (e *CrashError) Error() string { return fmt.Sprintf("crash %s: expected %s", e.Came, e.Expected) }

// OrderError says that a process delivered a message of a client out of turn: one is lost,
// doubled, or swapped with another.
type OrderError struct {
	Process        process.ID
	Client         tob.Client
	Came, Expected uint64 // Sequences.
	Position       tob.Position
}

// Error names the process, the place and both sequences.
func (e *OrderError) Error() string {
	return fmt.Sprintf("%v delivered message %d of client %v at %v, expected message %d: "+
		"one is lost, doubled or out of order", e.Process, e.Came, e.Client, e.Position, e.Expected)
}

// ContentError says that a process did not deliver what was broadcast.
type ContentError struct {
	Process        process.ID
	What           string
	Came, Expected string
}

// Error names the process and both sides.
func (e *ContentError) Error() string {
	return fmt.Sprintf("%v delivered %s %s, expected %s", e.Process, e.What, e.Came, e.Expected)
}

// AnswerError says that a process answered a broadcast wrongly.
type AnswerError struct {
	Process        process.ID
	Came, Expected string
}

// Error names the process and both sides.
func (e *AnswerError) Error() string {
	return fmt.Sprintf("%v answered %s, expected %s", e.Process, e.Came, e.Expected)
}

// DiedError says that a process ended though nobody killed it.
type DiedError struct {
	Process process.ID
	Err     error
}

// Error names the process and gives its last words.
func (e *DiedError) Error() string { return fmt.Sprintf("%v died: %v", e.Process, e.Err) }

// Unwrap returns the reason.
func (e *DiedError) Unwrap() error { return e.Err }

// StallError says that nothing was delivered anywhere for too long.
type StallError struct {
	After time.Duration
	Lines uint64   // Broadcast.
	State []string // Of each process.
}

// Error gives the state of each process.
func (e *StallError) Error() string {
	return fmt.Sprintf("no process delivered anything for %v, with %d lines broadcast:\n  %s",
		e.After, e.Lines, strings.Join(e.State, "\n  "))
}
