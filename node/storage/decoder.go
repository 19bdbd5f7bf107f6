package storage

import (
	"encoding/binary"
	"io"
)

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

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.p)
	if d.err != nil || n <= 0 {
		d.err = io.ErrUnexpectedEOF
		return 0
	}
	d.p = d.p[n:]
	return v
}
