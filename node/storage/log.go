package storage

import "github.com/cockroachdb/pebble/v2/vfs"

// forcedLog is the log while it is written, by one goroutine at a time.
type forcedLog struct {
	fs     vfs.FS
	dir    string
	size   int64               // of a segment, in bytes
	begun  func(number uint32) // hears of each segment once it is durable
	spares spares
	files  *handles

	live    *index
	first   uint64     // no batch of the history below it is needed
	older   []*segment // the segments of the log but for the newest, oldest first
	bytes   int64      // of the older ones
	newest  *segment
	dropped []*segment // no longer listed by the newest header, but that is not yet durable
	fresh   bool       // the newest segment has nothing but its header and copies
	rolled  bool       // it is not yet known to begun

	file vfs.File // of the newest segment
	w    chunkWriter
	open bool // a record of w
}

// openLog recovers the log in dir, and changes nothing. Before anything is added, begin begins a
// new segment.
func openLog(
	fs vfs.FS, dir string, opts Options, known uint32, begun func(number uint32),
) (*forcedLog, error) {
	r, err := recoverLog(fs, dir, known, opts.Reading)
	if err != nil {
		return nil, err
	}
	l := &forcedLog{
		fs: fs, dir: dir, size: opts.SegmentBytes, begun: begun,
		spares: spares{
			fs: fs, dir: dir, size: opts.SegmentBytes, max: opts.Spares,
			empty: opts.Unforced || opts.Volatile,
		},
		files: &handles{fs: fs, dir: dir},
		live:  r.live, first: r.first, older: r.segments,
		newest: &segment{number: max(r.last, known)}, // The next one has the next number.
	}
	for _, s := range l.older {
		l.bytes += s.end
	}
	if err := l.forceRecovered(); err != nil {
		return nil, l.closeAfter(err)
	}
	return l, nil
}

// begin begins a new segment, which seals the older ones: what a crash left at the end of the last
// one is cut off because its length is now written down. Then it makes files ahead, as many as
// prepared says.
func (l *forcedLog) begin(prepared int) error {
	err := l.start(l.newest.number + 1)
	if err == nil {
		err = l.sync()
	}
	if err == nil {
		err = l.spares.tidy(l.has)
	}
	if err == nil {
		err = l.spares.fillUp(l.newest.number+1, prepared)
	}
	return err
}

// forceRecovered forces the segment that was written last. What a process wrote just before it
// was killed can be read again, but need not be durable.
func (l *forcedLog) forceRecovered() error {
	if len(l.older) == 0 {
		return nil
	}
	f, err := l.fs.OpenReadWrite(l.files.path(l.older[len(l.older)-1].number), category)
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
	return number == l.newest.number || segmentOf(l.older, number) != nil
}

// add writes e, behind what was written before, and returns where it stands in the newest
// segment and how many bytes of it come before its value.
func (l *forcedLog) add(e *entry) (at int64, skip int, err error) {
	if !l.fresh && l.w.position()+sizeOf(e.bytes()) > l.size {
		if err := l.roll(); err != nil {
			return 0, 0, err
		}
	}
	l.fresh = false
	at, skip = l.put(e)
	return at, skip, nil
}

// put writes e into the newest segment and takes account of it.
func (l *forcedLog) put(e *entry) (at int64, skip int) {
	if !l.open {
		l.w.begin()
		l.open = true
	}
	at, skip = writeEntry(&l.w, e)
	l.live.apply(e, l.newest, at)
	return at, skip
}

// flush hands what was added to the operating system.
func (l *forcedLog) flush() error {
	l.end()
	l.w.flush()
	if l.half() && !l.fresh { // Before begin has tidied up, a file that is got ready would be in its way.
		l.spares.prepare(l.newest.number + 1)
	}
	return l.w.err
}

// half reports whether half of the newest segment is written.
func (l *forcedLog) half() bool { return l.w.position() > l.size/2 }

// end closes the open record.
func (l *forcedLog) end() {
	if l.open {
		l.w.end()
		l.open = false
	}
}

// durable reports whether all that was added is.
func (l *forcedLog) durable() bool { return l.w.synced == l.w.position() }

// sync has what was added durable, and lets go of what the newest header has dropped.
func (l *forcedLog) sync() error {
	if err := l.flush(); err != nil {
		return err
	}
	if err := l.file.SyncData(); err != nil {
		return err
	}
	l.w.synced = l.w.position()
	if !l.rolled {
		return nil
	}
	l.begun(l.newest.number)
	l.rolled = false
	for _, s := range l.dropped {
		l.files.forget(s.number)
		if err := l.spares.add(fileName(s.number, segmentSuffix)); err != nil {
			return err
		}
	}
	clear(l.dropped)
	l.dropped = l.dropped[:0]
	return nil
}

// Close ends the use of the files.
func (l *forcedLog) Close() error { return l.closeAfter(nil) }

// closeAfter closes the files after err, which it returns rather than any other error.
func (l *forcedLog) closeAfter(err error) error {
	if sparesErr := l.spares.close(); err == nil {
		err = sparesErr
	}
	if l.file != nil {
		err = closeAfter(err, l.file)
	}
	return closeAfter(err, l.files)
}
