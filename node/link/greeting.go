package link

import (
	"encoding/binary"
	"fmt"
	"io"

	"paxon/process"
	"paxon/wire"
)

const (
	magic   = "PAXON"
	version = 3
	// greetingHeader is the magic, the version and the length, in bytes.
	greetingHeader = len(magic) + 1 + 2
	// maxGreeting bounds what follows the header, in bytes.
	maxGreeting = 2048
	// maxQuoted bounds what a reason repeats of a stranger's words.
	maxQuoted = 64
)

// hello is what a dialer says first: who it is, and whom it expects.
type hello struct {
	Cluster     string
	Variant     string
	Fingerprint string
	From        process.ID
	Incarnation process.Incarnation
	To          process.ID
	Directory   string
}

// answer is what an acceptor says to a hello.
type answer struct {
	Incarnation process.Incarnation
	// Refusal is the reason not to talk to the dialer, empty if there is none.
	Refusal string
	// Unknown says that the reason is the dialer's directory.
	Unknown   bool
	Directory string
}

// agreement is what a dialer says to an answer that suits it.
type agreement struct{}

// GreetingError says that the other side of a connection does not speak this protocol.
type GreetingError struct {
	// Came is what was found, Expected what should have been.
	Came, Expected string
	// Err is the error below, if there is one.
	Err error
}

// Error says what came and what was expected.
func (e *GreetingError) Error() string {
	return fmt.Sprintf("link: %s in place of a greeting, expected %s", e.Came, e.Expected)
}

// Unwrap returns the error below.
func (e *GreetingError) Unwrap() error { return e.Err }

// RefusedError says that a peer does not accept this process, and why.
type RefusedError struct {
	Peer    process.ID
	Address string
	Reason  string
	// Unknown says that this process has been seen with another directory than it has.
	Unknown bool
}

// Error gives the peer's reason.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("link: refused by %s, where %v should be: %s", e.Address, e.Peer, e.Reason)
}

// greetings encodes hello, answer and agreement.
func greetings() (*wire.Codec, error) {
	return wire.New(wire.Vmihailenco, hello{}, answer{}, agreement{})
}

// writeGreeting writes one of them in one call.
func writeGreeting(w io.Writer, c *wire.Codec, v any) error {
	b := append([]byte(magic), version, 0, 0)
	b, err := c.Append(b, v)
	if err != nil {
		return err
	}
	binary.BigEndian.PutUint16(b[greetingHeader-2:], uint16(len(b)-greetingHeader))
	_, err = w.Write(b)
	return err
}

// readGreeting reads a greeting of type T and no byte more. The error is a *GreetingError or,
// where there are too few bytes, the reader's.
func readGreeting[T hello | answer | agreement](r io.Reader, c *wire.Codec) (T, error) {
	var none T
	var header [greetingHeader]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return none, err
	}
	if came := string(header[:len(magic)]); came != magic {
		return none, &GreetingError{
			Came:     fmt.Sprintf("%q", came),
			Expected: fmt.Sprintf("%q: one of the two sides is not a process of Paxon", magic),
		}
	}
	if came := header[len(magic)]; came != version {
		return none, &GreetingError{
			Came:     fmt.Sprintf("version %d", came),
			Expected: fmt.Sprintf("version %d: run the same build everywhere", version),
		}
	}
	size := binary.BigEndian.Uint16(header[greetingHeader-2:])
	if size > maxGreeting {
		return none, &GreetingError{
			Came:     fmt.Sprintf("%d bytes", size),
			Expected: fmt.Sprintf("at most %d", maxGreeting),
		}
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return none, err
	}
	v, err := c.Decode(body)
	if err != nil {
		return none, &GreetingError{Came: err.Error(), Expected: fmt.Sprintf("%T", none), Err: err}
	}
	greeting, ok := v.(T)
	if !ok {
		return none, &GreetingError{Came: fmt.Sprintf("%T", v), Expected: fmt.Sprintf("%T", none)}
	}
	return greeting, nil
}

// recognize returns the reason not to talk to a peer that has come with a directory, nil if there is
// none.
func (l *Links) recognize(p process.ID, directory string) error {
	if l.config.Recognize == nil {
		return nil
	}
	return l.config.Recognize(p, directory)
}

// judge returns the reason to refuse a hello, empty if there is none.
func (l *Links) judge(h hello) string {
	self := l.config.Self
	switch {
	case h.Cluster != l.config.Cluster:
		return fmt.Sprintf("%v is of cluster %s, %v of cluster %s: check addresses and cluster names",
			self, quoted(l.config.Cluster), h.From, quoted(h.Cluster))
	case h.To != self:
		return fmt.Sprintf("%v expects %v at this address, but it is %v's: check the addresses",
			h.From, h.To, self)
	case h.From == self:
		return fmt.Sprintf("%v is this process itself: two processes may have the same number", self)
	case l.peer(h.From) == nil:
		return fmt.Sprintf("%v is not among the peers of %v: check the list of processes", h.From, self)
	case h.Variant != l.config.Variant:
		return fmt.Sprintf("%v runs variant %s, %v variant %s: run the same variant everywhere",
			self, quoted(l.config.Variant), h.From, quoted(h.Variant))
	case h.Fingerprint != l.config.Codec.Fingerprint():
		return fmt.Sprintf("%v has messages of fingerprint %s, %v of %s: run the same build everywhere",
			self, quoted(l.config.Codec.Fingerprint()), h.From, quoted(h.Fingerprint))
	}
	return ""
}

// quoted repeats the beginning of s, on one line whatever is in it.
func quoted(s string) string {
	if len(s) > maxQuoted {
		return fmt.Sprintf("%q…", s[:maxQuoted])
	}
	return fmt.Sprintf("%q", s)
}
