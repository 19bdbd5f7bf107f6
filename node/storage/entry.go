package storage

import (
	"encoding/binary"
	"fmt"
	"io"
)

// The kinds of entries that the records of a segment are made of.
//
//	put     kind · space · key (8) · length (uvarint) · record
//	forget  kind · space · key (8)
//	header  kind · format · number (4) · segments (uvarint) · {number (4) · length (8)}
//	        · floors (uvarint) · {space · key (8)}
const (
	kindPut    = 1
	kindForget = 2
	kindHeader = 3
)

// entry is a put or a forget.
type entry struct {
	kind  byte
	space byte
	key   uint64 // of a forget: below which
	rec   []byte
}

// prefixBytes is the most that an entry takes besides its record.
const prefixBytes = 1 + 1 + 8 + binary.MaxVarintLen64

// size bounds what the entry takes in a segment, the headers of its chunks included.
func (e entry) size() int64 {
	n := int64(prefixBytes + len(e.rec))
	return n + (n/(blockBytes-headerBytes)+2)*headerBytes
}

// writeEntry writes e into the open record of w.
func writeEntry(w *chunkWriter, e entry) {
	var prefix [prefixBytes]byte
	p := append(prefix[:0], e.kind, e.space)
	p = binary.LittleEndian.AppendUint64(p, e.key)
	if e.kind == kindPut {
		p = binary.AppendUvarint(p, uint64(len(e.rec)))
	}
	_, _ = w.Write(p)
	_, _ = w.Write(e.rec)
}

// decodeEntries calls yield with the entries of one record.
func decodeEntries(p []byte, yield func(entry)) error {
	d := decoder{p: p}
	for len(d.p) > 0 && d.err == nil {
		e := entry{kind: d.byte(), space: d.byte(), key: d.uint64()}
		switch e.kind {
		case kindPut:
			e.rec = d.bytes(d.uvarint())
		case kindForget:
		default:
			return fmt.Errorf("an entry of kind %d where a put or a forget is expected", e.kind)
		}
		if d.err == nil {
			yield(e)
		}
	}
	return d.err
}

// sealed names an older segment and its exact length in bytes.
type sealed struct {
	number uint32
	end    int64
}

// floor says below which key a space has forgotten everything.
type floor struct {
	space byte
	below uint64
}

// header is the first record of a segment.
type header struct {
	number uint32
	older  []sealed // the other segments of the log, oldest first
	floors []floor
}

func (h header) encode() []byte {
	p := binary.LittleEndian.AppendUint32([]byte{kindHeader, FormatVersion}, h.number)
	p = binary.AppendUvarint(p, uint64(len(h.older)))
	for _, s := range h.older {
		p = binary.LittleEndian.AppendUint32(p, s.number)
		p = binary.LittleEndian.AppendUint64(p, uint64(s.end))
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
	h := header{number: d.uint32()}
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		h.older = append(h.older, sealed{number: d.uint32(), end: int64(d.uint64())})
	}
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		h.floors = append(h.floors, floor{space: d.byte(), below: d.uint64()})
	}
	if d.err == nil && len(d.p) > 0 {
		d.err = fmt.Errorf("%d bytes behind a header", len(d.p))
	}
	return h, d.err
}

// decoder takes values off the front of p. Once it runs short all values are zero.
type decoder struct {
	p   []byte
	err error
}

func (d *decoder) bytes(n uint64) []byte {
	if d.err != nil || n > uint64(len(d.p)) {
		d.err = io.ErrUnexpectedEOF
		return nil
	}
	b := d.p[:n:n]
	d.p = d.p[n:]
	return b
}

func (d *decoder) byte() byte {
	if b := d.bytes(1); d.err == nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint32() uint32 {
	if b := d.bytes(4); d.err == nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	if b := d.bytes(8); d.err == nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.p)
	if d.err != nil || n <= 0 {
		d.err = io.ErrUnexpectedEOF
		return 0
	}
	d.p = d.p[n:]
	return v
}
