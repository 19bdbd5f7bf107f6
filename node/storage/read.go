package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/cockroachdb/pebble/v2/record"
)

// newReader is record.NewReader for a number whose type Pebble does not export.
func newReader[T ~uint64](
	construct func(io.Reader, T) *record.Reader, r io.Reader, number uint32,
) *record.Reader {
	return construct(r, T(number))
}

// readRecords calls yield with the records of a segment and where each begins, in order, until
// it returns an error, a record ends at limit or behind it, or no readable record follows. It
// returns where the next record begins. The payload is valid during the call only. The error is
// yield's, or that of a failed read: where the segment ends and whether it should is for the
// caller.
func readRecords(
	r io.Reader, number uint32, limit int64, yield func(start int64, payload []byte) error,
) (end int64, err error) {
	records := newReader(record.NewReader, r, number)
	var payload bytes.Buffer
	for end < limit {
		next, err := records.Next()
		if err == nil {
			payload.Reset()
			_, err = payload.ReadFrom(next)
		}
		if isEnd(err) {
			return end, nil
		}
		if err == nil {
			err = yield(end, payload.Bytes())
		}
		if err != nil {
			return end, err
		}
		end = nextChunk(records.Offset())
	}
	return end, nil
}

// isEnd reports whether err says that there is no further valid record, for whatever reason.
func isEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, record.ErrInvalidChunk) ||
		errors.Is(err, record.ErrZeroedChunk) || errors.Is(err, record.ErrUnexpectedEOF)
}

// promised looks for a valid chunk, anywhere behind end, that says that the segment was
// durable beyond end, and returns its offset. If there is one, what cannot be read at end is
// damage and not a force that a crash interrupted. Pebble's Reader looks only at the chunks
// that it can reach from the beginnings of later blocks, so that damage in the last 32 KiB
// would pass for a crash.
func promised(r io.ReaderAt, number uint32, end int64) (at int64, found bool, err error) {
	block := make([]byte, blockBytes)
	var mark [4]byte
	binary.LittleEndian.PutUint32(mark[:], number)
	for base := end - end%blockBytes; ; base += blockBytes {
		n, err := r.ReadAt(block, base)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, false, err
		}
		from := max(end-base, 0)
		for p := from; p+headerBytes <= int64(n); p++ {
			skip := bytes.Index(block[p+7:n], mark[:])
			if skip < 0 {
				break
			}
			p += int64(skip)
			if synced, ok := chunkAt(block[p:n]); ok && synced > end {
				return base + p, true, nil
			}
		}
		if n < blockBytes {
			return 0, false, nil
		}
	}
}

// chunkAt reports whether b begins with a valid chunk, and its sync offset.
func chunkAt(b []byte) (synced int64, ok bool) {
	if len(b) < headerBytes || b[6] < chunkFull || b[6] > chunkLast {
		return 0, false
	}
	end := headerBytes + int(binary.LittleEndian.Uint16(b[4:]))
	if end > len(b) || binary.LittleEndian.Uint32(b) != chunkChecksum(b[6:end]) {
		return 0, false
	}
	return int64(binary.LittleEndian.Uint64(b[11:])), true
}
