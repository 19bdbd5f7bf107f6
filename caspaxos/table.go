package caspaxos

import (
	"fmt"
	"slices"

	"paxon/process"
	"paxon/register"
)

// Cell is what stable storage holds of one register: the copy of its key. The zero Cell is where a
// register was removed.
type Cell struct {
	Key  string
	Copy register.Copy
}

// empty says that nothing was ever promised or written.
func empty(c register.Copy) bool { return c.Read.IsZero() && c.Written.IsZero() }

// cell is a register at this process: its copy, if there is one, and what is made of it. There is one
// for each key, so what most have no need of is elsewhere.
type cell struct {
	key      string
	slot     uint64        // Of the copy on the disk, 0 if there is none.
	copy     register.Copy // As it was put last.
	unforced *unforced     // nil if the copy is durable.
	changed  uint64        // The moment in which the copy changed last: see now.
	since    uint64        // The tick of the collector in which it was found among the dead.
	dead     bool          // It is among those that may be collected.
	inUse    bool          // It is among those in use, once.

	array register.Array // The register, nil if it is not in use.
	op    *operation     // Of this process as a proposer, nil if there is none.
	known *cache         // What the proposer knows of it, nil if nothing.
}

// unforced is Puts of a copy that are not all durable.
type unforced struct {
	puts    uint64    // How many there are,
	durable uint64    // and how many are durable.
	waiting []waiting // For them to be, in their order.
}

// waiting is what waits for so many Puts to be durable.
type waiting struct {
	puts uint64
	part *CASPaxos
	to   process.ID
	seen Seen
}

// tell sends the answer that waits.
func (w waiting) tell() {
	w.part.table.owed--
	w.part.parts.Net.SSend(w.to, w.seen)
}

// pending says that the copy is not durable yet.
func (c *cell) pending() bool { return c.unforced != nil }

// Positions is how many positions there are, from 0 on: few keys have the same one, and clients can keep
// them in floating point numbers.
const Positions = 1 << 53

// positionOf is the position of a key: FNV-1a, and then bits that all depend on all of its bits.
func positionOf(key string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return (h ^ h>>33) % Positions
}

// buckets is how many buckets the keys are in, by the first bits of their positions. A bucket is small,
// and sorted.
const (
	buckets    = 1 << 14
	bucketSize = Positions / buckets
)

// group is some buckets one behind the other. It is made when there is something to put in, so that a
// table of few keys is small.
type group [groupSize][]*cell

const groupSize = 1 << 7

// bucketOf is the bucket of a key.
func bucketOf(key string) uint32 { return uint32(positionOf(key) / bucketSize) }

// table is the copies of one process, in memory and on its disk. On the disk each has a slot of its
// own. Slots are given in ascending order, because the disk forgets what is below a key only: where
// registers were removed, the lowest of those that are left move up.
type table struct {
	disk    process.Disk[Cell]
	cells   map[string]*cell
	groups  [buckets / groupSize]*group // Of buckets: those with a copy, each bucket in the order of places.
	copies  int
	slots   []*cell // By slot, from floor on; nil where there is no copy any more.
	floor   uint64
	moment  uint64  // How often it was told when it is, so far, from 1 on: see now.
	highest uint64  // At least the number of each round that a copy was put with.
	owed    int     // Answers, to anybody, that wait for the disk, at most.
	dead    []*cell // What may be collected, in the order in which it came to be.
}

// newTable begins with what is on the disk from a slot on.
func newTable(disk process.Disk[Cell], from uint64) *table {
	t := &table{
		disk: disk, cells: map[string]*cell{}, floor: max(from, 1), moment: 1,
	}
	if disk == nil {
		return t
	}
	disk.Stored(func(slot uint64, stored Cell) bool {
		if slot < from {
			return true
		}
		if len(t.slots) == 0 {
			t.floor = slot
		}
		for t.next() < slot {
			t.slots = append(t.slots, nil)
		}
		if empty(stored.Copy) {
			t.slots = append(t.slots, nil)
			return true
		}
		c := t.at(stored.Key)
		if c.slot != 0 { // It had moved up, and the crash brought the old place back.
			t.slots[c.slot-t.floor] = nil
		} else {
			t.hold(c)
		}
		c.slot, c.copy = slot, stored.Copy
		t.saw(stored.Copy)
		t.slots = append(t.slots, c)
		t.bury(c)
		return true
	})
	return t
}

// next is the slot that is given next.
func (t *table) next() uint64 { return t.floor + uint64(len(t.slots)) }

// at is the cell of a key, made if there is none.
func (t *table) at(key string) *cell {
	c := t.cells[key]
	if c == nil {
		c = &cell{key: key}
		t.cells[key] = c
	}
	return c
}

// drop lets go of a cell that nothing is known of. There may be a newer one of its key.
func (t *table) drop(c *cell) {
	if c.slot == 0 && c.op == nil && c.known == nil && t.cells[c.key] == c {
		delete(t.cells, c.key)
	}
}

// hold enters a cell into its bucket.
func (t *table) hold(c *cell) {
	t.copies++
	c.changed = t.moment
	b, i, _ := t.place(c.key)
	*b = slices.Insert(*b, i, c)
}

// place is the bucket of a key, and where in it the key is, or would be.
func (t *table) place(key string) (b *[]*cell, i int, found bool) {
	at := PlaceOf(key)
	n := at.At / bucketSize
	g := &t.groups[n/groupSize]
	if *g == nil {
		*g = new(group)
	}
	b = &(*g)[n%groupSize]
	i, found = slices.BinarySearchFunc(*b, at, byPlace)
	return b, i, found
}

// bucket is those with a copy in a bucket.
func (t *table) bucket(n uint32) []*cell {
	if g := t.groups[n/groupSize]; g != nil {
		return g[n%groupSize]
	}
	return nil
}

func byPlace(c *cell, at Place) int { return PlaceOf(c.key).compare(at) }

// put stores what the copy of a cell is now.
func (t *table) put(c *cell, now register.Copy, done func()) {
	if c.slot == 0 {
		t.hold(c)
		c.slot = t.next()
		t.slots = append(t.slots, c)
	}
	c.copy = now
	t.saw(now)
	t.bury(c)
	c.changed = t.moment
	if c.unforced == nil {
		c.unforced = &unforced{}
	}
	u := c.unforced
	u.puts++
	t.owed++
	t.disk.Put(c.slot, Cell{c.key, now}, func() {
		t.owed--
		if u.durable++; u.durable == u.puts {
			c.unforced = nil
		}
		if done != nil {
			done()
		}
		for len(u.waiting) > 0 && u.waiting[0].puts <= u.durable {
			first := u.waiting[0]
			u.waiting = u.waiting[1:]
			first.tell()
		}
	})
}

// now is the present moment. What changes from now on does so in a later one.
func (t *table) now() uint64 {
	t.moment++
	return t.moment - 1
}

func (t *table) saw(c register.Copy) {
	t.highest = max(t.highest, c.Read.Number, c.Written.Number)
}

// bury notes that the copy of a cell may be collected, if it holds nothing.
func (t *table) bury(c *cell) {
	if !c.dead && !exists(c.copy.Value) {
		c.dead = true
		t.dead = append(t.dead, c)
	}
}

// remove drops the copy of a cell, in memory at once, and calls done when that is durable.
func (t *table) remove(c *cell, done func()) {
	t.slots[c.slot-t.floor] = nil
	t.disk.Put(c.slot, Cell{}, done)
	if b, i, found := t.place(c.key); found {
		*b = slices.Delete(*b, i, i+1)
	}
	t.copies--
	c.slot, c.copy, c.array = 0, register.Copy{}, nil
	t.drop(c)
	t.tidy()
}

// The slots that are kept, at most: slotsPerCopy for each copy, and slotsBeside.
const (
	slotsPerCopy = 2
	slotsBeside  = 1 << 10
)

// movesPerRemoval bounds how many copies move for each that is removed.
const movesPerRemoval = 2

// tidy gives up the lowest slots while there are too many, and those of the copies in them, which get
// new ones. The last slot stays, though empty: from it, slots go on after a crash. A slot below those that
// were forgotten must not be given, because others there may then come back.
func (t *table) tidy() {
	given, moved := 0, 0
	for given < len(t.slots)-1 {
		if c := t.slots[given]; c != nil {
			if moved == movesPerRemoval || len(t.slots)-given <= slotsPerCopy*t.copies+slotsBeside {
				break
			}
			moved++
			c.slot = t.next()
			t.slots = append(t.slots, c)
			t.disk.Put(c.slot, Cell{c.key, c.copy}, nil)
		}
		given++
	}
	if given > 0 {
		t.floor += uint64(given)
		t.slots = t.slots[given:]
		t.disk.Forget(t.floor)
	}
}

// wipe drops all copies from memory, and says below which slot they are on the disk.
func (t *table) wipe() (below uint64) {
	t.floor, t.slots = t.next(), nil
	held := t.all()
	clear(t.groups[:])
	for _, c := range t.dead {
		c.dead = false // Also of one that was removed and came into use again.
	}
	t.copies, t.dead = 0, nil
	for _, c := range held {
		if c.array != nil {
			c.array.At(only).Cancel()
		}
		c.slot, c.copy, c.array, c.known, c.dead = 0, register.Copy{}, nil, nil, false
		t.drop(c)
	}
	return t.floor
}

// all is those with a copy, in the order of their places.
func (t *table) all() []*cell {
	all := make([]*cell, 0, t.copies)
	for _, g := range &t.groups {
		if g == nil {
			continue
		}
		for _, b := range g {
			all = append(all, b...)
		}
	}
	return all
}

// page gives what changed after the moment since, from a place on, as far as it fits into a number of
// bytes, and where it goes on; there are no more keys at the place behind the last position.
func (t *table) page(from Place, since uint64, bare bool, most int) (records []Record, next Place) {
	for size := 0; !from.End(); from = (Place{At: (from.At/bucketSize + 1) * bucketSize, Whole: true}) {
		b := t.bucket(uint32(from.At / bucketSize))
		i, found := slices.BinarySearchFunc(b, from, byPlace)
		if found {
			i++
		}
		for _, c := range b[i:] {
			if c.changed <= since {
				continue
			}
			if size >= most {
				return records, from
			}
			r := Record{Key: c.key, Written: c.copy.Written, Exists: exists(c.copy.Value)}
			if !bare {
				r.Value = c.copy.Value
			}
			records = append(records, r)
			size += recordBytes + len(c.key) + len(r.Value)
			from = PlaceOf(c.key)
		}
	}
	return records, Place{At: Positions, Whole: true}
}

// recordBytes is about what a record takes beside its key and value.
const recordBytes = 32

// exists says whether an encoded state is one that exists.
func exists(v register.Value) bool { return len(v) > 0 && v[0] == flagExists }

// String shows a cell in traces.
func (c Cell) String() string {
	if empty(c.Copy) {
		return "removed"
	}
	return fmt.Sprintf("%q:copy(read=%v,written=%v%s)", c.Key, c.Copy.Read, c.Copy.Written,
		shown(c.Copy.Value))
}
