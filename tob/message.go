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

// plus is the position of the n-th message after the one at p, in the same instance.
func (p Position) plus(n uint64) Position { return Position{p.Instance, p.Offset + uint32(n)} }

// String writes a position as instance/offset.
func (p Position) String() string { return fmt.Sprintf("%d/%d", p.Instance, p.Offset) }

// A batch is what consensus decides on: frames, one after the other, or noop. The frame of a message
// is a MessagePack array of the client's four numbers, the sequence and the payload; that of a run, of
// messages of one client that were broadcast together, an array of the client's four numbers, the
// first sequence, how many messages there are, and a binary of their payloads, each a binary. A frame
// is made where it is broadcast, and copied as it is from then on.

// noop is the batch proposed for an instance that nobody proposes anything for: the
// MessagePack nil. It is not empty, because an empty value is ⊥.
func noop() register.Value { return register.Value{packNil} }

// MessagePack's first bytes, as far as frames use them.
const (
	packFixArray6 = 0x96
	packFixArray7 = 0x97
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

// What a frame takes at most: for the numbers that every one has, for what only that of a run has, and
// for each payload besides its bytes.
const (
	frameHeader   = 1 + 5 + 4*9
	runHeader     = 9 + payloadHeader
	payloadHeader = 5
)

// AppendFrame appends the frame of m.
func AppendFrame(b []byte, m Broadcast) []byte {
	return AppendRun(b, m.Client, m.Sequence, [][]byte{m.Payload})
}

// AppendRun appends the frame of messages of a client, at least one, of which the first has a sequence
// and each of the others follows on the one before.
func AppendRun(b []byte, c Client, sequence uint64, payloads [][]byte) []byte {
	b = appendNumbers(b, c, sequence, uint64(len(payloads)))
	if len(payloads) > 1 {
		b = appendBinHeader(b, packedSize(payloads))
	}
	for _, p := range payloads {
		b = append(appendBinHeader(b, len(p)), p...)
	}
	return b
}

// packedSize is how many bytes payloads take as binaries.
func packedSize(payloads [][]byte) int {
	size := 0
	for _, p := range payloads {
		size += binHeaderSize(len(p)) + len(p)
	}
	return size
}

// appendNumbers appends what is before the payloads in the frame of so many messages.
func appendNumbers(b []byte, c Client, sequence, count uint64) []byte {
	if count == 1 {
		b = append(b, packFixArray6)
	} else {
		b = append(b, packFixArray7)
	}
	b = appendUint(b, uint64(c.Process))
	b = appendUint(b, uint64(c.Incarnation))
	b = appendUint(b, c.Number)
	b = appendUint(b, uint64(c.Born))
	b = appendUint(b, sequence)
	if count > 1 {
		b = appendUint(b, count)
	}
	return b
}

func appendBinHeader(b []byte, n int) []byte {
	switch {
	case n <= math.MaxUint8:
		return append(b, packBin8, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, packBin16), uint16(n))
	default:
		return binary.BigEndian.AppendUint32(append(b, packBin32), uint32(n))
	}
}

func binHeaderSize(n int) int {
	switch {
	case n <= math.MaxUint8:
		return 2
	case n <= math.MaxUint16:
		return 3
	default:
		return payloadHeader
	}
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

// Unpack iterates over the messages of a batch in order. It panics on bytes that are not a batch:
// nothing but batches is ever proposed.
func Unpack(batch register.Value) iter.Seq[Broadcast] {
	return func(yield func(Broadcast) bool) {
		for s := Scan(batch); s.Next(); {
			if !yield(s.Message()) {
				return
			}
		}
	}
}

// Scanner goes through the messages of a batch, as Unpack does. The zero Scanner is at its end. To go
// on to the next message writes numbers alone, so that a Scanner costs the garbage collector nothing.
type Scanner struct {
	runs     runs
	left     uint64 // Messages of the present run that follow.
	sequence uint64 // Of the present message,
	from, to int    // and where its payload is in those of the run.
}

// Scan begins before the first message of a batch.
func Scan(batch register.Value) Scanner { return Scanner{runs: runsOf(batch)} }

// Next goes on to the next message, and says whether there was one.
func (s *Scanner) Next() bool {
	if s.left == 0 && !s.nextRun() {
		return false
	}
	payload, n := parseBin(s.runs.run.payloads[s.to:])
	if n == 0 {
		s.runs.damaged(&FrameError{wantPayload})
	}
	s.to += n
	s.from = s.to - len(payload)
	s.left--
	s.sequence++
	return true
}

// nextRun goes on to the next run, and says whether there was one.
func (s *Scanner) nextRun() bool {
	if !s.runs.next() {
		return false
	}
	s.left, s.sequence, s.to = s.runs.run.count, s.runs.run.first-1, 0
	return true
}

// Message is the present message. Its payload aliases the batch.
func (s *Scanner) Message() Broadcast {
	return Broadcast{s.runs.run.client, s.sequence, s.Payload()}
}

// Payload is that of the present message. It aliases the batch.
func (s *Scanner) Payload() []byte { return s.runs.run.payloads[s.from:s.to:s.to] }

// run is messages of one client, with sequences that follow each other. One alone is a run, too.
type run struct {
	client   Client
	first    uint64 // The sequence of the first.
	count    uint64 // How many there are, at least 1.
	payloads []byte // Of each its payload, as a binary.
	frame    []byte
}

// last is the sequence of the last message.
func (r *run) last() uint64 { return r.first + r.count - 1 }

// from is the run without those below a sequence, of which it has some.
func (r *run) from(sequence uint64) run {
	payloads := r.payloads
	for range sequence - r.first {
		_, n := parseBin(payloads)
		payloads = payloads[n:]
	}
	rest := run{client: r.client, first: sequence, count: r.last() - sequence + 1, payloads: payloads}
	rest.frame = rest.append(nil)
	return rest
}

// append appends the frame.
func (r *run) append(b []byte) []byte {
	b = appendNumbers(b, r.client, r.first, r.count)
	if r.count > 1 {
		b = appendBinHeader(b, len(r.payloads))
	}
	return append(b, r.payloads...)
}

// runs goes through the runs of a batch. It does not look at their payloads.
type runs struct {
	run run // After next.

	size int // Of the batch.
	rest []byte
	// same is what the last frame had before its sequence. The frames of one client in a row begin
	// with the same bytes, which are read once.
	same []byte
}

func runsOf(batch register.Value) runs {
	if len(batch) == 1 && batch[0] == packNil {
		return runs{}
	}
	return runs{size: len(batch), rest: batch}
}

// next goes on to the next run, and says whether there was one.
func (s *runs) next() bool {
	if len(s.rest) == 0 {
		return false
	}
	if err := s.parse(); err != nil {
		s.damaged(err)
	}
	s.rest = s.rest[len(s.run.frame):]
	return true
}

func (s *runs) damaged(err error) {
	panic(fmt.Sprintf("tob: a batch of %d bytes is damaged %d bytes from its end: %v",
		s.size, len(s.rest), err))
}

// parse reads the run that rest begins with.
func (s *runs) parse() error {
	if len(s.same) > 0 && bytes.HasPrefix(s.rest, s.same) {
		return s.run.parseMessages(s.rest, len(s.same))
	}
	sequence, err := s.run.parseClient(s.rest)
	if err != nil {
		return err
	}
	s.same = s.rest[:sequence]
	return s.run.parseMessages(s.rest, sequence)
}

// valid says whether bytes are a sequence of frames.
func valid(frames []byte) bool {
	for len(frames) > 0 {
		r, err := parseRun(frames)
		if err != nil || !r.whole() {
			return false
		}
		frames = frames[len(r.frame):]
	}
	return true
}

// FrameError says why bytes are not the frame of messages.
type FrameError struct{ Want string }

func (e *FrameError) Error() string { return "not a message frame: expected " + e.Want }

const wantPayload = "a payload that ends within the frame"

// ParseFrame reads the frame that b begins with, and its length. It must be that of a single message.
// The payload aliases b. The error is a *FrameError.
func ParseFrame(b []byte) (m Broadcast, length int, err error) {
	if len(b) > 0 && b[0] == packFixArray7 {
		return Broadcast{}, 0, &FrameError{"an array of 6"}
	}
	r, err := parseRun(b)
	if err != nil {
		return Broadcast{}, 0, err
	}
	payload, _ := parseBin(r.payloads)
	return Broadcast{r.client, r.first, payload}, len(r.frame), nil
}

// parseRun reads the run that b begins with. What it has aliases b. The error is a *FrameError.
func parseRun(b []byte) (run, error) {
	s := runs{rest: b}
	if err := s.parse(); err != nil {
		return run{}, err
	}
	return s.run, nil
}

// parseClient reads the client from the beginning of a frame, and returns where its sequence is.
func (r *run) parseClient(b []byte) (sequence int, err error) {
	if len(b) == 0 || b[0] != packFixArray6 && b[0] != packFixArray7 {
		return 0, &FrameError{"an array of 6 or 7"}
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
	r.client = Client{
		process.ID(numbers[0]), process.Incarnation(numbers[1]), numbers[2],
		register.Instance(numbers[3]),
	}
	return at, nil
}

// parseMessages reads the rest of a frame from its sequence on.
func (r *run) parseMessages(b []byte, sequence int) error {
	first, n := parseUint(b[sequence:])
	if n == 0 {
		return &FrameError{"an unsigned integer"}
	}
	r.first, r.count = first, 1
	at := sequence + n
	if b[0] == packFixArray7 {
		if r.count, n = parseUint(b[at:]); n == 0 || r.count < 2 || first+r.count < first {
			return &FrameError{"a number of messages, at least 2"}
		}
		at += n
	}
	payload, n := parseBin(b[at:])
	if n == 0 {
		return &FrameError{wantPayload}
	}
	end := at + n
	r.payloads, r.frame = b[at:end:end], b[:end:end]
	if b[0] == packFixArray7 {
		r.payloads = payload
	}
	return nil
}

// whole says whether there are as many payloads as there are messages.
func (r *run) whole() bool {
	rest := r.payloads
	for range r.count {
		_, n := parseBin(rest)
		if n == 0 {
			return false
		}
		rest = rest[n:]
	}
	return len(rest) == 0
}

// parseBin reads the binary that b begins with, and its length with the header, 0 if there is none.
func parseBin(b []byte) (content []byte, n int) {
	size, header := parseBinHeader(b)
	if header == 0 || size > uint64(len(b)-header) {
		return nil, 0
	}
	n = header + int(size)
	return b[header:n:n], n
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
