package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// damage says that bytes of a segment are not what was written there.
type damage struct {
	number uint32
	offset int64
	what   string
}

func (d *damage) Error() string {
	return fmt.Sprintf("segment %d at %d: %s", d.number, d.offset, d.what)
}

// loadBytes is how much a blockReader reads of a file at once: some blocks.
const loadBytes = 8 * blockBytes

// blockReader reads the payload of one segment at any place, and checks the chunks that it is
// in. It keeps the blocks that it read last.
type blockReader struct {
	file     io.ReaderAt
	number   uint32
	base     int64  // of data in the file
	data     []byte // blocks
	from, to int64  // the payload of the chunk that was checked last, in the file
}

// blockReaders keeps blockReaders with their memory.
var blockReaders = sync.Pool{ //nolint:gochecknoglobals // A pool has no state that shows.
	New: func() any { return &blockReader{data: make([]byte, 0, loadBytes)} },
}

// openBlocks begins to read a segment. The reader goes back with free.
func openBlocks(file io.ReaderAt, number uint32) *blockReader {
	r := blockReaders.Get().(*blockReader)
	r.change(file, number)
	return r
}

// change goes on with another segment.
func (r *blockReader) change(file io.ReaderAt, number uint32) {
	*r = blockReader{file: file, number: number, data: r.data[:0]}
}

func (r *blockReader) free() {
	r.change(nil, 0)
	blockReaders.Put(r)
}

func (r *blockReader) damaged(offset int64, format string, args ...any) error {
	return &damage{r.number, offset, fmt.Sprintf(format, args...)}
}

// read fills p with the payload that begins at an offset of the file. The error is a *damage or
// that of the file.
func (r *blockReader) read(p []byte, at int64) error {
	if at < 0 {
		return r.damaged(0, "nothing can be at %d", at)
	}
	for {
		if r.from <= at && at < r.to {
			n := copy(p, r.data[at-r.base:r.to-r.base])
			p, at = p[n:], at+int64(n)
		}
		if len(p) == 0 {
			return nil
		}
		if at == r.to && r.to > 0 { // The record goes on in the next block.
			if at%blockBytes != 0 {
				return r.damaged(at, "a record ends where %d further bytes are expected", len(p))
			}
			at += headerBytes
		}
		if err := r.check(at, len(p)); err != nil {
			return err
		}
	}
}

// check finds the chunk whose payload has the byte at an offset, of which n bytes are wanted.
func (r *blockReader) check(at int64, n int) error {
	block := at - at%blockBytes
	if err := r.load(block, n); err != nil {
		return err
	}
	rest := r.data[block-r.base:]
	rest = rest[:min(len(rest), blockBytes)]
	for p := 0; ; {
		if len(rest)-p < headerBytes {
			return r.damaged(at, "no chunk of segment %d is here", r.number)
		}
		payload := p + headerBytes
		end := payload + int(binary.LittleEndian.Uint16(rest[p+4:]))
		switch {
		case int(at-block) < payload:
			return r.damaged(at, "the header of a chunk is here")
		case int(at-block) >= end:
			p = end
			continue
		}
		_, ok := chunkAt(rest[p:])
		if !ok || binary.LittleEndian.Uint32(rest[p+7:]) != r.number {
			return r.damaged(block+int64(p), "no valid chunk of segment %d", r.number)
		}
		r.from, r.to = block+int64(payload), block+int64(end)
		return nil
	}
}

// load has the block in data, and those behind it as far as n bytes may reach.
func (r *blockReader) load(block int64, n int) error {
	if r.base <= block && block+blockBytes <= r.base+int64(len(r.data)) {
		return nil
	}
	blocks := min(n/(blockBytes-headerBytes)+2, loadBytes/blockBytes)
	r.base, r.from, r.to = block, 0, 0
	got, err := r.file.ReadAt(r.data[:blocks*blockBytes], block)
	r.data = r.data[:got]
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
