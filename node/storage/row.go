package storage

import (
	"encoding/binary"
	"fmt"
)

// row says where the batch of an instance is: in an entry of the log, a put or a batch. The
// zero row is that of an empty batch.
//
// The bytes of a segment carry checksums and its number, which is never used again, and the
// entry carries the instance. So what is read at a row is the batch of this instance, or an
// error, also where a segment was damaged or its file used again.
type row struct {
	segment uint32
	at      int64  // of the entry in the segment's file
	skip    uint32 // bytes of the entry before the batch
	length  uint32 // of the batch, in bytes
}

// rowBytes is the most that a row takes encoded.
const rowBytes = 2*binary.MaxVarintLen64 + 2*binary.MaxVarintLen32

func (r row) append(p []byte) []byte {
	p = binary.AppendUvarint(p, uint64(r.segment))
	p = binary.AppendUvarint(p, uint64(r.at))
	p = binary.AppendUvarint(p, uint64(r.skip))
	return binary.AppendUvarint(p, uint64(r.length))
}

func (d *decoder) row() row {
	return row{
		segment: uint32(d.uvarint()), at: int64(d.uvarint()),
		skip: uint32(d.uvarint()), length: uint32(d.uvarint()),
	}
}

// decodeRow decodes a row that stands alone.
func decodeRow(p []byte) (row, error) {
	d := decoder{p: p}
	r := d.row()
	if d.err == nil && len(d.p) > 0 {
		d.err = fmt.Errorf("%d bytes behind a row", len(d.p))
	}
	return r, d.err
}

// rowsRecord is the rows of some instances, one behind the other, as they are put into the log
// at the key of the first one: the history is durable up to the last one.
type rowsRecord struct {
	first uint64 // the history is truncated below this instance
	rows  []row
}

func (r rowsRecord) append(p []byte) []byte {
	p = binary.AppendUvarint(p, r.first)
	p = binary.AppendUvarint(p, uint64(len(r.rows)))
	for _, row := range r.rows {
		p = row.append(p)
	}
	return p
}

func decodeRows(p []byte) (rowsRecord, error) {
	d := decoder{p: p}
	r := rowsRecord{first: d.uvarint()}
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		r.rows = append(r.rows, d.row())
	}
	if d.err == nil && len(d.p) > 0 {
		d.err = fmt.Errorf("%d bytes behind the rows", len(d.p))
	}
	return r, d.err
}
