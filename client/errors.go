package client

import (
	"errors"
	"fmt"
	"net/http"

	"paxon/tob"
)

// AddressError says that a text is not the address of a process's API.
type AddressError struct {
	Address string
	Reason  string
}

// Error names the address and the form that was expected.
func (e *AddressError) Error() string {
	return fmt.Sprintf("address %q: %s: expected the URL of a process's API, such as "+
		"http://127.0.0.1:7201", e.Address, e.Reason)
}

// UnreachableError says that a process did not answer, or not to the end. Whether it took the
// request is unknown.
type UnreachableError struct {
	URL string
	Err error
}

// Error names the address and what to do.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no full answer from %s (%v): see whether the process runs, or ask another",
		e.URL, e.Err)
}

// Unwrap returns the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// RefusedError says that a process answered with an error.
type RefusedError struct {
	URL string
	// Code is the HTTP status: 400 malformed, 409 expired or forgotten, 410 truncated,
	// 413 too large, 503 shutting down.
	Code int
	// Status is the outcome of a broadcast that has one: "expired" or "forgotten".
	Status string
	// Message is the reason that the process gave.
	Message string
}

// Error names the address, the HTTP status and the reason.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s answered %d: %s", e.URL, e.Code, e.Message)
}

// AnswerError says that what a process answered is not what its API says: it is of another
// version, or the address is that of another program.
type AnswerError struct {
	URL            string
	Came, Expected string
}

// Error says both sides and what to do.
func (e *AnswerError) Error() string {
	return fmt.Sprintf("%s answered %s, expected %s: see whether it is the API of a paxon process "+
		"of this version", e.URL, e.Came, e.Expected)
}

// NotDeliveredError says that a message will not be delivered.
type NotDeliveredError struct {
	Client   tob.Client
	Sequence uint64
	Status   tob.Status
}

// Error names the message and the reason.
func (e *NotDeliveredError) Error() string {
	advice := "name a new client"
	if e.Status == tob.TooLarge {
		advice = "send a smaller payload"
	}
	return fmt.Sprintf("message %d of client %v is not delivered: %v: %s",
		e.Sequence, e.Client, e.Status, advice)
}

// Retryable says whether what failed may succeed later, or at another process of the cluster: this
// one did not answer, or is stopping.
func Retryable(err error) bool {
	if _, unreachable := errors.AsType[*UnreachableError](err); unreachable {
		return true
	}
	refused, ok := errors.AsType[*RefusedError](err)
	return ok && refused.Code == http.StatusServiceUnavailable
}
