package storage

import (
	"cmp"
	"slices"
)

// A roll copies live records while more segments hold some than segmentsPerLive times what the
// live records need, plus segmentsBeside.
const (
	segmentsPerLive = 4
	segmentsBeside  = 3
)

// rollsWith is the part of a segment that may be left free for a roll between two forces.
const rollsWith = 16

// rollEarly rolls if little room is left, and nothing is to be forced or waited for. The header is
// then forced with what comes next, where a roll in the midst of what is to be forced takes a
// force more. What comes next may be nothing but a Force, which then forces the header.
func (l *forcedLog) rollEarly() error {
	if l.fresh || l.size-l.w.position() > l.size/rollsWith || !l.durable() || !l.spares.ready() {
		return nil
	}
	return l.roll()
}

// roll seals the newest segment and begins the next.
func (l *forcedLog) roll() error {
	if !l.durable() {
		if err := l.sync(); err != nil {
			return err
		}
	}
	l.newest.end = l.w.position()
	file := l.file
	l.file = nil
	if err := file.Close(); err != nil {
		return err
	}
	l.older = append(l.older, l.newest)
	l.bytes += l.newest.end
	return l.start(l.newest.number + 1)
}

// start begins the segment of that number: its header, and copies of live records if too many
// segments hold some. The segments that those are copied from stay listed until the next
// start, when the copies are durable.
func (l *forcedLog) start(number uint32) error {
	l.drop()
	file, err := l.spares.take(number)
	if err != nil {
		return err
	}
	l.file, l.newest, l.fresh, l.rolled = file, &segment{number: number}, true, true
	l.w = chunkWriter{file: file, number: number, buf: l.w.buf[:0]}
	l.w.begin()
	_, _ = l.w.Write(l.header().encode())
	l.w.end()
	return l.copyEmptiest()
}

// drop takes the segments that are not needed off the list.
func (l *forcedLog) drop() {
	l.older = slices.DeleteFunc(l.older, func(s *segment) bool {
		if s.needed(l.first) {
			return false
		}
		l.dropped = append(l.dropped, s)
		l.bytes -= s.end
		return true
	})
}

func (l *forcedLog) header() header {
	h := header{
		number: l.newest.number, first: l.first, floors: l.live.floors(),
		older: make([]sealed, 0, len(l.older)),
	}
	for _, s := range l.older {
		h.older = append(h.older, sealed{s.number, s.end, s.last, s.live > 0})
	}
	return h
}

// copyEmptiest copies the live records of the segments that hold the fewest bytes of them.
func (l *forcedLog) copyEmptiest() error {
	var emptiest []*segment
	for _, s := range l.older {
		if s.live > 0 {
			emptiest = append(emptiest, s)
		}
	}
	slices.SortStableFunc(emptiest, func(a, b *segment) int { return cmp.Compare(a.bytes, b.bytes) })
	bound := segmentsPerLive*l.live.bytes/l.size + segmentsBeside
	emptiest = emptiest[:max(0, int64(len(emptiest))-bound)]
	room := l.size/2 - l.w.position()
	for i, s := range emptiest {
		if room -= s.bytes; room < 0 {
			emptiest = emptiest[:i]
			break
		}
	}
	defer l.end()
	for _, found := range l.live.in(emptiest) {
		if err := l.copy(found); err != nil {
			return err
		}
	}
	return nil
}

// copy puts the live records of a segment into the newest one.
func (l *forcedLog) copy(records []found) error {
	r := segmentReader{handles: l.files}
	defer r.close()
	for _, f := range records {
		e, err := r.entry(f)
		if err != nil {
			return l.files.explain(err)
		}
		l.put(&e)
	}
	return nil
}
