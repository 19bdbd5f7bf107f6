package node

import (
	"errors"
	"fmt"

	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

// What can become of a broadcast, or of a call, besides success.
var (
	// ErrClosed says that the process was closed, or is being closed.
	ErrClosed = errors.New("node: the process is closed: hand the message to another one, under " +
		"the same client and sequence")
	// ErrExpired says that the message was not delivered and never will be.
	ErrExpired = errors.New("node: the message will never be delivered: its client is unknown or " +
		"was silent for too long: broadcast it as a new client, from sequence 1")
	// ErrForgotten says that the message was delivered earlier.
	ErrForgotten = errors.New("node: the message was delivered before a later one of its client: " +
		"where is not known any more")
)

// TooLargeError says that a message was not taken because of its size.
type TooLargeError struct {
	// Size is the payload's, Limit the largest that is taken, both in bytes.
	Size, Limit int
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("node: a payload of %d bytes: expected at most %d: split it", e.Size, e.Limit)
}

// TruncatedError says that what a reader asks for is no longer kept.
type TruncatedError struct {
	// From is where the reader wanted to go on, First the oldest instance that is kept.
	From  tob.Position
	First register.Instance
}

func (e *TruncatedError) Error() string {
	return fmt.Sprintf("node: deliveries from %v on were truncated: expected %d/0 or later: go on "+
		"from there with a copy of the state at that position", e.From, e.First)
}

// RecordError says that a process has stored what this build cannot read.
type RecordError struct {
	Space process.Space
	Key   uint64
	// Err says what came and what was expected.
	Err error
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("node: the record at key %d of space %d: %v: run the build that has written it, or "+
		"give up this process, and have another one with an id and a directory of its own in its place",
		e.Key, e.Space, e.Err)
}

// Unwrap returns the error below.
func (e *RecordError) Unwrap() error { return e.Err }

// StalledError says that a process is not healthy.
type StalledError struct{ What string }

func (e *StalledError) Error() string { return "node: " + e.What }
