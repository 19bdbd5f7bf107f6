package storage

import (
	"encoding/binary"
	"hash/crc32"
	"io"
)

// The format of Pebble's log with sync offsets. A block is a sequence of chunks; a record is
// one full chunk, or a first, middle ones and a last.
//
//	chunk = checksum (4) · length (2) · kind (1) · log number (4) · sync offset (8) · payload
//
// The checksum covers all that comes after the length. No chunk crosses a block; what is too
// short for a header at the end of a block is zero.
const (
	blockBytes  = 32 << 10
	headerBytes = 19

	chunkFull   = 9
	chunkFirst  = 10
	chunkMiddle = 11
	chunkLast   = 12
)

// flushBytes is how much a chunkWriter gathers before it writes in the middle of a force: what
// stays in the cache of a core until the operating system has copied it.
const flushBytes = 256 << 10

var castagnoli = crc32.MakeTable(crc32.Castagnoli) //nolint:gochecknoglobals // A constant.

// chunkChecksum is the CRC-32C of p, masked as Pebble does.
func chunkChecksum(p []byte) uint32 {
	c := crc32.Checksum(p, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// nextChunk is the offset of the first chunk that can begin at offset or behind it.
func nextChunk(offset int64) int64 {
	if rest := blockBytes - offset%blockBytes; rest < headerBytes {
		return offset + rest
	}
	return offset
}

// payloadAt is where byte n of the payload of a record is that begins at offset start.
func payloadAt(start int64, n int) int64 {
	at, end := start+headerBytes, start-start%blockBytes+blockBytes
	if rest := int64(n) - (end - at); rest >= 0 {
		const payload = blockBytes - headerBytes
		return end + rest/payload*blockBytes + headerBytes + rest%payload
	}
	return at + int64(n)
}

// chunkWriter writes records to a file, overwriting it from its beginning. An error sticks.
type chunkWriter struct {
	file   io.WriterAt
	number uint32 // of the log
	synced int64  // that much of the file is durable
	offset int64  // of buf in the file
	buf    []byte // what is not yet written
	head   int    // where in buf the open chunk begins
	first  bool   // the open chunk is its record's first
	err    error
}

// position is where the next byte goes, if not behind the header of a chunk.
func (w *chunkWriter) position() int64 { return w.offset + int64(len(w.buf)) }

// begin opens a record; Write adds to it and end closes it.
func (w *chunkWriter) begin() {
	w.first = true
	w.open()
}

func (w *chunkWriter) open() {
	var empty [headerBytes]byte
	w.head = len(w.buf)
	w.buf = append(w.buf, empty[:]...)
}

// place is where the next byte of the open record goes.
func (w *chunkWriter) place() int64 {
	if p := w.position(); p%blockBytes != 0 {
		return p
	}
	return w.position() + headerBytes // The open chunk is full.
}

// Write implements io.Writer. It never fails: flush does.
func (w *chunkWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		start := (w.offset + int64(w.head)) % blockBytes
		room := blockBytes - int(start) - (len(w.buf) - w.head)
		if room == 0 {
			w.seal(chunkFirst, chunkMiddle)
			w.first = false
			if len(w.buf) >= flushBytes {
				w.flush()
			}
			w.open()
			continue
		}
		take := min(room, len(p))
		w.buf = append(w.buf, p[:take]...)
		p = p[take:]
	}
	return n, nil
}

// end closes the open record.
func (w *chunkWriter) end() {
	w.seal(chunkFull, chunkLast)
	var zeros [headerBytes]byte
	w.buf = append(w.buf, zeros[:nextChunk(w.position())-w.position()]...)
}

// seal fills in the header of the open chunk, whose kind depends on whether it is the first.
func (w *chunkWriter) seal(ifFirst, otherwise byte) {
	c := w.buf[w.head:]
	c[6] = otherwise
	if w.first {
		c[6] = ifFirst
	}
	binary.LittleEndian.PutUint16(c[4:], uint16(len(c)-headerBytes))
	binary.LittleEndian.PutUint32(c[7:], w.number)
	binary.LittleEndian.PutUint64(c[11:], uint64(w.synced))
	binary.LittleEndian.PutUint32(c, chunkChecksum(c[6:]))
}

// flush writes what was gathered. No chunk may be open.
func (w *chunkWriter) flush() {
	if w.err == nil && len(w.buf) > 0 {
		_, w.err = w.file.WriteAt(w.buf, w.offset)
	}
	w.offset += int64(len(w.buf))
	w.buf = w.buf[:0]
}
