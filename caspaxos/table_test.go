package caspaxos

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"paxon/register"
)

// plate is a disk on which operations become durable one by one, in order.
type plate struct {
	durable map[uint64]Cell
	pending []func()
}

func (p *plate) Put(key uint64, c Cell, done func()) {
	p.pending = append(p.pending, func() {
		p.durable[key] = c
		if done != nil {
			done()
		}
	})
}

func (p *plate) Forget(below uint64) {
	p.pending = append(p.pending, func() {
		for key := range p.durable {
			if key < below {
				delete(p.durable, key)
			}
		}
	})
}

func (p *plate) Stored(yield func(key uint64, c Cell) bool) {
	var keys []uint64
	for key := range p.durable {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if !yield(key, p.durable[key]) {
			return
		}
	}
}

func (p *plate) step() {
	if len(p.pending) > 0 {
		do := p.pending[0]
		p.pending = p.pending[1:]
		do()
	}
}

// journal is what the copies of a key were, one after the other, and how much of it is durable.
type journal struct {
	puts    []register.Copy // The zero Copy for a removal.
	durable int
}

// tables is a table and a model of it.
type tables struct {
	t       *testing.T
	random  *rand.Rand
	disk    *plate
	table   *table
	model   map[string]*journal
	written uint64
}

func (m *tables) key() string { return fmt.Sprint(m.random.IntN(12)) }

func (m *tables) journal(key string) *journal {
	if m.model[key] == nil {
		m.model[key] = &journal{puts: []register.Copy{{}}}
	}
	return m.model[key]
}

// note notes what a copy is now, and gives what is to be called when that is durable.
func (m *tables) note(key string, c register.Copy) (done func()) {
	j := m.journal(key)
	j.puts = append(j.puts, c)
	at := len(j.puts) - 1
	return func() { j.durable = max(j.durable, at) }
}

func (m *tables) choose() {
	switch n := m.random.IntN(20); {
	case n < 9:
		m.written++
		state := State{Version: m.written, Exists: m.random.IntN(2) == 0}
		c := register.Copy{Written: register.Round{Number: m.written, Process: 1}, Value: state.Encode()}
		key := m.key()
		m.table.put(m.table.at(key), c, m.note(key, c))
	case n < 13:
		key := m.key()
		if key == "0" {
			return // It has to move.
		}
		if c := m.table.cells[key]; c != nil && c.slot != 0 && !c.pending() {
			m.table.remove(c, m.note(key, register.Copy{}))
		}
	case n < 19:
		m.disk.step()
	case m.random.IntN(4) == 0:
		m.crash()
	}
}

// crash leaves what is durable, of which nothing may lack that was told to be, and some more.
func (m *tables) crash() {
	for range m.random.IntN(len(m.disk.pending) + 1) {
		m.disk.step()
	}
	m.disk.pending = nil
	m.table = newTable(m.disk, 0)
	for key, j := range m.model {
		var now register.Copy
		if c := m.table.cells[key]; c != nil {
			now = c.copy
		}
		at := -1
		for i, c := range j.puts {
			if c.Written == now.Written {
				at = i
			}
		}
		require.GreaterOrEqual(m.t, at, j.durable, "%q is %v", key, now)
		j.puts, j.durable = append(slices.Clone(j.puts[:at]), now), at
	}
}

// compare compares the table with the model, and its pages with its copies.
func (m *tables) compare() {
	held := map[string]register.Copy{}
	for key, j := range m.model {
		if last := j.puts[len(j.puts)-1]; !empty(last) {
			held[key] = last
		}
	}
	require.Equal(m.t, len(held), m.table.copies)
	require.LessOrEqual(m.t, len(m.table.slots), slotsPerCopy*m.table.copies+slotsBeside+2)
	var before Place
	listed := 0
	for at := first(); !at.End(); {
		records, next := m.table.page(at, 0, false, 1+m.random.IntN(200))
		for _, r := range records {
			place := PlaceOf(r.Key)
			require.True(m.t, listed == 0 || before.compare(place) < 0, "%v, then %v", before, place)
			before = place
			require.Equal(m.t, held[r.Key].Written, r.Written)
			require.Equal(m.t, held[r.Key].Value, r.Value)
			listed++
		}
		require.Negative(m.t, at.compare(next))
		at = next
	}
	require.Equal(m.t, len(held), listed)
}

// What is put, removed and moved is what the table has, also after crashes.
func TestTable(t *testing.T) {
	for seed := range uint64(6) {
		m := &tables{
			t: t, random: rand.New(rand.NewPCG(seed, 1)), disk: &plate{durable: map[uint64]Cell{}},
			model: map[string]*journal{},
		}
		m.table = newTable(m.disk, 0)
		for n := range 15000 {
			m.choose()
			if n%1500 == 0 {
				m.compare()
			}
		}
		m.compare()
	}
}

// TestCellSize holds what there is for each key to a size class of the allocator.
func TestCellSize(t *testing.T) {
	require.LessOrEqual(t, unsafe.Sizeof(cell{}), uintptr(176))
}

// A table of few keys is small.
func TestTableOfFewKeys(t *testing.T) {
	table := newTable(&plate{durable: map[uint64]Cell{}}, 0)
	groups := func() (n int) {
		for _, g := range table.groups {
			if g != nil {
				n++
			}
		}
		return n
	}
	require.Zero(t, groups())
	c := register.Copy{Written: register.Round{Number: 1, Process: 1}}
	table.put(table.at("a"), c, nil)
	table.put(table.at("b"), c, nil)
	require.LessOrEqual(t, groups(), 2)
	table.wipe()
	require.Zero(t, groups())
}

// What was removed and comes into use again, while its proposer still knows something of it, is found among
// what may be collected: whether others removed it while this process collected, or before a wipe.
func TestRemovedComesBack(t *testing.T) {
	promised := register.Copy{Read: register.Round{Number: 1, Process: 1}}
	for name, between := range map[string]func(c *collector){
		"in a collection": func(c *collector) {
			c.buried, c.part.table.dead = c.part.table.dead, nil
			c.part.table.remove(c.buried[0], nil)
			c.rest()
		},
		"before a wipe": func(c *collector) {
			c.part.table.remove(c.part.table.dead[0], nil)
			c.part.table.wipe()
		},
	} {
		disk := &plate{durable: map[uint64]Cell{}}
		c := &collector{part: &CASPaxos{table: newTable(disk, 1)}}
		table := c.part.table
		of := table.at("k")
		of.known = &cache{}
		table.put(of, promised, nil)
		require.Equal(t, []*cell{of}, table.dead, name)
		between(c)
		require.Empty(t, table.dead, name)
		table.put(of, promised, nil)
		require.Equal(t, []*cell{of}, table.dead, name)
	}
}
