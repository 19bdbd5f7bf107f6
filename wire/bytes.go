package wire

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The first bytes of the MessagePack forms in use. The fixed forms carry the value in the
// first byte itself.
const (
	formFixArray = 0x90 // and the 15 above
	formFixStr   = 0xa0 // and the 31 above
	formNil      = 0xc0
	formFalse    = 0xc2
	formTrue     = 0xc3
	formBin8     = 0xc4
	formBin16    = 0xc5
	formBin32    = 0xc6
	formUint8    = 0xcc
	formUint16   = 0xcd
	formUint32   = 0xce
	formUint64   = 0xcf
	formInt8     = 0xd0
	formInt16    = 0xd1
	formInt32    = 0xd2
	formInt64    = 0xd3
	formStr8     = 0xd9
	formStr16    = 0xda
	formStr32    = 0xdb
	formArray16  = 0xdc
	formArray32  = 0xdd
	formFixNeg   = 0xe0 // and the 31 above: -32 to -1

	maxFixUint  = 0x7f
	maxFixArray = 15
	maxFixStr   = 31
	minFixNeg   = -32
)

// AppendUint appends v in its shortest form: 1 to 9 bytes.
func AppendUint(dst []byte, v uint64) []byte {
	switch {
	case v <= maxFixUint:
		return append(dst, byte(v))
	case v <= math.MaxUint8:
		return append(dst, formUint8, byte(v))
	case v <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, formUint16), uint16(v))
	case v <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, formUint32), uint32(v))
	default:
		return binary.BigEndian.AppendUint64(append(dst, formUint64), v)
	}
}

// AppendBytes appends p as bin, or nil for a nil p. At most 4 GiB.
func AppendBytes(dst, p []byte) []byte {
	if p == nil {
		return append(dst, formNil)
	}
	return append(appendBytesHeader(dst, len(p)), p...)
}

// appendBytesHeader appends the header of a bin of n bytes, which are to follow.
func appendBytesHeader(dst []byte, n int) []byte {
	switch {
	case n <= math.MaxUint8:
		return append(dst, formBin8, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, formBin16), uint16(n))
	default:
		return binary.BigEndian.AppendUint32(append(dst, formBin32), uint32(n))
	}
}

// AppendArrayHeader appends the header of an array of n elements, which are to follow.
func AppendArrayHeader(dst []byte, n int) []byte {
	switch {
	case n <= maxFixArray:
		return append(dst, formFixArray|byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, formArray16), uint16(n))
	default:
		return binary.BigEndian.AppendUint32(append(dst, formArray32), uint32(n))
	}
}

// ReadUint reads an unsigned integer in its shortest form from the beginning of b. The error
// is a *DecodeError.
func ReadUint(b []byte) (v uint64, rest []byte, err error) {
	v, rest, bad := readUint(b)
	if bad != nil {
		return 0, nil, bad
	}
	return v, rest, nil
}

// ReadBytes reads a bin, or nil, from the beginning of b. What it returns aliases b. The error
// is a *DecodeError.
func ReadBytes(b []byte) (p, rest []byte, err error) {
	p, rest, bad := readBytes(b)
	if bad != nil {
		return nil, nil, bad
	}
	return p, rest, nil
}

// ReadArrayHeader reads the header of an array from the beginning of b. It returns at most
// len(rest) elements, since each takes a byte. The error is a *DecodeError.
func ReadArrayHeader(b []byte) (n int, rest []byte, err error) {
	n, rest, bad := readArrayHeader(b)
	if bad != nil {
		return 0, nil, bad
	}
	return n, rest, nil
}

func readUint(b []byte) (uint64, []byte, *DecodeError) {
	if len(b) == 0 {
		return 0, nil, truncated("an unsigned integer")
	}
	var size int
	var least uint64
	switch b[0] {
	case formUint8:
		size, least = 1, maxFixUint+1
	case formUint16:
		size, least = 2, math.MaxUint8+1
	case formUint32:
		size, least = 4, math.MaxUint16+1
	case formUint64:
		size, least = 8, math.MaxUint32+1
	default:
		if b[0] > maxFixUint {
			return 0, nil, wrongForm(b[0], "an unsigned integer")
		}
		return uint64(b[0]), b[1:], nil
	}
	v, rest, bad := readBigEndian(b[1:], size)
	if bad != nil {
		return 0, nil, bad
	}
	if v < least {
		return 0, nil, notShortest(v)
	}
	return v, rest, nil
}

// readInt reads a signed integer: zero and above go as unsigned.
func readInt(b []byte) (int64, []byte, *DecodeError) {
	if len(b) == 0 {
		return 0, nil, truncated("an integer")
	}
	var size int
	var most int64
	switch b[0] {
	case formInt8:
		size, most = 1, minFixNeg-1
	case formInt16:
		size, most = 2, math.MinInt8-1
	case formInt32:
		size, most = 4, math.MinInt16-1
	case formInt64:
		size, most = 8, math.MinInt32-1
	default:
		if b[0] >= formFixNeg {
			return int64(int8(b[0])), b[1:], nil
		}
		v, rest, bad := readUint(b)
		if bad == nil && v > math.MaxInt64 {
			bad = &DecodeError{Came: fmt.Sprint(v), Expected: "an integer of at most 64 bits, signed"}
		}
		return int64(v), rest, bad
	}
	u, rest, bad := readBigEndian(b[1:], size)
	if bad != nil {
		return 0, nil, bad
	}
	unused := 64 - 8*size
	v := int64(u<<unused) >> unused
	if v > most {
		return 0, nil, notShortest(v)
	}
	return v, rest, nil
}

func readBytes(b []byte) (p, rest []byte, bad *DecodeError) {
	if len(b) == 0 {
		return nil, nil, truncated("bytes")
	}
	var size int
	var least uint64
	switch b[0] {
	case formNil:
		return nil, b[1:], nil
	case formBin8:
		size, least = 1, 0
	case formBin16:
		size, least = 2, math.MaxUint8+1
	case formBin32:
		size, least = 4, math.MaxUint16+1
	default:
		return nil, nil, wrongForm(b[0], "bytes or nil")
	}
	return readSized(b[1:], size, least)
}

func readString(b []byte) (p, rest []byte, bad *DecodeError) {
	if len(b) == 0 {
		return nil, nil, truncated("a string")
	}
	var size int
	var least uint64
	switch b[0] {
	case formStr8:
		size, least = 1, maxFixStr+1
	case formStr16:
		size, least = 2, math.MaxUint8+1
	case formStr32:
		size, least = 4, math.MaxUint16+1
	default:
		if b[0] < formFixStr || b[0] > formFixStr+maxFixStr {
			return nil, nil, wrongForm(b[0], "a string")
		}
		return take(b[1:], uint64(b[0]-formFixStr))
	}
	return readSized(b[1:], size, least)
}

func readArrayHeader(b []byte) (int, []byte, *DecodeError) {
	if len(b) == 0 {
		return 0, nil, truncated("an array")
	}
	n, rest := uint64(b[0]-formFixArray), b[1:]
	var least uint64
	var bad *DecodeError
	switch {
	case b[0] == formArray16:
		n, rest, bad = readBigEndian(b[1:], 2)
		least = maxFixArray + 1
	case b[0] == formArray32:
		n, rest, bad = readBigEndian(b[1:], 4)
		least = math.MaxUint16 + 1
	case b[0] < formFixArray || b[0] > formFixArray+maxFixArray:
		return 0, nil, wrongForm(b[0], "an array")
	}
	switch {
	case bad != nil:
		return 0, nil, bad
	case n < least:
		return 0, nil, notShortest(n)
	case n > uint64(len(rest)):
		return 0, nil, tooLong(n, len(rest))
	}
	return int(n), rest, nil
}

// readSized reads a length of size bytes, which must be at least least, and as many bytes.
func readSized(b []byte, size int, least uint64) (p, rest []byte, bad *DecodeError) {
	n, b, bad := readBigEndian(b, size)
	if bad != nil {
		return nil, nil, bad
	}
	if n < least {
		return nil, nil, notShortest(n)
	}
	return take(b, n)
}

func take(b []byte, n uint64) (p, rest []byte, bad *DecodeError) {
	if n > uint64(len(b)) {
		return nil, nil, tooLong(n, len(b))
	}
	return b[:n:n], b[n:], nil
}

func readBigEndian(b []byte, size int) (uint64, []byte, *DecodeError) {
	if len(b) < size {
		return 0, nil, truncated(fmt.Sprintf("a number of %d bytes", size))
	}
	var v uint64
	for _, c := range b[:size] {
		v = v<<8 | uint64(c)
	}
	return v, b[size:], nil
}

func truncated(expected string) *DecodeError {
	return &DecodeError{Came: "the end of the input", Expected: expected}
}

func wrongForm(came byte, expected string) *DecodeError {
	return &DecodeError{Came: fmt.Sprintf("a value that begins with 0x%02x", came), Expected: expected}
}

func notShortest[N int64 | uint64](n N) *DecodeError {
	return &DecodeError{
		Came:     fmt.Sprintf("%d in a longer form than it needs", n),
		Expected: "the shortest",
	}
}

func tooLong(n uint64, left int) *DecodeError {
	return &DecodeError{
		Came:     fmt.Sprintf("a length of %d", n),
		Expected: fmt.Sprintf("at most the %d bytes that are left", left),
	}
}
