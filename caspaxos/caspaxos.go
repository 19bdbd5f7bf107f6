package caspaxos

import (
	"fmt"
	"time"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
)

// Parts is what a process of CASPaxos is made of.
type Parts struct {
	Net         retransmit.Net[Message]
	Incarnation process.Incarnation
	Clock       process.Clock
	Rand        process.Rand
	// Cells and Standings are stable storage. Both are nil where registers keep nothing that survives
	// a crash: then there is no collection, no change of membership, and nothing to list.
	Cells     process.Disk[Cell]
	Standings process.Disk[Standing]
	// Registers makes the register of a key. The disk is nil if Cells is.
	Registers func(
		key string, net retransmit.Net[register.Message], disk process.Disk[register.Copy],
		c register.Config,
	) register.Array
	// Shared says that there are no registers for keys, but some that keys share; their keys are
	// numbers. Cells is nil then.
	Shared bool
	// Initial is the configuration that the cluster began with, the same at all processes. It must
	// have passed Check.
	Initial Configuration
	Limits  Limits
	// Next plans changes of membership: nil is for Configuration.Next.
	Next func(c Configuration) (next Configuration, need Need, done bool)
	// Removable says that a collection may remove a copy, which is to be the tombstone of a round: nil
	// is for what is sound.
	Removable func(c register.Copy, tombstone register.Round) bool
	// Kept says how many messages wait for a process: see retransmit.Links.
	Kept func(by process.ID) int
	// Watch hears of what the copies of this process take on; it may be nil. The state may be one that
	// is never acknowledged.
	Watch func(key string, s State)
	// Configured hears of each configuration that this process takes over; it may be nil.
	Configured func(c Configuration)
}

// Limits bound what a process does at a time.
type Limits struct {
	// Pending is how many changes and reads may wait here; more get Full.
	Pending int
	// Keys is how many registers may be under way here. Others wait.
	Keys int
	// Kept is how many messages may wait for a process, with those that wait for the disk first, before
	// copies take no more from it. It must be above what this process may ask of another, 2·Keys + 80,
	// or two that ask much of each other would both take nothing.
	Kept int
	// Arrays is how many registers stay in memory as such at least, beside those under way.
	Arrays int
	// Key and Value bound a key and a value, in bytes.
	Key, Value int
	// Page bounds what is pulled at a time, and the keys that are collected together, in bytes, but for
	// one record or key.
	Page int
	// Backoff is the least and the longest time that a proposer waits after a conflict, on an average.
	Backoff, MaxBackoff time.Duration
	// Collect is how often a process looks for tombstones to collect, and Batch how many it takes at a
	// time at most. It is also how often one that leads a change of membership lets others know; after
	// some such times without a word they go on with it.
	Collect time.Duration
	Batch   int
	// Rescan has values made valid by identity transitions of all keys also where a copy of what a
	// prepare quorum holds would do (§2.3.3).
	Rescan bool
}

// DefaultLimits suit processes on one network.
func DefaultLimits() Limits {
	return Limits{
		Pending: 1 << 16, Keys: 1 << 12, Kept: 1 << 14, Arrays: 1 << 12,
		Key: 64 << 10, Value: 8<<20 + 1<<10, Page: 256 << 10,
		Backoff: 8 * time.Millisecond, MaxBackoff: 200 * time.Millisecond,
		Collect: time.Second, Batch: 1 << 12,
	}
}

// RetransmitWindow is how many messages may wait for a process if all keep to the limits.
func (l Limits) RetransmitWindow() int { return l.Kept + l.asked() }

// asked is how much may be asked of a process at a time: by changes, by reads, by lists, and a little
// beside.
func (l Limits) asked() int { return 2*l.Keys + listsMost + 16 }

// Check says what is wrong with the limits, nil if nothing is.
func (l Limits) Check() error {
	switch {
	case l.Pending <= 0 || l.Keys <= 0 || l.Kept <= 0 || l.Arrays <= 0 || l.Key <= 0 || l.Value <= 0 ||
		l.Page <= 0 || l.Batch <= 0:
		return fmt.Errorf("caspaxos: limits %+v: expected all above 0", l)
	case l.Kept <= l.asked():
		return fmt.Errorf("caspaxos: %d messages kept for a process: expected more than %d, for so much "+
			"may be asked of it, and answers would not get through", l.Kept, l.asked())
	case l.Backoff <= 0 || l.MaxBackoff < l.Backoff || l.Collect <= 0:
		return fmt.Errorf("caspaxos: a wait of %v to %v after a conflict, collection every %v: "+
			"expected ascending times above 0", l.Backoff, l.MaxBackoff, l.Collect)
	}
	return nil
}

// Standing is what a process keeps besides its copies.
type Standing struct {
	// Configuration is the newest that it knows.
	Configuration Configuration
	// Joined is since when it learns, or has learned, what its copies hold: see Learner.
	Joined uint64
	// Slots is the first slot of the copies that count. Those below were dropped when this process was
	// removed, or began to learn.
	Slots uint64
	// Age and Floor are the proposer's: how often it took part in a collection, and the highest number
	// of a round that was collected.
	Age, Floor uint64
	// Ages and Least are the copies': below which age they refuse whom, in ascending order, and up to
	// which number rounds of registers that they do not hold.
	Ages  []Age
	Least uint64
}

// Status says how a change ended.
type Status int

// The statuses.
const (
	Pending    Status = iota // It was taken, and done will be called.
	Done                     // It was acknowledged.
	Full                     // It was not taken: too much waits.
	TooLarge                 // It was not taken: the key, or made a value that, is longer than the limits.
	NotMember                // This process does not propose. A change that was under way may be done or not.
	Unreadable               // What the register holds was not written by this part.
	Invalid                  // It was not taken: it makes no sense.
	Unled                    // It was not made: nobody who keeps copies would propose.
)

// Outcome is how a change ended.
type Outcome struct {
	Status Status
	// State is what the change made, or left.
	State State
	// Result is that of the change function.
	Result any

	ballot     register.Round // Of the accept.
	everywhere bool           // It waited for all acceptors.
}

// CASPaxos is the registers of all keys at one process, as the one who changes them and as a copy.
type CASPaxos struct {
	parts    Parts
	self     process.ID
	table    *table
	standing Standing
	// acceptors are those of the configuration.
	acceptors []process.ID

	turns     uint64 // Of this incarnation, so far: see turn.
	pending   int
	running   int     // Operations under way.
	waiting   []*cell // With operations that wait to be under way.
	arrays    []*cell // In use, in the order in which they came to be.
	recovered []process.ID
	looks     looks

	puller    *puller
	listers   []*lister
	driver    driver
	collector collector
}

// New makes the process of CASPaxos. It begins with what its storage has (RETRIEVE).
func New(parts Parts) *CASPaxos {
	p := &CASPaxos{
		parts: parts, self: parts.Net.Self(), standing: Standing{Configuration: parts.Initial},
	}
	if parts.Standings != nil {
		parts.Standings.Stored(func(_ uint64, s Standing) bool {
			p.standing = s
			return true
		})
	}
	p.table = newTable(parts.Cells, p.standing.Slots)
	p.acceptors = p.standing.Configuration.Acceptors()
	if p.parts.Next == nil {
		p.parts.Next = Configuration.Next
	}
	if p.parts.Removable == nil {
		p.parts.Removable = removable
	}
	p.looks = looks{of: map[uint64]*look{}}
	p.driver.part, p.collector.part = p, p
	return p
}

// Start begins what goes on by itself.
func (p *CASPaxos) Start() {
	if p.configured() {
		p.parts.Configured(p.standing.Configuration)
	}
	p.greet()
	if p.parts.Cells == nil {
		return
	}
	p.collector.start()
	p.driver.start()
	p.pull()
}

// greet lets all know that this is a new incarnation: some may wait for answers that an earlier one has
// taken with it, and have nothing more to send.
func (p *CASPaxos) greet() {
	if p.parts.Incarnation <= 1 {
		return
	}
	for _, q := range p.parts.Net.All() {
		if q != p.self {
			p.parts.Net.SSend(q, Behind{p.standing.Configuration.Epoch})
		}
	}
}

func (p *CASPaxos) configured() bool { return p.parts.Configured != nil }

// Configuration is the newest that this process knows.
func (p *CASPaxos) Configuration() Configuration { return p.standing.Configuration }

// Copies is how many registers this process holds a copy of, tombstones included.
func (p *CASPaxos) Copies() int { return p.table.copies }

// Held has see called with what each copy of this process holds, as Watch is with what it takes on.
func (p *CASPaxos) Held(see func(key string, s State)) {
	for _, c := range p.table.all() {
		if s, err := Decode(c.copy.Value); c.key != configurationKey && err == nil && s.Version > 0 {
			see(c.key, s)
		}
	}
}

// store has the standing stored.
func (p *CASPaxos) store(done func()) {
	if p.parts.Standings == nil {
		panic("caspaxos: nothing can be stored")
	}
	p.table.owed++
	p.parts.Standings.Put(1, p.standing, func() {
		p.table.owed--
		if done != nil {
			done()
		}
	})
}

// turnBits leaves room for 2²⁴ incarnations.
const turnBits = 40

// turn is a number that no other operation of this process has, nor had in an earlier incarnation. It
// is the last part of a round in the place of the incarnation: rounds with the same Number and
// Process are one behind the other with nobody else's between them.
func (p *CASPaxos) turn() process.Incarnation {
	p.turns++
	return p.parts.Incarnation<<turnBits | process.Incarnation(p.turns)
}

// number is for what is asked: an answer to an earlier incarnation, which may come late, has another.
func (p *CASPaxos) number() uint64 { return uint64(p.turn()) }

// proposes says whether this process is a proposer.
func (p *CASPaxos) proposes() bool {
	return has(p.standing.Configuration.Proposers, p.self)
}

// Receive takes a message of this part, or returns false to have it come again later.
func (p *CASPaxos) Receive(from process.ID, m Message) (accepted bool) {
	switch m := m.(type) {
	case Ask:
		return p.onAsk(from, m)
	case Answer:
		p.onAnswer(from, m)
	case Look:
		return p.onLook(from, m)
	case Seen:
		p.looks.onSeen(p, from, m)
	case Stale:
		p.adopt(m.Configuration, nil)
	case Behind:
		p.onBehind(from, m)
	case Younger:
		p.onYounger(m)
	case Install:
		return p.onInstall(from, m)
	case Installed:
		p.collector.onInstalled(from, m)
		p.driver.onInstalled(from, m)
	case Pull:
		return p.onPull(from, m)
	case Page:
		p.onPage(from, m)
	case Catch:
		return p.onCatch(from, m)
	case Caught:
		p.driver.onCaught(from, m)
	case Collect:
		p.collector.onCollect(m)
	case Advance:
		return p.onAdvance(from, m)
	case Advanced:
		p.collector.onAdvanced(from, m)
	case Forbid:
		return p.onForbid(from, m)
	case Forbidden:
		p.collector.onForbidden(from, m)
	case Remove:
		return p.onRemove(from, m)
	case Removed:
		p.collector.onRemoved(from, m)
	}
	return true
}

// Restarted hears that a process runs as a new incarnation.
func (p *CASPaxos) Restarted(q process.ID) {
	if !has(p.recovered, q) {
		p.recovered = append(p.recovered, q)
	}
	for _, c := range p.arrays {
		if c.array != nil {
			c.array.Restarted(q)
		}
	}
	p.looks.restarted(q)
	p.driver.restarted(q)
	p.collector.poll.restarted(q)
	for _, l := range p.listers {
		l.poll.restarted(q)
	}
	if p.puller != nil {
		p.puller.restarted(q)
	}
}

func has(ids []process.ID, p process.ID) bool { return count([]process.ID{p}, ids) == 1 }
