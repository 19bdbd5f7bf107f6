package storage

import (
	"cmp"
	"maps"
	"slices"
)

// segment is one file of the log as far as it is part of the log.
type segment struct {
	number uint32
	end    int64 // its length in bytes, once nothing is added to it
	live   int   // live records in it
	bytes  int64 // what those take
}

// place is a live record and the segment that holds its newest copy.
type place struct {
	rec []byte
	seg *segment
}

// space is the records with one first byte of their keys.
type space struct {
	records map[uint64]place
	floor   uint64 // no record below it
}

// index is the live records: the newest one of each key that is not forgotten.
type index struct {
	spaces map[byte]*space
	count  int
	bytes  int64
}

func newIndex() *index { return &index{spaces: map[byte]*space{}} }

func (x *index) space(name byte) *space {
	s := x.spaces[name]
	if s == nil {
		s = &space{records: map[uint64]place{}}
		x.spaces[name] = s
	}
	return s
}

// apply takes account of e, which was written to seg.
func (x *index) apply(e entry, seg *segment) {
	if e.kind == kindForget {
		x.forget(e.space, e.key)
		return
	}
	s := x.space(e.space)
	x.remove(s, e.key)
	s.records[e.key] = place{e.rec, seg}
	x.count++
	seg.live++
	x.bytes += e.size()
	seg.bytes += e.size()
	// A put below the floor lowers it: the floor goes into the next header, which must not
	// forget this record. Other keys that were forgotten may then come back.
	s.floor = min(s.floor, e.key)
}

// forget drops all records of a space below a key.
func (x *index) forget(name byte, below uint64) {
	s := x.space(name)
	if below <= s.floor {
		return
	}
	if below-s.floor <= uint64(len(s.records)) {
		for key := s.floor; key < below; key++ {
			x.remove(s, key)
		}
	} else {
		for key := range s.records {
			if key < below {
				x.remove(s, key)
			}
		}
	}
	s.floor = below
}

func (x *index) remove(s *space, key uint64) {
	p, ok := s.records[key]
	if !ok {
		return
	}
	delete(s.records, key)
	size := entry{rec: p.rec}.size()
	x.count--
	p.seg.live--
	x.bytes -= size
	p.seg.bytes -= size
}

// floors returns the floor of each space that forgot something, in order.
func (x *index) floors() []floor {
	var all []floor
	for _, name := range slices.Sorted(maps.Keys(x.spaces)) {
		if below := x.spaces[name].floor; below > 0 {
			all = append(all, floor{name, below})
		}
	}
	return all
}

// stored is a record and its key.
type stored struct {
	key uint64
	rec []byte
}

// sorted returns the records of each space in ascending order of keys.
func (x *index) sorted() map[byte][]stored {
	all := make(map[byte][]stored, len(x.spaces))
	for name, s := range x.spaces {
		list := make([]stored, 0, len(s.records))
		for key, p := range s.records {
			list = append(list, stored{key, p.rec})
		}
		slices.SortFunc(list, func(a, b stored) int { return cmp.Compare(a.key, b.key) })
		all[name] = list
	}
	return all
}

// in returns a put for each live record of seg.
func (x *index) in(seg *segment) []entry {
	list := make([]entry, 0, seg.live)
	for name, s := range x.spaces {
		for key, p := range s.records {
			if p.seg == seg {
				list = append(list, entry{kind: kindPut, space: name, key: key, rec: p.rec})
			}
		}
	}
	return list
}
