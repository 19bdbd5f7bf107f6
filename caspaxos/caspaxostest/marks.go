package caspaxostest

import (
	"slices"

	"paxon/caspaxos"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/sim"
)

// marked is one incarnation that makes marks of what arrives at it.
type marked struct {
	Part
	stage  *stage
	self   process.ID
	copies *Copies
}

// Receive takes a packet.
func (m marked) Receive(from process.ID, packet retransmit.Packet) {
	m.mark(packet.Body)
	m.Part.Receive(from, packet)
}

func (m marked) mark(body process.Message) {
	marks, config := m.stage.World.Marks, m.Part.Configuration()
	switch b := body.(type) {
	case caspaxos.Ask:
		if b.Epoch < config.Epoch {
			marks.Make(sim.EarlierEpoch)
		}
	case caspaxos.Collect:
		marks.Make(sim.CopyAsksToBury)
	case caspaxos.Advance:
		if slices.Contains(config.Proposers, m.self) &&
			!slices.Contains(m.stage.plan.initial.Proposers, m.self) {
			marks.Make(sim.AddedCollects)
		}
	case caspaxos.Remove:
		for _, t := range b.Tombstones {
			c := m.copies.Of[t.Key]
			if s, err := caspaxos.Decode(c.Value); err == nil && !s.Exists && c.Written == t.Ballot &&
				c.Written.Less(c.Read) {
				marks.Make(sim.TombstoneKept)
			}
		}
	}
}

// Copies is a Store whose copies are known. Took, if it is not nil, hears of each that is put.
type Copies struct {
	process.Store
	Of   map[string]register.Copy
	Took func(key string, c register.Copy)
}

// WatchCopies has the copies of a Store known.
func WatchCopies(store process.Store) *Copies {
	c := &Copies{Store: store, Of: map[string]register.Copy{}}
	for space := range process.Space(8) {
		store.Stored(space, func(_ uint64, r process.Record) bool {
			c.saw(r)
			return true
		})
	}
	return c
}

// Put takes notice of a copy.
func (c *Copies) Put(space process.Space, key uint64, r process.Record, done func()) {
	if cell, ok := c.saw(r); ok && c.Took != nil {
		c.Took(cell.Key, cell.Copy)
	}
	c.Store.Put(space, key, r, done)
}

func (c *Copies) saw(r process.Record) (cell caspaxos.Cell, ok bool) {
	if cell, ok = r.(caspaxos.Cell); !ok || cell.Key == "" {
		return cell, false
	}
	c.Of[cell.Key] = cell.Copy
	return cell, true
}

// markConfiguration marks a configuration that was not seen yet.
func (s *stage) markConfiguration(c caspaxos.Configuration) {
	before, known := s.seen[c.Epoch-1]
	if !known && c.Epoch == 2 {
		before, known = s.plan.initial, true
	}
	same := func(a, b caspaxos.Quorums) bool { return slices.Equal(a.Members(), b.Members()) }
	if known && same(before.Prepare, c.Prepare) && same(before.Accept, c.Accept) &&
		!slices.Equal(before.Proposers, c.Proposers) {
		s.World.Marks.Make(sim.ProposersChanged)
	}
}

// markOutcome marks what a process was told.
func (s *stage) markOutcome(p process.ID, o caspaxos.Outcome) {
	changed, _ := o.Result.(bool)
	switch {
	case o.Status == caspaxos.NotMember:
		s.World.Marks.Make(sim.ChangeCutOff)
	case changed && !slices.Contains(s.part(p).Configuration().Acceptors(), p):
		s.World.Marks.Make(sim.GatewayChanged)
	}
}
