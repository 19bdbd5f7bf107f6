package storage

import (
	"encoding/binary"
	"fmt"
)

// sealed is an older segment, as the header of a newer one lists it.
type sealed struct {
	number uint32
	end    int64  // its exact length in bytes
	last   uint64 // the highest instance whose batch is in it; 0 if there is none
	live   bool   // it may hold live records
}

// floor says below which key a space has forgotten everything.
type floor struct {
	space byte
	below uint64
}

// header is the first record of a segment.
//
//	kind · format · number (4) · first (8)
//	· segments (uvarint) · {number · end and live · last (differences to the one before)}
//	· floors (uvarint) · {space · key (8)}
type header struct {
	number uint32
	first  uint64   // no batch below this instance is needed
	older  []sealed // the other segments of the log, oldest first
	floors []floor
}

func (h header) encode() []byte {
	p := binary.LittleEndian.AppendUint32([]byte{kindHeader, FormatVersion}, h.number)
	p = binary.LittleEndian.AppendUint64(p, h.first)
	p = binary.AppendUvarint(p, uint64(len(h.older)))
	before := sealed{}
	for _, s := range h.older {
		flagged := uint64(s.end) << 1
		if s.live {
			flagged |= 1
		}
		p = binary.AppendUvarint(p, uint64(s.number-before.number))
		p = binary.AppendUvarint(p, flagged)
		p = binary.AppendVarint(p, int64(s.last-before.last))
		before = s
	}
	p = binary.AppendUvarint(p, uint64(len(h.floors)))
	for _, f := range h.floors {
		p = binary.LittleEndian.AppendUint64(append(p, f.space), f.below)
	}
	return p
}

func decodeHeader(p []byte) (header, error) {
	d := decoder{p: p}
	if kind, format := d.byte(), d.byte(); kind != kindHeader || format != FormatVersion {
		return header{}, fmt.Errorf("a record of kind %d and format %d where a header of "+
			"format %d is expected", kind, format, FormatVersion)
	}
	h := header{number: d.uint32(), first: d.uint64()}
	before := sealed{}
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		number, flagged, last := uint32(d.uvarint()), d.uvarint(), uint64(d.varint())
		s := sealed{
			number: before.number + number, end: int64(flagged >> 1), last: before.last + last,
			live: flagged&1 > 0,
		}
		if d.err == nil && s.number <= before.number {
			d.err = fmt.Errorf("a header that lists segment %d behind %d", s.number, before.number)
		}
		h.older = append(h.older, s)
		before = s
	}
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		h.floors = append(h.floors, floor{space: d.byte(), below: d.uint64()})
	}
	if d.err == nil && len(d.p) > 0 {
		d.err = fmt.Errorf("%d bytes behind a header", len(d.p))
	}
	return h, d.err
}
