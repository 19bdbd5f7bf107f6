package storage

import (
	"cmp"
	"maps"
	"slices"
)

// segment is one file of the log as far as it is part of the log.
type segment struct {
	number uint32
	live   int    // live records in it
	end    int64  // its length in bytes, once nothing is added to it
	bytes  int64  // what the live records take
	last   uint64 // the highest instance whose row is in it; 0 if there is none
}

// needed says whether the segment holds a live record or a batch at or above first.
func (s *segment) needed(first uint64) bool { return s.live > 0 || s.last >= first }

// segmentOf returns the segment of that number, nil if it is not in the list, which is in the
// order of numbers.
func segmentOf(list []*segment, number uint32) *segment {
	i, ok := slices.BinarySearchFunc(list, number, func(s *segment, number uint32) int {
		return cmp.Compare(s.number, number)
	})
	if !ok {
		return nil
	}
	return list[i]
}

// place is where the newest copy of a live record is.
type place struct {
	seg               *segment
	at                int64 // of its entry
	head, value, tail uint32
}

// bytes is how long the record is.
func (p place) bytes() int { return int(p.head) + int(p.value) + int(p.tail) }

// prefix is how long the entry is before its record.
func (p place) prefix() int {
	return 1 + 1 + 8 + uvarintBytes(p.head) + uvarintBytes(p.value) + uvarintBytes(p.tail)
}

// uvarintBytes is the length of v as a uvarint.
func uvarintBytes(v uint32) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
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

// apply takes account of e, which stands at an offset of seg.
func (x *index) apply(e *entry, seg *segment, at int64) {
	switch e.kind {
	case kindForget:
		x.forget(e.space, e.key)
		return
	case kindPut:
	default:
		return
	}
	s := x.space(e.space)
	x.remove(s, e.key)
	s.records[e.key] = place{
		seg: seg, at: at, head: uint32(len(e.head)), value: uint32(len(e.value)),
		tail: uint32(len(e.tail)),
	}
	x.count++
	seg.live++
	x.bytes += sizeOf(e.bytes())
	seg.bytes += sizeOf(e.bytes())
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
	size := sizeOf(p.bytes())
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

// found is the place of a record and its key.
type found struct {
	space byte
	key   uint64
	place
}

// sorted returns the records of each space in ascending order of keys.
func (x *index) sorted() map[byte][]found {
	all := make(map[byte][]found, len(x.spaces))
	for name, s := range x.spaces {
		list := make([]found, 0, len(s.records))
		for key, p := range s.records {
			list = append(list, found{name, key, p})
		}
		slices.SortFunc(list, func(a, b found) int { return cmp.Compare(a.key, b.key) })
		all[name] = list
	}
	return all
}

// in returns the live records of each of some segments in the order in which they stand there. It
// looks at all live records once, however many segments there are.
func (x *index) in(segments []*segment) [][]found {
	if len(segments) == 0 {
		return nil
	}
	of := make(map[*segment]int, len(segments))
	lists := make([][]found, len(segments))
	for i, s := range segments {
		of[s] = i
		lists[i] = make([]found, 0, s.live)
	}
	for name, s := range x.spaces {
		for key, p := range s.records {
			if i, ok := of[p.seg]; ok {
				lists[i] = append(lists[i], found{name, key, p})
			}
		}
	}
	for _, list := range lists {
		slices.SortFunc(list, func(a, b found) int { return cmp.Compare(a.at, b.at) })
	}
	return lists
}
