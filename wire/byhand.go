package wire

import (
	"math"

	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

// What travels or is stored for every batch has its bytes set and read by hand, because a library
// takes ten times as long for it. The bytes are the same: the tests have each library read what is
// set here, and the other way round.

// sink takes the bytes of one value. A byte slice of at least apart bytes is left out, and stands
// between buf[:cut] and buf[cut:]; at most one of a value is.
type sink struct {
	buf   []byte
	apart int
	cut   int
	value []byte
}

func (s *sink) uint(v uint64)                { s.buf = AppendUint(s.buf, v) }
func (s *sink) array(n int)                  { s.buf = AppendArrayHeader(s.buf, n) }
func (s *sink) bool(v bool)                  { s.buf = append(s.buf, formOf(v)) }
func (s *sink) instance(l register.Instance) { s.uint(uint64(l)) }

func formOf(v bool) byte {
	if v {
		return formTrue
	}
	return formFalse
}

func (s *sink) bytes(p []byte) {
	if len(p) < s.apart || s.value != nil || len(p) == 0 {
		s.buf = AppendBytes(s.buf, p)
		return
	}
	s.buf = appendBytesHeader(s.buf, len(p))
	s.cut, s.value = len(s.buf), p
}

func (s *sink) round(k register.Round) {
	s.array(3)
	s.uint(k.Number)
	s.uint(uint64(k.Process))
	s.uint(uint64(k.Incarnation))
}

// putByHand appends the body of v, if it is of a type that goes by hand.
func (s *sink) putByHand(v any) bool {
	switch v := v.(type) {
	case register.Write:
		s.array(4)
		s.instance(v.Instance)
		s.round(v.Round)
		s.bytes(v.Value)
		s.uint(v.Attempt)
	case register.AckWrite:
		s.array(4)
		s.instance(v.Instance)
		s.round(v.Round)
		s.bool(v.Permitted)
		s.uint(v.Attempt)
	case register.Read:
		s.array(3)
		s.instance(v.Instance)
		s.round(v.Round)
		s.uint(v.Attempt)
	case register.AckRead:
		s.array(5)
		s.instance(v.Instance)
		s.round(v.Round)
		s.round(v.Written)
		s.bytes(v.Value)
		s.uint(v.Attempt)
	case register.Copy:
		s.array(4)
		s.round(v.Read)
		s.round(v.Written)
		s.bytes(v.Value)
		s.bool(v.Permitted)
	case tob.Forward:
		s.array(1)
		s.bytes(v.Frames)
	case tob.Decision:
		s.array(3)
		s.instance(v.Instance)
		s.round(v.Round)
		s.bytes(v.Value)
	default:
		return s.putRegisters(v)
	}
	return true
}

// source reads one value. A byte slice of at least share bytes is not copied: it is memory of
// the input, and shared says so.
type source struct {
	rest   []byte
	bad    bool
	share  int
	shared bool
}

func (s *source) uint() uint64 {
	if len(s.rest) > 0 && s.rest[0] <= maxFixUint {
		v := s.rest[0]
		s.rest = s.rest[1:]
		return uint64(v)
	}
	v, rest, bad := readUint(s.rest)
	s.take(rest, bad)
	return v
}

// take goes on after what was read, or notes that it was not what it should be.
func (s *source) take(rest []byte, bad *DecodeError) {
	if s.rest = rest; bad != nil {
		s.bad = true
	}
}

func (s *source) array(n int) {
	found, rest, bad := readArrayHeader(s.rest)
	s.take(rest, bad)
	s.bad = s.bad || found != n
}

func (s *source) bool() bool {
	rest, bad := checkBool(s.rest)
	v := bad == nil && s.rest[0] == formTrue
	s.take(rest, bad)
	return v
}

func (s *source) bytes() []byte {
	p, rest, bad := readBytes(s.rest)
	s.take(rest, bad)
	switch {
	case p == nil:
		return nil
	case len(p) < s.share:
		return append(make([]byte, 0, len(p)), p...)
	}
	s.shared = true
	return p
}

func (s *source) instance() register.Instance { return register.Instance(s.uint()) }

func (s *source) round() register.Round {
	s.array(3)
	k := register.Round{Number: s.uint()}
	p := s.uint()
	s.bad = s.bad || p > math.MaxUint32
	k.Process, k.Incarnation = process.ID(p), process.Incarnation(s.uint())
	return k
}

func (s *source) copied() register.Copy {
	s.array(4)
	return register.Copy{
		Read: s.round(), Written: s.round(), Value: s.bytes(), Permitted: s.bool(),
	}
}

// getByHand reads the body of a value like the zero value given, if that is of a type that goes by
// hand and the body is what it should be. Otherwise the check of the layout finds out why.
func (s *source) getByHand(zero any) (v any, ok bool) {
	switch zero.(type) {
	case register.Write:
		s.array(4)
		v = register.Write{
			Instance: s.instance(), Round: s.round(), Value: s.bytes(), Attempt: s.uint(),
		}
	case register.AckWrite:
		s.array(4)
		v = register.AckWrite{
			Instance: s.instance(), Round: s.round(), Permitted: s.bool(), Attempt: s.uint(),
		}
	case register.Read:
		s.array(3)
		v = register.Read{Instance: s.instance(), Round: s.round(), Attempt: s.uint()}
	case register.AckRead:
		s.array(5)
		v = register.AckRead{
			Instance: s.instance(), Round: s.round(), Written: s.round(), Value: s.bytes(),
			Attempt: s.uint(),
		}
	case register.Copy:
		v = s.copied()
	case tob.Forward:
		s.array(1)
		v = tob.Forward{Frames: s.bytes()}
	case tob.Decision:
		s.array(3)
		v = tob.Decision{Instance: s.instance(), Round: s.round(), Value: s.bytes()}
	default:
		if v, ok = s.getRegisters(zero); !ok {
			return nil, false
		}
	}
	return v, !s.bad && len(s.rest) == 0
}
