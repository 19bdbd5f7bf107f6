package storage

import (
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// A roll copies live records while there are more segments than segmentsPerLive times what
// the live records need, plus segmentsBeside.
const (
	segmentsPerLive = 4
	segmentsBeside  = 3
)

// forcedLog is the log while it is written, by one goroutine.
type forcedLog struct {
	fs     vfs.FS
	dir    string
	size   int64 // of a segment, in bytes
	begun  func(number uint32) error
	spares spares

	live    *index
	older   []*segment // the segments of the log but for the newest, oldest first
	newest  *segment
	dropped []*segment // no longer listed by the newest header, but that is not yet durable
	fresh   bool       // the newest segment has nothing but its header and copies
	rolled  bool       // it is not yet known to begun

	file vfs.File // of the newest segment
	w    chunkWriter
}

// openLog recovers the log in dir and begins a new segment, which seals the older ones: what a
// crash left at the end of the last one is cut off because its length is now written down. It
// calls begun with the number of each segment as soon as its first force is done.
func openLog(
	fs vfs.FS, dir string, opts Options, known uint32, begun func(number uint32) error,
) (*forcedLog, error) {
	r, err := recoverLog(fs, dir, known)
	if err != nil {
		return nil, err
	}
	l := &forcedLog{
		fs: fs, dir: dir, size: opts.SegmentBytes, begun: begun,
		spares: spares{fs: fs, dir: dir, size: opts.SegmentBytes, max: opts.Spares},
		live:   r.live, older: r.segments,
	}
	err = l.forceRecovered()
	if err == nil {
		err = l.start(max(r.last, known) + 1)
	}
	if err == nil {
		err = l.sync()
	}
	if err == nil {
		err = l.spares.tidy(l.has)
	}
	if err != nil {
		return nil, l.closeAfter(err)
	}
	return l, nil
}

// forceRecovered forces the segment that was written last. What a process wrote just before it
// was killed can be read again, but need not be durable.
func (l *forcedLog) forceRecovered() error {
	if len(l.older) == 0 {
		return nil
	}
	last := l.older[len(l.older)-1]
	name := fileName(last.number, segmentSuffix)
	f, err := l.fs.OpenReadWrite(l.fs.PathJoin(l.dir, name), category)
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return closeAfter(err, f)
	}
	return f.Close()
}

// has reports whether the segment of that number is part of the log.
func (l *forcedLog) has(number uint32) bool {
	return number == l.newest.number ||
		slices.ContainsFunc(l.older, func(s *segment) bool { return s.number == number })
}

// force writes entries and has them durable when it returns.
func (l *forcedLog) force(entries []entry) error {
	l.w.synced = l.w.position()
	open := false
	for _, e := range entries {
		if !l.fresh && l.w.position()+e.size() > l.size {
			if open {
				l.w.end()
				open = false
			}
			if err := l.roll(); err != nil {
				return err
			}
		}
		if !open {
			l.w.begin()
			open = true
		}
		l.put(e)
		l.fresh = false
	}
	if open {
		l.w.end()
	}
	if err := l.sync(); err != nil {
		return err
	}
	if l.w.position() > l.size/2 {
		l.spares.prepare(l.newest.number + 1)
	}
	return nil
}

// put writes e and takes account of it.
func (l *forcedLog) put(e entry) {
	writeEntry(&l.w, e)
	l.live.apply(e, l.newest)
}

// sync forces the newest segment, and lets go of what its header has dropped.
func (l *forcedLog) sync() error {
	if err := l.forceFile(); err != nil || !l.rolled {
		return err
	}
	if err := l.begun(l.newest.number); err != nil {
		return err
	}
	l.rolled = false
	for _, s := range l.dropped {
		if err := l.spares.add(fileName(s.number, segmentSuffix)); err != nil {
			return err
		}
	}
	l.dropped = l.dropped[:0]
	return nil
}

func (l *forcedLog) forceFile() error {
	l.w.flush()
	if l.w.err != nil {
		return l.w.err
	}
	return l.file.SyncData()
}

// roll seals the newest segment and begins the next.
func (l *forcedLog) roll() error {
	if err := l.sync(); err != nil {
		return err
	}
	l.newest.end = l.w.position()
	file := l.file
	l.file = nil
	if err := file.Close(); err != nil {
		return err
	}
	l.older = append(l.older, l.newest)
	return l.start(l.newest.number + 1)
}

// start begins the segment of that number: its header, and copies of live records if the log
// has too many segments. The segments that those are copied from stay listed until the next
// start, when the copies are durable.
func (l *forcedLog) start(number uint32) error {
	listed := make([]*segment, 0, len(l.older))
	for _, s := range l.older {
		if s.live > 0 {
			listed = append(listed, s)
		} else {
			l.dropped = append(l.dropped, s)
		}
	}
	l.older = listed
	file, err := l.spares.take(number)
	if err != nil {
		return err
	}
	l.file, l.newest, l.fresh, l.rolled = file, &segment{number: number}, true, true
	l.w = chunkWriter{file: file, number: number, buf: l.w.buf[:0]}
	l.w.begin()
	_, _ = l.w.Write(l.header().encode())
	l.w.end()
	l.copyEmptiest()
	return nil
}

func (l *forcedLog) header() header {
	h := header{number: l.newest.number, floors: l.live.floors()}
	for _, s := range l.older {
		h.older = append(h.older, sealed{s.number, s.end})
	}
	return h
}

// copyEmptiest copies the live records of the segments that hold the fewest bytes of them.
func (l *forcedLog) copyEmptiest() {
	emptiest := slices.Clone(l.older)
	slices.SortStableFunc(emptiest, func(a, b *segment) int { return int(a.bytes - b.bytes) })
	bound := segmentsPerLive*l.live.bytes/l.size + segmentsBeside
	for _, s := range emptiest[:max(0, int64(len(emptiest))-bound)] {
		if l.w.position()+s.bytes > l.size/2 {
			return
		}
		l.w.begin()
		for _, e := range l.live.in(s) {
			l.put(e)
		}
		l.w.end()
	}
}

// Close ends the use of the files.
func (l *forcedLog) Close() error { return l.closeAfter(nil) }

// closeAfter closes the files after err, which it returns rather than any other error.
func (l *forcedLog) closeAfter(err error) error {
	if waitErr := l.spares.wait(); err == nil {
		err = waitErr
	}
	if l.file != nil {
		if closeErr := l.file.Close(); err == nil {
			err = closeErr
		}
	}
	return err
}
