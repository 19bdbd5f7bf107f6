package tob

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"

	"paxon/process"
	"paxon/register"
)

// Client names whoever broadcasts, for ever. Its process gives it a number of its own; a
// message that a client hands to several processes is still delivered once.
type Client struct {
	Process     process.ID          // Who named the client.
	Incarnation process.Incarnation // Of that process, when it did.
	Number      uint64              // Its own for each client named then.
	// Born is nextBatch of that process at that time. It bounds from below the instances that
	// can hold the client's messages, so that a client that is forgotten is never taken for
	// a new one.
	Born register.Instance
}

// String writes a client as process.incarnation.number.born, such as "p1.2.0.17".
func (c Client) String() string {
	return fmt.Sprintf("%v.%d.%d.%d", c.Process, c.Incarnation, c.Number, c.Born)
}

// Broadcast is a message to broadcast: the paper's m. Sequence is 1 for the first message of a
// client and grows by 1.
type Broadcast struct {
	Client   Client
	Sequence uint64
	Payload  []byte
}

// Position is where a message stands in the total order: the instance that decided it, and how
// many messages that instance delivered before it.
type Position struct {
	Instance register.Instance
	Offset   uint32
}

// Less reports whether p is before q.
func (p Position) Less(q Position) bool {
	return p.Instance < q.Instance || p.Instance == q.Instance && p.Offset < q.Offset
}

// String writes a position as instance/offset.
func (p Position) String() string { return fmt.Sprintf("%d/%d", p.Instance, p.Offset) }

// A batch is what consensus decides on: the frames of messages, one after the other, or noop.
// A frame is a MessagePack array of the client's four numbers, the sequence and the payload. It
// is made where the message is broadcast, and copied as it is from then on.

// noop is the batch proposed for an instance that nobody proposes anything for: the
// MessagePack nil. It is not empty, because an empty value is ⊥.
func noop() register.Value { return register.Value{packNil} }

// MessagePack's first bytes, as far as frames use them.
const (
	packFixArray6 = 0x96
	packNil       = 0xc0
	packBin8      = 0xc4
	packBin16     = 0xc5
	packBin32     = 0xc6
	packUint8     = 0xcc
	packUint16    = 0xcd
	packUint32    = 0xce
	packUint64    = 0xcf
	packFixIntMax = 0x7f
)

// frameHeader is the most that a frame takes besides its payload.
const frameHeader = 1 + 5 + 4*9 + 5

// AppendFrame appends the frame of m.
func AppendFrame(b []byte, m Broadcast) []byte {
	b = append(b, packFixArray6)
	b = appendUint(b, uint64(m.Client.Process))
	b = appendUint(b, uint64(m.Client.Incarnation))
	b = appendUint(b, m.Client.Number)
	b = appendUint(b, uint64(m.Client.Born))
	b = appendUint(b, m.Sequence)
	switch n := len(m.Payload); {
	case n <= math.MaxUint8:
		b = append(b, packBin8, byte(n))
	case n <= math.MaxUint16:
		b = binary.BigEndian.AppendUint16(append(b, packBin16), uint16(n))
	default:
		b = binary.BigEndian.AppendUint32(append(b, packBin32), uint32(n))
	}
	return append(b, m.Payload...)
}

func appendUint(b []byte, v uint64) []byte {
	switch {
	case v <= packFixIntMax:
		return append(b, byte(v))
	case v <= math.MaxUint8:
		return append(b, packUint8, byte(v))
	case v <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, packUint16), uint16(v))
	case v <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, packUint32), uint32(v))
	default:
		return binary.BigEndian.AppendUint64(append(b, packUint64), v)
	}
}

// Unpack iterates over the messages of a batch in order, with the frame of each. It panics on
// bytes that are not a batch: nothing but batches is ever proposed.
func Unpack(batch register.Value) iter.Seq2[Broadcast, []byte] {
	return func(yield func(Broadcast, []byte) bool) {
		for s := Scan(batch); s.Next(); {
			if !yield(s.Message, s.Frame) {
				return
			}
		}
	}
}

// Scanner goes through the messages of a batch, as Unpack does. The zero Scanner is at its end.
type Scanner struct {
	Message Broadcast // After Next, until the next one.
	Frame   []byte    // Its frame.

	size int // Of the batch.
	rest []byte
	// same is what the last frame had before its sequence. The frames of one client in a row begin
	// with the same bytes, which are read once.
	same []byte
}

// Scan begins before the first message of a batch.
func Scan(batch register.Value) Scanner {
	if len(batch) == 1 && batch[0] == packNil {
		return Scanner{}
	}
	return Scanner{size: len(batch), rest: batch}
}

// Next goes on to the next message, and says whether there was one.
func (s *Scanner) Next() bool {
	if len(s.rest) == 0 {
		return false
	}
	n, err := s.parse()
	if err != nil {
		panic(fmt.Sprintf("tob: a batch of %d bytes is damaged %d bytes from its end: %v",
			s.size, len(s.rest), err))
	}
	s.Frame, s.rest = s.rest[:n:n], s.rest[n:]
	return true
}

// parse reads the frame that rest begins with, and returns its length.
func (s *Scanner) parse() (n int, err error) {
	if len(s.same) > 0 && bytes.HasPrefix(s.rest, s.same) {
		return s.Message.parseMessage(s.rest, len(s.same))
	}
	sequence, err := s.Message.parseClient(s.rest)
	if err != nil {
		return 0, err
	}
	s.same = s.rest[:sequence]
	return s.Message.parseMessage(s.rest, sequence)
}

// valid says whether bytes are a sequence of frames.
func valid(frames []byte) bool {
	for len(frames) > 0 {
		_, n, err := ParseFrame(frames)
		if err != nil {
			return false
		}
		frames = frames[n:]
	}
	return true
}

// FrameError says why bytes are not the frame of a message.
type FrameError struct{ Want string }

func (e *FrameError) Error() string { return "not a message frame: expected " + e.Want }

// ParseFrame reads the frame that b begins with, and its length. The payload aliases b. The
// error is a *FrameError.
func ParseFrame(b []byte) (m Broadcast, length int, err error) {
	sequence, err := m.parseClient(b)
	if err == nil {
		length, err = m.parseMessage(b, sequence)
	}
	if err != nil {
		return Broadcast{}, 0, err
	}
	return m, length, nil
}

// parseClient reads the client from the beginning of a frame, and returns where its sequence is.
func (m *Broadcast) parseClient(b []byte) (sequence int, err error) {
	if len(b) == 0 || b[0] != packFixArray6 {
		return 0, &FrameError{"an array of 6"}
	}
	at := 1
	var numbers [4]uint64
	for i := range numbers {
		v, n := parseUint(b[at:])
		if n == 0 {
			return 0, &FrameError{"an unsigned integer"}
		}
		numbers[i], at = v, at+n
	}
	if numbers[0] > math.MaxUint32 {
		return 0, &FrameError{"a process of at most 32 bits"}
	}
	m.Client = Client{
		process.ID(numbers[0]), process.Incarnation(numbers[1]), numbers[2],
		register.Instance(numbers[3]),
	}
	return at, nil
}

// parseMessage reads the rest of a frame from its sequence on, and returns where the frame ends.
func (m *Broadcast) parseMessage(b []byte, sequence int) (end int, err error) {
	v, n := parseUint(b[sequence:])
	if n == 0 {
		return 0, &FrameError{"an unsigned integer"}
	}
	at := sequence + n
	size, n := parseBinHeader(b[at:])
	at += n
	if n == 0 || size > uint64(len(b)-at) {
		return 0, &FrameError{"a payload that ends within the frame"}
	}
	end = at + int(size)
	m.Sequence, m.Payload = v, b[at:end:end]
	return end, nil
}

// parseUint reads an unsigned integer and how many bytes it takes, 0 if there is none.
func parseUint(b []byte) (v uint64, n int) {
	if len(b) == 0 {
		return 0, 0
	}
	switch first := b[0]; {
	case first <= packFixIntMax:
		return uint64(first), 1
	case first == packUint8 && len(b) >= 2:
		return uint64(b[1]), 2
	case first == packUint16 && len(b) >= 3:
		return uint64(binary.BigEndian.Uint16(b[1:])), 3
	case first == packUint32 && len(b) >= 5:
		return uint64(binary.BigEndian.Uint32(b[1:])), 5
	case first == packUint64 && len(b) >= 9:
		return binary.BigEndian.Uint64(b[1:]), 9
	}
	return 0, 0
}

func parseBinHeader(b []byte) (size uint64, n int) {
	if len(b) == 0 {
		return 0, 0
	}
	switch first := b[0]; {
	case first == packBin8 && len(b) >= 2:
		return uint64(b[1]), 2
	case first == packBin16 && len(b) >= 3:
		return uint64(binary.BigEndian.Uint16(b[1:])), 3
	case first == packBin32 && len(b) >= 5:
		return uint64(binary.BigEndian.Uint32(b[1:])), 5
	}
	return 0, 0
}

// ParseClient reads what Client.String writes.
func ParseClient(s string) (Client, error) {
	fields := strings.Split(strings.TrimPrefix(s, "p"), ".")
	var numbers [4]uint64
	if len(fields) != len(numbers) || !strings.HasPrefix(s, "p") {
		return Client{}, fmt.Errorf("client %q: expected the form p1.2.3.4, as a process names it", s)
	}
	for i, f := range fields {
		bits := 64
		if i == 0 {
			bits = 32
		}
		v, err := strconv.ParseUint(f, 10, bits)
		if err != nil {
			return Client{}, fmt.Errorf("client %q: expected the form p1.2.3.4: %w", s, err)
		}
		numbers[i] = v
	}
	return Client{
		process.ID(numbers[0]), process.Incarnation(numbers[1]), numbers[2],
		register.Instance(numbers[3]),
	}, nil
}

// ParsePosition reads what Position.String writes.
func ParsePosition(s string) (Position, error) {
	instance, offset, ok := strings.Cut(s, "/")
	l, err1 := strconv.ParseUint(instance, 10, 64)
	o, err2 := strconv.ParseUint(offset, 10, 32)
	if !ok || err1 != nil || err2 != nil || l == 0 {
		return Position{}, fmt.Errorf("position %q: expected instance/offset, such as 17/0, "+
			"with an instance of at least 1", s)
	}
	return Position{register.Instance(l), uint32(o)}, nil
}

// Describe shows a batch in traces: the payloads in order, or if it is no batch, its bytes.
func Describe(batch register.Value) string {
	if len(batch) == 0 {
		return "[]"
	}
	if len(batch) == 1 && batch[0] == packNil {
		return "no-op"
	}
	if !valid(batch) {
		return batch.String()
	}
	var payloads []register.Value
	for m := range Unpack(batch) {
		payloads = append(payloads, m.Payload)
	}
	return fmt.Sprint(payloads)
}
