package storage

import (
	"fmt"
	"math"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// recovered is what the files of a log hold.
type recovered struct {
	live     *index
	segments []*segment // of which the log consists, oldest first, with their lengths
	last     uint32     // the highest number of any segment file
	first    uint64     // no batch of the history below it is needed
}

// recovery reads a log, of the older segments only those that may hold live records, so that
// it takes no longer for a longer history. It changes nothing.
type recovery struct {
	fs      vfs.FS
	dir     string
	known   uint32   // segments up to this number were begun; 0 if no log was
	numbers []uint32 // of all files that are segments, ascending
	recovered
}

// recoverLog reads the log in dir. The segment called known was durable once.
//
// Reading, if it is not nil, hears how many of the segments were read.
func recoverLog(
	fs vfs.FS, dir string, known uint32, reading func(segments, of int),
) (recovered, error) {
	r := recovery{
		fs: fs, dir: dir, known: known, recovered: recovered{live: newIndex(), first: 1},
	}
	names, err := fs.List(dir)
	if err != nil {
		return recovered{}, err
	}
	for _, name := range names {
		if n, ok := segmentNumber(name); ok {
			r.numbers = append(r.numbers, n)
		}
	}
	slices.Sort(r.numbers)
	if len(r.numbers) > 0 {
		r.last = r.numbers[len(r.numbers)-1]
	}
	if known == 0 {
		// The first Open was interrupted before anything could be put.
		return r.recovered, nil
	}
	newest, err := r.findNewest()
	if err != nil {
		return recovered{}, err
	}
	r.first = max(newest.first, 1)
	read := func(segments int) {
		if reading != nil {
			reading(segments, len(newest.older)+1)
		}
	}
	for i, s := range newest.older {
		if err := r.readSealed(s); err != nil {
			return recovered{}, err
		}
		read(i + 1)
	}
	if err := r.readNewest(newest.number); err != nil {
		return recovered{}, err
	}
	read(len(newest.older) + 1)
	return r.recovered, nil
}

func (r *recovery) path(number uint32) string {
	return r.fs.PathJoin(r.dir, fileName(number, segmentSuffix))
}

func (r *recovery) corrupt(number uint32, offset int64, format string, args ...any) error {
	return &CorruptError{
		File: r.path(number), Offset: offset, What: fmt.Sprintf(format, args...),
	}
}

// findNewest returns the header of the newest segment that has one. Those after it were being
// begun when the process crashed; a header that was durable and is gone is an error.
func (r *recovery) findNewest() (header, error) {
	for _, number := range slices.Backward(r.numbers) {
		if number < r.known {
			break
		}
		h, ok, err := r.readHeader(number)
		if err != nil || ok {
			return h, err
		}
	}
	return header{}, r.corrupt(r.known, 0,
		"it was durable, but it is missing or has no readable header")
}

// readHeader returns the header of a segment, if it has one.
func (r *recovery) readHeader(number uint32) (h header, ok bool, err error) {
	f, err := r.fs.Open(r.path(number))
	if err != nil {
		return header{}, false, err
	}
	defer f.Close() //nolint:errcheck // It was only read.
	var undecodable error
	end, err := readRecords(f, number, 1, func(_ int64, payload []byte) error {
		h, undecodable = decodeHeader(payload)
		return nil
	})
	switch {
	case err != nil:
		return header{}, false, err
	case end == 0:
		at, found, err := promised(f, number, 0)
		if err == nil && found {
			err = r.corrupt(number, 0, "no readable header, but the chunk at %d says that there was one", at)
		}
		return header{}, false, err
	case undecodable != nil:
		return header{}, false, r.corrupt(number, 0, "%v", undecodable)
	case h.number != number:
		return header{}, false, r.corrupt(number, 0, "the header is that of segment %d", h.number)
	}
	return h, true, nil
}

// readSealed reads a segment whose length is known, if it may hold live records.
func (r *recovery) readSealed(s sealed) error {
	if _, ok := slices.BinarySearch(r.numbers, s.number); !ok {
		return r.corrupt(s.number, 0, "the segment is missing")
	}
	seg := &segment{number: s.number, last: s.last, end: s.end}
	if !s.live {
		r.segments = append(r.segments, seg)
		return nil
	}
	f, err := r.fs.Open(r.path(s.number))
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // It was only read.
	end, err := r.read(f, seg, s.end)
	if err == nil && end != s.end {
		err = r.corrupt(s.number, end, "no readable record, but the segment is %d bytes long", s.end)
	}
	return err
}

// readNewest reads the segment that was being written at the crash, up to its torn tail.
func (r *recovery) readNewest(number uint32) error {
	f, err := r.fs.Open(r.path(number))
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // It was only read.
	end, err := r.read(f, &segment{number: number}, math.MaxInt64)
	if err != nil {
		return err
	}
	at, found, err := promised(f, number, end)
	if err == nil && found {
		err = r.corrupt(number, end, "no readable record, but the chunk at %d says that there was one", at)
	}
	return err
}

// read applies the records of a segment up to limit and adds the segment to the log.
func (r *recovery) read(f vfs.File, seg *segment, limit int64) (end int64, err error) {
	r.segments = append(r.segments, seg)
	end, err = readRecords(f, seg.number, limit, func(start int64, payload []byte) (err error) {
		if start == 0 {
			err = r.applyHeader(seg.number, payload)
		} else {
			err = decodeEntries(payload, func(at int, e *entry) error {
				r.live.apply(e, seg, payloadAt(start, at))
				return r.applyRows(e)
			})
		}
		if err != nil {
			return r.corrupt(seg.number, start, "%v", err)
		}
		return nil
	})
	seg.end = end
	return end, err
}

// applyRows takes account of the rows that came after the header which says what batches are
// in which segment. It does so for rows that are forgotten further on as well: the table of
// rows has those.
func (r *recovery) applyRows(e *entry) error {
	if e.kind != kindPut || e.space != rowsSpace {
		return nil
	}
	record, err := decodeRows(e.value)
	for i, row := range record.rows {
		if s := segmentOf(r.segments, row.segment); s != nil {
			s.last = max(s.last, e.key+uint64(i))
		}
	}
	return err
}

func (r *recovery) applyHeader(number uint32, payload []byte) error {
	h, err := decodeHeader(payload)
	if err != nil {
		return err
	}
	if h.number != number {
		return fmt.Errorf("the header is that of segment %d", h.number)
	}
	for _, f := range h.floors {
		r.live.forget(f.space, f.below)
	}
	return nil
}
