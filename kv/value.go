package kv

import (
	"encoding/binary"
	"fmt"
	"time"
)

// Value is what the bytes of an Item mean.
type Value struct {
	// TTL is how long the item is to live, in whole milliseconds, 0 for ever.
	TTL time.Duration
	// Mark tells apart changes that set a TTL and were proposed for the same version, of which
	// one only is decided. It is random, and 0 without a TTL.
	Mark uint64
	Data []byte
}

// The first byte of an item's bytes says what follows.
const (
	formatPlain = 1 // Data.
	formatTTL   = 2 // TTL in ms and Mark, 8 bytes each, big-endian; then data.

	headerTTL = 1 + 8 + 8
)

// MaxHeader is by how many bytes an item is larger than its data, at most.
const MaxHeader = headerTTL

// MaxTTL is the longest TTL there is, some 292 years.
const MaxTTL = (1<<63 - 1) / 1_000_000 * time.Millisecond

// FormatError says that an item's bytes are not those of a Value.
type FormatError struct {
	Came     string
	Expected string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("an item begins with %s, expected %s: another program has written it, "+
		"or a later version of this one", e.Came, e.Expected)
}

// Encode is the bytes of v. Of the TTL a part of a millisecond counts as a whole one.
func (v Value) Encode() []byte {
	if v.TTL <= 0 {
		b := make([]byte, 0, 1+len(v.Data))
		return append(append(b, formatPlain), v.Data...)
	}
	ms := v.TTL / time.Millisecond
	if v.TTL%time.Millisecond > 0 && v.TTL < MaxTTL {
		ms++
	}
	b := make([]byte, 0, headerTTL+len(v.Data))
	b = append(b, formatTTL)
	b = binary.BigEndian.AppendUint64(b, uint64(ms))
	b = binary.BigEndian.AppendUint64(b, v.Mark)
	return append(b, v.Data...)
}

// Decode reads what Encode wrote. Data is a part of b. The error is a *FormatError.
func Decode(b []byte) (Value, error) {
	if len(b) == 0 {
		return Value{}, &FormatError{Came: "nothing", Expected: "a format"}
	}
	switch b[0] {
	case formatPlain:
		return Value{Data: b[1:]}, nil
	case formatTTL:
		if len(b) < headerTTL {
			return Value{}, &FormatError{
				Came:     fmt.Sprintf("%d bytes", len(b)),
				Expected: fmt.Sprintf("a header of %d", headerTTL),
			}
		}
		ms := binary.BigEndian.Uint64(b[1:])
		if ms == 0 || ms > uint64(MaxTTL/time.Millisecond) {
			return Value{}, &FormatError{
				Came:     fmt.Sprintf("a TTL of %d ms", ms),
				Expected: fmt.Sprintf("1 to %d", MaxTTL/time.Millisecond),
			}
		}
		return Value{
			TTL:  time.Duration(ms) * time.Millisecond,
			Mark: binary.BigEndian.Uint64(b[9:]),
			Data: b[headerTTL:],
		}, nil
	default:
		return Value{}, &FormatError{
			Came:     fmt.Sprintf("format %d", b[0]),
			Expected: fmt.Sprintf("%d or %d", formatPlain, formatTTL),
		}
	}
}
