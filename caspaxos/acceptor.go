package caspaxos

import (
	"cmp"
	"slices"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
)

// keyNet is the links of the register of one key.
type keyNet struct {
	part *CASPaxos
	cell *cell
}

func (n keyNet) Self() process.ID  { return n.part.self }
func (n keyNet) All() []process.ID { return n.part.parts.Net.All() }

func (n keyNet) Send(to process.ID, m register.Message) {
	n.part.parts.Net.Send(to, n.wrap(m))
}

func (n keyNet) SSend(to process.ID, m register.Message) retransmit.Ticket {
	return n.part.parts.Net.SSend(to, n.wrap(m))
}

func (n keyNet) Cancel(t retransmit.Ticket)     { n.part.parts.Net.Cancel(t) }
func (n keyNet) Waits(t retransmit.Ticket) bool { return n.part.parts.Net.Waits(t) }

func (n keyNet) wrap(m register.Message) Message {
	s := &n.part.standing
	return wrap(n.cell.key, m, s.Configuration.Epoch, s.Age)
}

// cellDisk is the stable storage of the register of one key.
type cellDisk struct {
	part *CASPaxos
	cell *cell
}

func (d cellDisk) Put(_ uint64, c register.Copy, done func()) {
	d.part.table.put(d.cell, c, done)
	d.part.saw(d.cell)
}

func (d cellDisk) Forget(uint64) {}

func (d cellDisk) Stored(yield func(key uint64, c register.Copy) bool) {
	if d.cell.slot != 0 {
		yield(uint64(only), d.cell.copy)
	}
}

// saw tells of what a copy took on.
func (p *CASPaxos) saw(c *cell) {
	if p.parts.Watch == nil || c.key == configurationKey {
		return
	}
	if s, err := Decode(c.copy.Value); err == nil && s.Version > 0 {
		p.parts.Watch(c.key, s)
	}
}

// arrayOf gives the register of a key, made again if it was not in use: its state is in the cell.
func (p *CASPaxos) arrayOf(c *cell) register.Array {
	if c.array != nil {
		return c.array
	}
	var disk process.Disk[register.Copy]
	if p.parts.Cells != nil {
		disk = cellDisk{p, c}
	}
	c.array = p.parts.Registers(c.key, keyNet{p, c}, disk, register.Config{
		Members: func(register.Instance) []process.ID { return p.acceptors },
		Ahead:   1, Window: 1,
		Enough: func(reading bool, _, acked []process.ID) bool { return p.enough(c, reading, acked) },
	})
	for _, q := range p.recovered {
		c.array.Restarted(q)
	}
	if !c.inUse {
		c.inUse = true
		p.arrays = append(p.arrays, c)
	}
	p.rest(c)
	return c.array
}

// enough says whether an operation has acknowledgements from a quorum.
func (p *CASPaxos) enough(c *cell, reading bool, acked []process.ID) bool {
	switch config := &p.standing.Configuration; {
	case reading:
		return config.Prepare.Enough(acked)
	case c.op != nil && c.op.everywhere:
		return len(acked) == len(p.acceptors)
	default:
		return config.Accept.Enough(acked)
	}
}

// rest lets go of registers that came into use long ago, as far as they can be made again, but not of
// the one that is about to be used.
func (p *CASPaxos) rest(used *cell) {
	if p.parts.Cells == nil {
		return
	}
	for range len(p.arrays) - p.parts.Limits.Arrays {
		c := p.arrays[0]
		p.arrays[0] = nil
		p.arrays = p.arrays[1:]
		switch {
		case c == used || c.op != nil && c.array != nil:
			p.arrays = append(p.arrays, c)
		case c.slot == 0:
			c.array, c.known, c.inUse = nil, nil, false
			p.table.drop(c)
		default:
			c.array, c.inUse = nil, false
		}
	}
}

// refuses tells a process why nothing is taken from it, if so: it has another configuration, or is
// too young, or has too many answers to take first. What it has s-sent comes again.
func (p *CASPaxos) refuses(from process.ID, epoch, age uint64) bool {
	config := &p.standing.Configuration
	switch {
	case p.differs(from, epoch):
	case !has(config.Proposers, from):
		p.parts.Net.Send(from, Stale{*config})
	case age < p.ageOf(from):
		p.parts.Net.Send(from, Younger{p.ageOf(from)})
	default:
		return p.full(from)
	}
	return true
}

// differs says whether a process has another configuration. The one that is behind gets to know.
func (p *CASPaxos) differs(from process.ID, epoch uint64) bool {
	config := &p.standing.Configuration
	switch {
	case epoch < config.Epoch:
		p.parts.Net.Send(from, Stale{*config})
	case epoch > config.Epoch:
		p.parts.Net.Send(from, Behind{config.Epoch})
	default:
		return false
	}
	return true
}

// onBehind tells of a later configuration, or asks for it.
func (p *CASPaxos) onBehind(from process.ID, m Behind) {
	switch config := &p.standing.Configuration; {
	case m.Epoch < config.Epoch:
		p.parts.Net.Send(from, Stale{*config})
	case m.Epoch > config.Epoch:
		p.parts.Net.Send(from, Behind{config.Epoch})
	}
}

// full says that so much waits for a process, or for the disk first, that it must take answers before it
// is given more. This process itself gets them at once, and would not come again.
func (p *CASPaxos) full(from process.ID) bool {
	return from != p.self && p.parts.Kept(from)+p.table.owed >= p.parts.Limits.Kept
}

// ageOf is the age below which copies take nothing from a proposer.
func (p *CASPaxos) ageOf(proposer process.ID) uint64 {
	for _, a := range p.standing.Ages {
		if a.Process == proposer {
			return a.Age
		}
	}
	return 0
}

// onAsk is a prepare or an accept of a proposer.
func (p *CASPaxos) onAsk(from process.ID, m Ask) (accepted bool) {
	of, ok := m.unwrap()
	if !ok {
		return true
	}
	if p.refuses(from, m.Epoch, m.Age) {
		return false
	}
	c := p.table.at(m.Key)
	if empty(c.copy) && m.Round.Number <= p.standing.Least {
		p.parts.Net.SSend(from, m.refuse(register.Round{Number: p.standing.Least}))
		p.table.drop(c)
		return true
	}
	return p.arrayOf(c).Receive(from, of)
}

// onAnswer is the answer of a copy to this proposer.
func (p *CASPaxos) onAnswer(from process.ID, m Answer) {
	c := p.table.cells[m.Key]
	if c == nil || c.array == nil || c.op == nil {
		return
	}
	if of, ok := m.unwrap(); ok {
		c.array.Receive(from, of)
	}
}

// onLook answers with what the copy holds, once that is durable.
func (p *CASPaxos) onLook(from process.ID, m Look) (accepted bool) {
	if p.parts.Cells == nil || p.refuses(from, m.Epoch, p.ageOf(from)) {
		return false
	}
	c := p.table.cells[m.Key]
	if c == nil || !c.pending() {
		var held register.Copy
		if c != nil {
			held = c.copy
		}
		p.parts.Net.SSend(from, Seen{m.Number, held.Written, held.Value})
		return true
	}
	p.table.owed++
	u := c.unforced
	u.waiting = append(u.waiting,
		waiting{u.puts, p, from, Seen{m.Number, c.copy.Written, c.copy.Value}})
	return true
}

// onInstall takes over a configuration, and answers once it is durable. Who sends an earlier one has to
// take over the present one first: it comes again until that is so.
func (p *CASPaxos) onInstall(from process.ID, m Install) (accepted bool) {
	switch {
	case p.parts.Standings == nil || m.Configuration.Check() != nil:
		return true
	case m.Configuration.Epoch < p.standing.Configuration.Epoch:
		p.parts.Net.Send(from, Stale{p.standing.Configuration})
		return false
	case p.full(from):
		return false
	}
	epoch := m.Configuration.Epoch // Not the one that there is then: it is not durable yet.
	installed := func() {
		p.parts.Net.SSend(from, Installed{epoch, max(p.table.highest, p.standing.Least)})
	}
	p.driver.quiet = 0
	if epoch == p.standing.Configuration.Epoch {
		p.store(installed) // Behind whatever is on its way to the disk.
		return true
	}
	p.adopt(m.Configuration, installed)
	return true
}

// adopt takes over a configuration if it is a later one. What is under way begins again in it.
func (p *CASPaxos) adopt(c Configuration, done func()) {
	if c.Epoch <= p.standing.Configuration.Epoch || p.parts.Standings == nil || c.Check() != nil {
		return
	}
	away := c.newcomer(p.self) > p.standing.Configuration.Epoch
	p.standing.Configuration = c
	p.acceptors = c.Acceptors()
	since, held := c.learner(p.self), p.standing.Slots
	switch {
	case since != 0 && since != p.standing.Joined:
		// It begins with nothing: what it holds may be from before it was removed.
		p.standing.Joined = since
		p.wipe()
	case !has(c.Members(), p.self):
		p.wipe()
	}
	p.store(done)
	if p.standing.Slots > held {
		p.parts.Cells.Forget(p.standing.Slots) // Behind that, because until then the copies are needed.
	}
	if p.configured() {
		p.parts.Configured(c)
	}
	p.looks.again(p)
	p.unlist()
	if away {
		p.abandon()
	}
	p.restartAll()
	p.collector.rest()
	p.pull()
	p.driver.configured()
}

// abandon ends the changes of which one attempt may have been made part of a register, and then have been
// collected, with its mark: this process did not propose for a while, and so was not asked to except it.
func (p *CASPaxos) abandon() {
	for _, c := range slices.Clone(p.arrays) {
		if c.op != nil && len(c.op.attempts) > 0 {
			c.op.end(NotMember)
		}
	}
}

// wipe drops all copies, and what was learned of others. What they have promised they go on refusing.
func (p *CASPaxos) wipe() {
	p.unpull()
	p.standing.Least = max(p.standing.Least, p.table.highest)
	p.standing.Slots = p.table.wipe()
}

// onYounger is for a proposer that has lost its age.
func (p *CASPaxos) onYounger(m Younger) {
	if m.Age > p.standing.Age && p.parts.Standings != nil {
		p.standing.Age = m.Age
		p.store(nil)
		p.restartAll()
	}
}

// onForbid is step (c) of collection at a copy.
func (p *CASPaxos) onForbid(from process.ID, m Forbid) (accepted bool) {
	if p.parts.Standings == nil || p.refuses(from, m.Epoch, p.ageOf(from)) {
		return false
	}
	ages := slices.Clone(p.standing.Ages)
	for _, a := range m.Ages {
		i, found := slices.BinarySearchFunc(ages, a.Process, func(o Age, q process.ID) int {
			return cmp.Compare(o.Process, q)
		})
		switch {
		case !found:
			ages = slices.Insert(ages, i, a)
		case ages[i].Age < a.Age:
			ages[i] = a
		}
	}
	p.standing.Ages = ages
	p.standing.Least = max(p.standing.Least, m.Floor)
	p.store(func() { p.parts.Net.SSend(from, Forbidden{m.Number}) })
	return true
}

// removable says that a copy holds just the tombstone of a round, and that nobody has prepared anything
// since.
func removable(c register.Copy, tombstone register.Round) bool {
	return c.Written == tombstone && !c.Written.Less(c.Read) && !exists(c.Value)
}

// onRemove is step (d): a register goes if it is removable. Otherwise it stays, for a later collection.
func (p *CASPaxos) onRemove(from process.ID, m Remove) (accepted bool) {
	if p.parts.Standings == nil || p.refuses(from, m.Epoch, p.ageOf(from)) {
		return false
	}
	for _, t := range m.Tombstones {
		c := p.table.cells[t.Key]
		if c == nil || c.slot == 0 || c.pending() || c.op != nil || !p.parts.Removable(c.copy, t.Ballot) {
			continue
		}
		p.table.remove(c, nil)
	}
	p.store(func() { p.parts.Net.SSend(from, Removed{m.Number}) })
	return true
}

// onPull answers with a page of copies.
func (p *CASPaxos) onPull(from process.ID, m Pull) (accepted bool) {
	if p.parts.Cells == nil || p.full(from) || p.differs(from, m.Epoch) {
		return false
	}
	now := p.table.now()
	most := p.parts.Limits.Page
	if m.Most > 0 {
		most = int(min(m.Most, uint64(most)))
	}
	records, next := p.table.page(m.From, m.Since, m.Bare, most)
	p.parts.Net.SSend(from, Page{m.Number, records, next, now, p.parts.Incarnation, p.standing.Least})
	return true
}
