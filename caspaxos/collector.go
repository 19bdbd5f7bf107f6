package caspaxos

import (
	"slices"
	"time"

	"paxon/process"
)

// collector removes the registers of keys that were deleted (§3.1), many at a time. Every step waits
// for all: a process that is down holds it up, and it goes on by itself when that is back. Nothing
// is collected while the membership changes.
type collector struct {
	part  *CASPaxos
	tick  uint64
	heard uint64 // The tick in which a process with a lower id collected, 0 if none has.
	phase phase
	since uint64 // The tick in which the phase began.

	number  uint64
	poll    *poll
	buried  []*cell // What the collection under way began with.
	open    int     // Tombstones that are not at all acceptors yet.
	found   []Tombstone
	floor   uint64
	ages    []Age
	batches uint64 // That were removed.
}

// phase is a step of a collection.
type phase int

// The phases, by the steps of §3.1.
const (
	resting    phase = iota
	calling          // All are asked whether they are there.
	spreading        // (a) The tombstones go to all acceptors.
	advancing        // (b) Proposers forget what they know of the keys.
	forbidding       // (c) Copies refuse proposers that are too young.
	removing         // (d)
)

const (
	// othersTicks is after how many ticks a process collects what another has deleted.
	othersTicks = 5
	// giveWayTicks is how many ticks a process leaves to one with a lower id that collects. What each
	// does holds up the other's.
	giveWayTicks = 3
	// patienceTicks is how many ticks a phase may take before it is given up, for later.
	patienceTicks = 10
)

// start has the collector look for tombstones now and then.
func (c *collector) start() {
	every := c.part.parts.Limits.Collect
	wait := every/2 + time.Duration(c.part.parts.Rand.Int64N(int64(every)))
	c.part.parts.Clock.After(wait, func() {
		c.tick++
		switch {
		case c.phase == resting:
			c.begin()
		case c.phase != calling && c.tick-c.since > patienceTicks:
			c.rest()
		}
		c.start()
	})
}

// begin begins a collection if there is something to collect. What a process has left of when it was an
// acceptor is no copy any more: nobody would remove it.
func (c *collector) begin() {
	p := c.part
	config := &p.standing.Configuration
	switch {
	case len(config.Target) > 0 || len(config.Learners) > 0 || len(p.table.dead) == 0:
	case !has(p.acceptors, p.self):
	case !p.proposes():
		c.hand()
	case !c.givesWay():
		c.call(c.take())
	}
}

// call begins a collection of some cells, if there are any.
func (c *collector) call(cells []*cell) {
	if c.buried = cells; len(cells) > 0 {
		config := &c.part.standing.Configuration
		c.enter(calling, config.Members(), Install{*config})
	}
}

// hand has a proposer collect what this copy holds, and the proposers have not collected for long: none of
// them may have copies that tell it, or not any more, once a removal was broken off. Another is asked the
// next time.
func (c *collector) hand() {
	p := c.part
	config := &p.standing.Configuration
	c.buried = c.take()
	keys := make([]string, len(c.buried))
	for i, of := range c.buried {
		keys[i] = of.key
	}
	c.rest()
	if to := config.Proposers[c.tick%uint64(len(config.Proposers))]; len(keys) > 0 {
		p.parts.Net.Send(to, Collect{config.Epoch, keys})
	}
}

// onCollect begins a collection for a copy, if nothing is in the way.
func (c *collector) onCollect(m Collect) {
	p := c.part
	if p.parts.Cells == nil || c.phase != resting || c.givesWay() || !p.proposes() ||
		m.Epoch != p.standing.Configuration.Epoch {
		return
	}
	var cells []*cell
	for _, key := range m.Keys {
		if key != configurationKey {
			cells = append(cells, p.table.at(key))
		}
	}
	c.call(cells)
}

// hear hears that another process collects.
func (c *collector) hear(from process.ID) {
	if from >= c.part.self {
		return
	}
	c.heard = c.tick
	c.rest()
}

func (c *collector) givesWay() bool { return c.heard > 0 && c.tick-c.heard < giveWayTicks }

// take takes what is to be collected now out of what may be: this process's own tombstones, and those
// of others that nobody has collected for long.
func (c *collector) take() []*cell {
	t := c.part.table
	var taken []*cell
	kept := t.dead[:0]
	size := 0
	l := &c.part.parts.Limits
	for i, of := range t.dead {
		if len(taken) == l.Batch || size >= l.Page {
			kept = append(kept, t.dead[i:]...)
			break
		}
		switch {
		case of.slot == 0 || exists(of.copy.Value):
			of.dead, of.since = false, 0
		case c.ripe(of):
			taken = append(taken, of)
			size += len(of.key)
		default:
			kept = append(kept, of)
		}
	}
	clear(t.dead[len(kept):])
	t.dead = kept
	return taken
}

func (c *collector) ripe(of *cell) bool {
	if of.copy.Written.Process == c.part.self {
		return true
	}
	if of.since == 0 {
		of.since = c.tick
	}
	return c.tick-of.since >= othersTicks
}

// enter begins a phase with a message to some.
func (c *collector) enter(next phase, to []process.ID, m Message) {
	c.phase, c.since = next, c.tick
	c.poll = ask(c.part.parts.Net, to, m)
}

// rest ends the collection under way, if there is one. What was not removed is collected later.
func (c *collector) rest() {
	c.poll.end()
	c.number = 0
	t := c.part.table
	for _, of := range c.buried {
		if of.dead = of.dead && of.slot != 0; of.dead { // Otherwise somebody else has removed it.
			of.since = c.tick
			t.dead = append(t.dead, of)
		}
		if of.op != nil {
			of.op.yield()
		}
		t.drop(of)
	}
	c.phase, c.poll, c.buried, c.found, c.ages, c.floor, c.open = resting, nil, nil, nil, nil, 0, 0
}

// answered takes notice of an answer in a phase, and says whether it is complete.
func (c *collector) answered(in phase, from process.ID) bool {
	return c.phase == in && c.poll.answer(from) && c.poll.complete()
}

// onInstalled hears that a process is there.
func (c *collector) onInstalled(from process.ID, m Installed) {
	if m.Epoch == c.part.standing.Configuration.Epoch && c.answered(calling, from) {
		c.spread()
	}
}

// spread is step (a): the identity transition, with an accept at all acceptors.
func (c *collector) spread() {
	c.phase, c.since, c.poll = spreading, c.tick, nil
	c.number = c.part.number()
	c.open = len(c.buried)
	for _, of := range slices.Clone(c.buried) {
		c.part.change(of.key, bury{}, true, &burial{c, c.number, of.key})
	}
}

// burial is the client of step (a) of a key, in the collection of that number.
type burial struct {
	collector *collector
	number    uint64
	key       string
}

func (b *burial) ended(o Outcome) {
	c := b.collector
	if c.number != b.number {
		return
	}
	if o.Status == Done && o.everywhere && !o.State.Exists {
		c.found = append(c.found, Tombstone{b.key, o.ballot})
		c.floor = max(c.floor, o.ballot.Number, o.State.Version)
	}
	if c.open--; c.open == 0 {
		c.advance()
	}
}

// bury is x → x, but that it makes a tombstone of ∅, so that what was only promised can be removed, too.
type bury struct{}

// Apply leaves everything but ∅.
func (bury) Apply(s State) Next { return Next{Changes: s.Version == 0} }

// advance is step (b).
func (c *collector) advance() {
	if len(c.found) == 0 {
		c.rest()
		return
	}
	config := &c.part.standing.Configuration
	keys := make([]string, len(c.found))
	for i, t := range c.found {
		keys[i] = t.Key
	}
	c.enter(advancing, config.Proposers, Advance{c.number, config.Epoch, keys, c.floor})
}

// onAdvanced notes the age of a proposer that has forgotten the keys.
func (c *collector) onAdvanced(from process.ID, m Advanced) {
	if m.Number != c.number || c.phase != advancing || !c.poll.answer(from) {
		return
	}
	c.ages = append(c.ages, Age{from, m.Age})
	c.found = slices.DeleteFunc(c.found, func(t Tombstone) bool { return slices.Contains(m.Except, t.Key) })
	if c.poll.complete() {
		config := &c.part.standing.Configuration
		c.enter(forbidding, config.Acceptors(), Forbid{c.number, config.Epoch, c.ages, c.floor})
	}
}

// onForbidden goes on with step (d).
func (c *collector) onForbidden(from process.ID, m Forbidden) {
	if m.Number == c.number && c.answered(forbidding, from) {
		config := &c.part.standing.Configuration
		c.enter(removing, config.Acceptors(), Remove{c.number, config.Epoch, c.found})
	}
}

// onRemoved ends the collection.
func (c *collector) onRemoved(from process.ID, m Removed) {
	if m.Number == c.number && c.answered(removing, from) {
		c.batches++
		c.rest()
		c.begin()
	}
}

// onAdvance is step (b) at a proposer. It excepts the keys of which a change of its own may be in what is
// removed and not be known to be: the mark would go, too.
func (p *CASPaxos) onAdvance(from process.ID, m Advance) (accepted bool) {
	if p.parts.Standings == nil || p.refuses(from, m.Epoch, p.ageOf(from)) {
		return false
	}
	p.collector.hear(from)
	var except []string
	for _, key := range m.Keys {
		switch c := p.table.cells[key]; {
		case c == nil:
		case c.op != nil && len(c.op.attempts) > 0:
			except = append(except, key)
		default:
			c.known = nil
		}
	}
	p.standing.Floor = max(p.standing.Floor, m.Floor)
	p.standing.Age++
	age := p.standing.Age
	p.store(func() { p.parts.Net.SSend(from, Advanced{m.Number, age, except}) })
	p.restartAll()
	return true
}

// Collected is the number of collections that this process has completed.
func (p *CASPaxos) Collected() uint64 { return p.collector.batches }
