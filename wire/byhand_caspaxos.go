package wire

import (
	"math"

	"paxon/caspaxos"
)

// text appends a string.
func (s *sink) text(v string) {
	switch n := len(v); {
	case n <= maxFixStr:
		s.buf = append(s.buf, formFixStr+byte(n))
	case n <= math.MaxUint8:
		s.buf = append(s.buf, formStr8, byte(n))
	case n <= math.MaxUint16:
		s.buf = append(s.buf, formStr16, byte(n>>8), byte(n))
	default:
		s.buf = append(s.buf, formStr32, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	s.buf = append(s.buf, v...)
}

// putRegisters appends the body of what CASPaxos sends or stores for every change and read.
func (s *sink) putRegisters(v any) bool {
	switch v := v.(type) {
	case caspaxos.Ask:
		s.array(7)
		s.text(v.Key)
		s.uint(v.Epoch)
		s.uint(v.Age)
		s.uint(uint64(v.Kind))
		s.round(v.Round)
		s.bytes(v.Value)
		s.uint(v.Attempt)
	case caspaxos.Answer:
		s.array(6)
		s.text(v.Key)
		s.uint(uint64(v.Kind))
		s.round(v.Round)
		s.round(v.Other)
		s.bytes(v.Value)
		s.uint(v.Attempt)
	case caspaxos.Look:
		s.array(3)
		s.text(v.Key)
		s.uint(v.Epoch)
		s.uint(v.Number)
	case caspaxos.Seen:
		s.array(3)
		s.uint(v.Number)
		s.round(v.Written)
		s.bytes(v.Value)
	case caspaxos.Cell:
		s.array(2)
		s.text(v.Key)
		return s.putByHand(v.Copy)
	default:
		return false
	}
	return true
}

func (s *source) text() string {
	p, rest, bad := readString(s.rest)
	s.take(rest, bad)
	return string(p)
}

func (s *source) kind() caspaxos.Kind {
	k := s.uint()
	s.bad = s.bad || k > math.MaxUint8
	return caspaxos.Kind(k)
}

// getRegisters reads what putRegisters appends; false if the zero value is of no such type.
func (s *source) getRegisters(zero any) (v any, ok bool) {
	switch zero.(type) {
	case caspaxos.Ask:
		s.array(7)
		v = caspaxos.Ask{
			Key: s.text(), Epoch: s.uint(), Age: s.uint(), Kind: s.kind(), Round: s.round(),
			Value: s.bytes(), Attempt: s.uint(),
		}
	case caspaxos.Answer:
		s.array(6)
		v = caspaxos.Answer{
			Key: s.text(), Kind: s.kind(), Round: s.round(), Other: s.round(), Value: s.bytes(),
			Attempt: s.uint(),
		}
	case caspaxos.Look:
		s.array(3)
		v = caspaxos.Look{Key: s.text(), Epoch: s.uint(), Number: s.uint()}
	case caspaxos.Seen:
		s.array(3)
		v = caspaxos.Seen{Number: s.uint(), Written: s.round(), Value: s.bytes()}
	case caspaxos.Cell:
		s.array(2)
		v = caspaxos.Cell{Key: s.text(), Copy: s.copied()}
	default:
		return nil, false
	}
	return v, true
}
