package wire

import (
	"math"

	"paxon/caspaxos"
	"paxon/process"
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

// putRegisters appends the body of what CASPaxos sends or stores for every change and read, or of many
// registers at a time.
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
	case caspaxos.Page:
		s.array(6)
		s.uint(v.Number)
		s.records(v.Records)
		s.array(3)
		s.uint(v.Next.At)
		s.bool(v.Next.Whole)
		s.text(v.Next.After)
		s.uint(v.Changes)
		s.uint(uint64(v.Incarnation))
		s.uint(v.Least)
	default:
		return false
	}
	return true
}

func (s *sink) records(all []caspaxos.Record) {
	if all == nil {
		s.buf = append(s.buf, formNil)
		return
	}
	s.array(len(all))
	for _, r := range all {
		s.array(4)
		s.text(r.Key)
		s.round(r.Written)
		s.bool(r.Exists)
		s.bytes(r.Value)
	}
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
	case caspaxos.Page:
		s.array(6)
		v = caspaxos.Page{
			Number: s.uint(), Records: s.records(), Next: s.place(), Changes: s.uint(),
			Incarnation: process.Incarnation(s.uint()), Least: s.uint(),
		}
	default:
		return nil, false
	}
	return v, true
}

// leastRecord is the least number of bytes that a record takes.
const leastRecord = 8

func (s *source) records() []caspaxos.Record {
	if len(s.rest) > 0 && s.rest[0] == formNil {
		s.rest = s.rest[1:]
		return nil
	}
	n, rest, bad := readArrayHeader(s.rest)
	s.take(rest, bad)
	if s.bad = s.bad || n > len(s.rest)/leastRecord; s.bad {
		return nil
	}
	all := make([]caspaxos.Record, n)
	for i := range all {
		s.array(4)
		all[i] = caspaxos.Record{
			Key: s.text(), Written: s.round(), Exists: s.bool(), Value: s.bytes(),
		}
	}
	return all
}

func (s *source) place() caspaxos.Place {
	s.array(3)
	return caspaxos.Place{At: s.uint(), Whole: s.bool(), After: s.text()}
}
