package storage

import (
	"encoding/binary"
	"fmt"
)

// The kinds of entries that the records of a segment are made of.
//
//	put     kind · space · key (8) · head · value · tail (uvarints) · head · value · tail
//	forget  kind · space · key (8)
//	batch   kind · 0 · instance (8) · length (uvarint) · batch
//	header  as header says
//
// A batch is one of the history that is not the value of a put. The newest put of a key that
// is not forgotten is a live record; a batch never is.
const (
	kindPut    = 1
	kindForget = 2
	kindHeader = 3
	kindBatch  = 4
)

// What goes through the queue and is not written as it is.
const (
	kindRow      = 128 // the batch of instance key was delivered: it is the value of a put
	kindRecord   = 129 // have the rows of the history durable
	kindTruncate = 130 // the history ends to exist below instance key
)

// The spaces that mean something here.
const (
	// BatchSpace is the space in which a Put at the key of an instance may hold its batch.
	BatchSpace = 0
	// rowsSpace is where the rows of the history are put.
	rowsSpace = 255
)

// entry is one thing to be written or done, in the order of the queue.
type entry struct {
	kind, space byte
	key         uint64 // of a forget: below which
	head        []byte
	value       []byte
	tail        []byte
}

// bytes is how long the record of the entry is.
func (e *entry) bytes() int { return len(e.head) + len(e.value) + len(e.tail) }

// prefixBytes is the most that an entry takes besides its record.
const prefixBytes = 1 + 1 + 8 + 3*binary.MaxVarintLen64

// sizeOf bounds what an entry with a record of that many bytes takes in a segment, the headers
// of its chunks included.
func sizeOf(record int) int64 {
	n := int64(prefixBytes + record)
	return n + (n/(blockBytes-headerBytes)+2)*headerBytes
}

// appendPrefix appends what stands before the record of e.
func (e *entry) appendPrefix(p []byte) []byte {
	p = append(p, e.kind, e.space)
	p = binary.LittleEndian.AppendUint64(p, e.key)
	switch e.kind {
	case kindPut:
		p = binary.AppendUvarint(p, uint64(len(e.head)))
		p = binary.AppendUvarint(p, uint64(len(e.value)))
		p = binary.AppendUvarint(p, uint64(len(e.tail)))
	case kindBatch:
		p = binary.AppendUvarint(p, uint64(len(e.value)))
	}
	return p
}

// writeEntry writes e into the open record of w. It returns where it begins, and how many
// bytes of it come before its value.
func writeEntry(w *chunkWriter, e *entry) (at int64, skip int) {
	var room [prefixBytes]byte
	prefix := e.appendPrefix(room[:0])
	at = w.place()
	_, _ = w.Write(prefix)
	_, _ = w.Write(e.head)
	_, _ = w.Write(e.value)
	_, _ = w.Write(e.tail)
	return at, len(prefix) + len(e.head)
}

// decodeEntry takes an entry off the front of d.
func decodeEntry(d *decoder) (entry, error) {
	e := entry{kind: d.byte(), space: d.byte(), key: d.uint64()}
	switch e.kind {
	case kindPut:
		head, value, tail := d.uvarint(), d.uvarint(), d.uvarint()
		e.head, e.value, e.tail = d.bytes(head), d.bytes(value), d.bytes(tail)
	case kindBatch:
		e.value = d.bytes(d.uvarint())
	case kindForget:
	default:
		if d.err == nil {
			d.err = fmt.Errorf("an entry of kind %d where a put, a forget or a batch is expected",
				e.kind)
		}
	}
	return e, d.err
}

// decodeEntries calls yield with the entries of one record and where in it each begins, until
// yield returns an error.
func decodeEntries(p []byte, yield func(at int, e *entry) error) error {
	d := decoder{p: p}
	for len(d.p) > 0 {
		at := len(p) - len(d.p)
		e, err := decodeEntry(&d)
		if err != nil {
			return err
		}
		if err := yield(at, &e); err != nil {
			return err
		}
	}
	return nil
}
