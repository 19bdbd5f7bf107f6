package history

import (
	"fmt"

	"paxon/process"
	"paxon/tob"
)

// Kind is what an operation does.
type Kind int

// The kinds of operation.
const (
	Broadcast Kind = iota // A message is handed to a process.
	Read                  // A process is asked what it has delivered.
)

// String is the word of the kind in files.
func (k Kind) String() string {
	if k == Read {
		return "read"
	}
	return "broadcast"
}

// Operation is one call of a process, and what came of it.
type Operation struct {
	Kind Kind
	// Client is who called, from 0 on: a line of the picture. One client calls one operation
	// after the other, and after an unknown one nothing more.
	Client int
	// Process was called, in its start number Start, from 1 on. What it remembers of what it
	// has shown may end with a start.
	Process process.ID
	Start   int
	// Call and Return are the times before the call and after its answer, on a clock that all
	// callers share. Return means nothing if the result is unknown.
	Call, Return int64
	// Unknown says that no answer came, or one that leaves open whether the message was taken.
	Unknown bool

	// Value is the message of a broadcast.
	Value string
	// At is where a broadcast was delivered, zero if it is Unknown, or the answer was that this is
	// not known any more. Of a message that was answered so some read must see the place, or else
	// it counts as lost: such a history needs a read of everything at its end.
	At tob.Position

	// From is where a read was to begin, and Entries what it saw from there on. To, if it is not
	// zero, is up to where the process had delivered everything: before it there is nothing but
	// Entries. Otherwise that is known up to the last entry only.
	From, To tob.Position
	Entries  []Entry
}

// Entry is one message that a read saw.
type Entry struct {
	At    tob.Position
	Value string
}

// String shows the operation without its times.
func (o Operation) String() string {
	who := fmt.Sprintf("%v (start %d)", o.Process, o.Start)
	switch {
	case o.Kind == Read:
		return fmt.Sprintf("%s: read from %v: %s", who, o.From, describe(o.Entries))
	case o.Unknown:
		return fmt.Sprintf("%s: broadcast %.40q: unknown", who, o.Value)
	case o.At == tob.Position{}:
		return fmt.Sprintf("%s: broadcast %.40q: delivered, place forgotten", who, o.Value)
	}
	return fmt.Sprintf("%s: broadcast %.40q: at %v", who, o.Value, o.At)
}

// describe shows the first and the last of entries.
func describe(entries []Entry) string {
	show := func(e Entry) string { return fmt.Sprintf("%v %.40q", e.At, e.Value) }
	switch n := len(entries); n {
	case 0:
		return "nothing"
	case 1:
		return show(entries[0])
	case 2:
		return show(entries[0]) + ", " + show(entries[1])
	default:
		return fmt.Sprintf("%s … %s (%d messages)", show(entries[0]), show(entries[n-1]), n)
	}
}

// OperationError says that an operation makes no sense, whatever the processes did.
type OperationError struct {
	Line           int // In its file, from 1; 0 if it has none.
	Came, Expected string
}

// Error says both sides.
func (e *OperationError) Error() string {
	where := ""
	if e.Line > 0 {
		where = fmt.Sprintf("line %d: ", e.Line)
	}
	return fmt.Sprintf("%s%s: expected %s", where, e.Came, e.Expected)
}

// check says what is wrong with an operation as such, nil if nothing is.
func (o Operation) check() error {
	wrong := func(came, expected string) error { return &OperationError{Came: came, Expected: expected} }
	none := tob.Position{}
	switch {
	case o.Client < 0:
		return wrong(fmt.Sprintf("client %d", o.Client), "at least 0")
	case o.Process == 0 || o.Start < 1:
		return wrong(fmt.Sprintf("start %d of %v", o.Start, o.Process), "at least 1 of p1")
	case !o.Unknown && o.Return < o.Call:
		return wrong(fmt.Sprintf("return %d before call %d", o.Return, o.Call), "one at the call or later")
	case o.Kind == Broadcast && (o.From != none || o.To != none || o.Entries != nil):
		return wrong("a broadcast with from, to or entries", "value and at")
	case o.Kind == Broadcast && o.Unknown && o.At != none:
		return wrong("an unknown broadcast with a position", "none")
	case o.Kind == Read && (o.Value != "" || o.At != none):
		return wrong("a read with value or at", "from, to and entries")
	case o.Kind == Read && o.Unknown:
		return wrong("a read without a result", "only reads that were answered: others show nothing")
	case o.Kind == Read && o.From.Instance == 0:
		return wrong("a read from 0", "a position, such as 1/0")
	case o.Kind == Read && o.To != none && o.To.Less(o.From):
		return wrong(fmt.Sprintf("a read from %v to %v", o.From, o.To), "an end behind the beginning")
	}
	return nil
}
