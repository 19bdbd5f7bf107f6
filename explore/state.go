package explore

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"

	"github.com/zeebo/xxh3"

	"paxon/process"
	"paxon/sim"
)

// state is a state of the whole: numbers of what it is made of. It has, in this order, the local
// state of each process, the state of each disk, the state of the properties, what is left of the
// bounds, how often timers may still fire, for each process how many calls are over and how many
// leaders are left to it, and all messages that were sent, in ascending order.
type state []uint32

// budget is what is left of the bounds, and which processes have crashed.
type budget struct {
	crashes, recoveries uint8
	crashed             uint16 // A bit for each process.
}

func (b budget) word() uint32 {
	return uint32(b.crashes)<<24 | uint32(b.recoveries)<<16 | uint32(b.crashed)
}

func budgetOf(w uint32) budget { return budget{uint8(w >> 24), uint8(w >> 16), uint16(w)} }

// layout is where things are in a state.
type layout struct{ disks, properties, budget, fires, users, messages int }

func layoutOf(m *Model) layout {
	l := layout{disks: m.Processes, properties: m.Processes + m.Disks}
	l.budget = l.properties + 1
	l.fires = l.budget + 1
	l.users = l.fires + 1
	l.messages = l.users + m.Processes
	return l
}

// user is what the users of a process have left to do.
type user struct{ calls, leaders uint8 }

func (u user) word() uint32 { return uint32(u.calls)<<8 | uint32(u.leaders) }
func userOf(w uint32) user  { return user{uint8(w >> 8), uint8(w)} }

// choice is something that may happen in a state.
type choice struct {
	process process.ID
	in      input
}

// choices calls yield with all that may happen in a state.
func (x *search) choices(s state, yield func(c choice)) {
	b := budgetOf(s[x.at.budget])
	for i, id := range s[:x.at.disks] {
		if l := x.locals.at(id); x.reductions.Storage && l.puts+l.forcing > 0 {
			x.storageChoices(l, b, func(kind inputKind, a, b uint32) {
				yield(choice{process.ID(i + 1), input{kind, a, b}})
			})
			return
		}
	}
	for i, id := range s[:x.at.disks] {
		l, p := x.locals.at(id), process.ID(i+1)
		can := func(kind inputKind, a, b uint32) { yield(choice{p, input{kind, a, b}}) }
		if !l.up {
			if b.recoveries > 0 || l.incarnation == 0 {
				can(start, 0, 0)
			}
			continue
		}
		for _, m := range s[x.at.messages:] {
			if x.messages.at(m).to == p {
				can(receive, m, 0)
			}
		}
		x.localChoices(s, l, can)
		x.storageChoices(l, b, can)
	}
}

// storageChoices are that something becomes durable, or that the process crashes.
func (x *search) storageChoices(l *local, b budget, can func(kind inputKind, a, b uint32)) {
	if l.puts > 0 {
		can(durable, 0, 0)
	}
	if l.forcing > 0 {
		can(forced, 0, 0)
	}
	if b.crashes == 0 || !x.mayCrash(l.process, b) {
		return
	}
	for stored := range l.storing + 1 {
		for batches := range l.unforced + 1 {
			can(crash, uint32(stored), uint32(batches))
		}
	}
}

func (x *search) mayCrash(p process.ID, b budget) bool {
	return x.model.Crashing < 0 || b.crashed>>p&1 == 1 ||
		bits.OnesCount16(b.crashed) < x.model.Crashing
}

// localChoices are those of the users, the timers and the disks.
func (x *search) localChoices(s state, l *local, can func(kind inputKind, a, b uint32)) {
	u := userOf(s[x.at.users+int(l.process)-1])
	for i := int(u.calls); i < len(x.model.Calls[l.process-1]) && !l.busy; i++ {
		can(call, uint32(i), 0)
	}
	if u.leaders > 0 {
		for _, p := range x.model.Candidates {
			if p != l.leader {
				can(lead, uint32(p), 0)
			}
		}
	}
	if x.model.Fires == 0 || s[x.at.fires] > 0 {
		for i := range l.timers {
			can(fire, uint32(i), 0)
		}
	}
	for at, requests := range l.disks {
		x.diskChoices(s, at, requests, can)
	}
}

// diskChoices are the operations that a disk may do now: of each key the first. A cancelled write
// happens or does not.
func (x *search) diskChoices(
	s state, at int, requests []diskRequest, can func(kind inputKind, a, b uint32),
) {
	for i, r := range requests {
		if slices.ContainsFunc(requests[:i], func(o diskRequest) bool { return o.key == r.key }) {
			continue
		}
		result := uint32(0)
		if r.block == nil {
			result = x.read(x.disks.at(s[x.at.disks+at]).keys[r.key])
		}
		in := onDisk(at, i, result)
		can(in.kind, in.a, in.b)
		if r.cancelled {
			dropped := onDisk(at, i, dropped)
			can(dropped.kind, dropped.a, dropped.b)
		}
	}
}

// dropped is the result of a cancelled write that does not happen.
const dropped = 1 << 31

func (x *search) read(b blocks) uint32 {
	hashes := x.hashes(b)
	id, _ := x.reads.intern(hashes[0], func(uint32) *diskRead { return &diskRead{hashes, b} })
	return id
}

// after is the state after a choice, in the room given if that is enough. Its violation, if any, is
// found too.
func (x *search) after(s state, c choice, room state) (next state, violation *sim.Violation) {
	l := x.locals.at(s[c.process-1])
	t := x.step(l, c.in)
	next = append(slices.Grow(room[:0], len(s)+len(t.sends)), s[:x.at.messages]...)
	next[c.process-1] = t.to.id
	x.spend(next, l, c)
	p := x.properties.at(s[x.at.properties])
	for _, o := range t.seen {
		x.mark(o, next)
		p = x.see(p, o)
	}
	next[x.at.properties] = p.id
	next = x.deliver(next, s[x.at.messages:], t)
	if p.violation != nil { // It was seen before the part failed, if that did.
		return next, p.violation
	}
	return next, t.fault
}

// spend takes what a choice uses up from the bounds, and does what it does to a disk.
func (x *search) spend(next state, l *local, c choice) {
	b, u := budgetOf(next[x.at.budget]), userOf(next[x.at.users+int(c.process)-1])
	switch c.in.kind {
	case crash:
		b.crashes--
		b.crashed |= 1 << c.process
	case start:
		if l.incarnation > 0 {
			b.recoveries--
		}
	case call:
		u.calls = uint8(c.in.a) + 1
	case lead:
		u.leaders--
	case fire:
		if x.model.Fires > 0 {
			next[x.at.fires]--
		}
	case disk:
		at, i := c.in.diskOperation()
		if r := l.disks[at][i]; r.block != nil && c.in.b != dropped {
			d := x.disks.at(next[x.at.disks+at])
			next[x.at.disks+at] = x.disk(d.written(c.process, r.key, *r.block))
		}
	default:
	}
	next[x.at.budget], next[x.at.users+int(c.process)-1] = b.word(), u.word()
}

func (x *search) disk(keys map[uint64]blocks) uint32 {
	hashes := x.hashes(keys)
	id, _ := x.disks.intern(hashes[0], func(uint32) *diskState { return &diskState{hashes, keys} })
	return id
}

// deliver adds the messages that a step sends to those sent before, without those that have become
// pointless now that its process has moved on.
func (x *search) deliver(next state, before []uint32, t *step) state {
	b := budgetOf(next[x.at.budget])
	for _, id := range before {
		if m := x.messages.at(id); !x.pointless(m, t.to, b) {
			next = append(next, id)
		}
	}
	for _, id := range t.sends {
		m := x.messages.at(id)
		if x.pointless(m, x.locals.at(next[m.to-1]), b) {
			continue
		}
		if i, sent := slices.BinarySearch(next[x.at.messages:], id); !sent {
			next = slices.Insert(next, x.at.messages+i, id)
		}
	}
	return next
}

// pointless says whether a message can change nothing any more, now that a process is in state l.
func (x *search) pointless(m *message, l *local, b budget) bool {
	gone := !l.up && l.incarnation > 0 && b.recoveries == 0 // It will never start again.
	switch {
	case m.to != l.process:
		return false
	case m.from == m.to && (!l.up || m.incarnation < l.incarnation):
		return true // What a process has sent itself is lost with it.
	case !x.reductions.Dead:
		return false
	case gone || l.up && m.incarnation < l.known[m.from] && !x.mayForget(l, b):
		return true
	}
	// What is on its way to the disk a crash may take.
	return m.body != nil && (l.past != nil && l.puts == 0 && l.past(m.body) ||
		x.model.Dead != nil && x.model.Dead(m.body, l.underWay))
}

// mayForget says that a process may start again, and then has heard of nobody's restart.
func (x *search) mayForget(l *local, b budget) bool {
	return b.crashes > 0 && b.recoveries > 0 && x.mayCrash(l.process, b)
}

// hash is the fingerprint of a state, the same for all that differ in the names of symmetric
// processes only.
func (x *search) hash(s state, buf []byte) (Hash, []byte) {
	var least Hash
	for naming := range x.namings {
		var h Hash
		h, buf = x.hashNamed(s, naming, buf[:0])
		if naming == 0 || h.Hi < least.Hi || h.Hi == least.Hi && h.Lo < least.Lo {
			least = h
		}
	}
	return least, buf
}

func (x *search) hashNamed(s state, naming int, buf []byte) (Hash, []byte) {
	add := func(h Hash) {
		buf = binary.LittleEndian.AppendUint64(buf, h.Hi)
		buf = binary.LittleEndian.AppendUint64(buf, h.Lo)
	}
	from := x.origins[naming] // Which process has each name.
	var crashed uint16
	b := budgetOf(s[x.at.budget])
	for i, p := range from {
		add(x.locals.at(s[p-1]).hashes[naming])
		buf = binary.LittleEndian.AppendUint32(buf, s[x.at.users+int(p)-1])
		crashed |= b.crashed >> p & 1 << i
	}
	for _, id := range s[x.at.disks:x.at.properties] {
		add(x.disks.at(id).hashes[naming])
	}
	add(x.properties.at(s[x.at.properties]).hashes[naming])
	b.crashed = crashed
	buf = binary.LittleEndian.AppendUint32(buf, b.word())
	buf = binary.LittleEndian.AppendUint32(buf, s[x.at.fires])
	var sum Hash // The order of the messages depends on their numbers; a sum does not.
	for _, id := range s[x.at.messages:] {
		h := x.messages.at(id).hashes[naming]
		var carry uint64
		sum.Lo, carry = bits.Add64(sum.Lo, h.Lo, 0)
		sum.Hi, _ = bits.Add64(sum.Hi, h.Hi, carry)
	}
	add(sum)
	return xxh3.Hash128(buf), buf
}

// text is a choice as a line of a schedule, which no two choices of a state share.
func (x *search) text(s state, c choice) string {
	text := x.inputText(x.locals.at(s[c.process-1]), c)
	if c.in.kind != receive {
		return text
	}
	m := x.messages.at(c.in.a)
	for _, id := range s[x.at.messages:] {
		if o := x.messages.at(id); o != m && o.to == m.to && o.String() == m.String() {
			return fmt.Sprintf("%s (%08x)", text, uint32(m.hashes[0].Lo))
		}
	}
	return text
}

func (x *search) inputText(l *local, c choice) string {
	switch in := c.in; in.kind {
	case receive:
		return fmt.Sprintf("%v receives %v", c.process, x.messages.at(in.a))
	case durable:
		return fmt.Sprintf("%v has a record durable", c.process)
	case forced:
		return fmt.Sprintf("%v has its history done", c.process)
	case call:
		return fmt.Sprintf("%v is asked to %s", c.process, x.model.Calls[c.process-1][in.a].Name)
	case lead:
		return fmt.Sprintf("%v elects %v", c.process, process.ID(in.a))
	case fire:
		return fmt.Sprintf("%v has timer %d fire", c.process, in.a+1)
	case disk:
		return x.diskText(l, c)
	case crash:
		return fmt.Sprintf("%v crashes, %d of %d records and %d of %d batches survive",
			c.process, in.a, l.storing, in.b, l.unforced)
	case start:
		return fmt.Sprintf("%v starts", c.process)
	}
	panic(fmt.Sprintf("explore: an input of kind %d", c.in.kind))
}

func (x *search) diskText(l *local, c choice) string {
	at, i := c.in.diskOperation()
	r := l.disks[at][i]
	what := "reads"
	switch {
	case r.block != nil && c.in.b == dropped:
		what = "does not write"
	case r.block != nil:
		what = fmt.Sprintf("writes %v to", *r.block)
	}
	return fmt.Sprintf("%v %s block %d of disk %d", c.process, what, r.key, at+1)
}
