package summer_test

import (
	"fmt"
	"maps"
	"slices"

	"paxon/process"
	"paxon/register"
	"paxon/seasons/summer"
)

// shelf is a few disks, as one process has them; what is asked of each happens when the test lets
// it.
type shelf struct {
	self    process.ID
	held    []map[uint64]map[process.ID]register.Copy // By disk, key and owner.
	asked   [][]*request
	log     []string // What was asked, in order.
	forgets []uint64
}

type request struct {
	cancelled bool
	proceed   func()
}

func newShelf(self process.ID, count int) *shelf {
	s := &shelf{self: self, asked: make([][]*request, count)}
	for range count {
		s.held = append(s.held, map[uint64]map[process.ID]register.Copy{})
	}
	return s
}

func (s *shelf) Count() int { return len(s.held) }

func (s *shelf) Write(disk int, key uint64, b summer.Block, done func()) func() {
	s.log = append(s.log, fmt.Sprintf("%d: write L%d %v", disk, key, b))
	return s.ask(disk, func() {
		s.put(disk, key, s.self, b)
		done()
	})
}

func (s *shelf) Read(disk int, key uint64, done func([]process.Block[register.Copy])) func() {
	s.log = append(s.log, fmt.Sprintf("%d: read L%d", disk, key))
	return s.ask(disk, func() {
		var found []process.Block[register.Copy]
		for _, p := range slices.Sorted(maps.Keys(s.held[disk][key])) {
			found = append(found,
				process.Block[register.Copy]{Owner: p, Block: s.held[disk][key][p]})
		}
		done(found)
	})
}

func (s *shelf) Forget(below uint64) { s.forgets = append(s.forgets, below) }

func (s *shelf) ask(disk int, proceed func()) func() {
	r := &request{proceed: proceed}
	s.asked[disk] = append(s.asked[disk], r)
	return func() { r.cancelled = true }
}

// put has a disk hold a block.
func (s *shelf) put(disk int, key uint64, owner process.ID, b register.Copy) {
	if s.held[disk][key] == nil {
		s.held[disk][key] = map[process.ID]register.Copy{}
	}
	s.held[disk][key][owner] = b
}

// one lets the next that was asked of a disk happen, and reports false if nothing was.
func (s *shelf) one(disk int) bool {
	for len(s.asked[disk]) > 0 {
		r := s.asked[disk][0]
		s.asked[disk] = s.asked[disk][1:]
		if !r.cancelled {
			r.proceed()
			return true
		}
	}
	return false
}

// run lets all happen that was asked of disks, and what is asked of them meanwhile.
func (s *shelf) run(disks ...int) {
	for again := true; again; {
		again = false
		for _, disk := range disks {
			for s.one(disk) {
				again = true
			}
		}
	}
}

// took gives what was asked since the last call.
func (s *shelf) took() []string {
	log := s.log
	s.log = nil
	return log
}

// waits is how much waits for the disks and is not cancelled.
func (s *shelf) waits() int {
	n := 0
	for _, requests := range s.asked {
		for _, r := range requests {
			if !r.cancelled {
				n++
			}
		}
	}
	return n
}
