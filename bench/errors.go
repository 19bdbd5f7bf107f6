package bench

import (
	"fmt"
	"strings"
	"time"

	"paxon/process"
	"paxon/tob"
)

// DiedError says that a process of the operating system ended in the midst of a run.
type DiedError struct {
	Processes []process.ID // Those that were in it.
	Err       error
}

// Error names the processes and gives the last words.
func (e *DiedError) Error() string {
	names := make([]string, len(e.Processes))
	for i, id := range e.Processes {
		names[i] = id.String()
	}
	return fmt.Sprintf("%s died: %v", strings.Join(names, ", "), e.Err)
}

// Unwrap returns the reason.
func (e *DiedError) Unwrap() error { return e.Err }

// StallError says that what should happen did not, for too long.
type StallError struct {
	What  string
	After time.Duration
}

// Error says what did not happen, and what to do.
func (e *StallError) Error() string {
	return fmt.Sprintf("%s did not come within %v: measure with fewer processes or less load, or look "+
		"after the disk", e.What, e.After)
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

// DeliveryError says that a process delivered what it should not have.
type DeliveryError struct {
	Process        process.ID
	Position       tob.Position
	Came, Expected string
}

// Error names the process, the place and both sides.
func (e *DeliveryError) Error() string {
	return fmt.Sprintf("%v delivered %s at %v, expected %s", e.Process, e.Came, e.Position, e.Expected)
}

// DigestError says that two processes delivered different sequences.
type DigestError struct {
	Process, Other process.ID
	Came, Expected string // xxh3.
}

// Error names both processes and digests.
func (e *DigestError) Error() string {
	return fmt.Sprintf("%v delivered a sequence with digest %s, expected %s as %v",
		e.Process, e.Came, e.Expected, e.Other)
}
