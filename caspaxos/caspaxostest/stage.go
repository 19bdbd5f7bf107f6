package caspaxostest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"paxon/caspaxos"
	"paxon/conformance"
	"paxon/history/keys"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
)

// Part is one incarnation of a process; *caspaxos.Process is one.
type Part interface {
	sim.Actor
	Change(key string, c caspaxos.Change, done func(caspaxos.Outcome)) caspaxos.Status
	Read(key string, done func(caspaxos.Outcome)) caspaxos.Status
	List(from caspaxos.Place, done func(keys []caspaxos.Listed, next caspaxos.Place, ok bool))
	Edit(e caspaxos.Edit, done func(caspaxos.Status)) caspaxos.Status
	Reconfigure(target []process.ID, done func(caspaxos.Status)) caspaxos.Status
	ReconfigureProposers(
		proposers []process.ID, at []caspaxos.Address, done func(caspaxos.Status),
	) caspaxos.Status
	Configuration() caspaxos.Configuration
	Copies() int
}

// Factory makes one incarnation of a process, again after every crash, with nothing but what it is
// given.
type Factory func(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) Part

// Base gives the factory on the registers of a variant.
type Base func(v seasons.Variant) Factory

// Built is the Base of package caspaxos, and Ours its factory over registers with stable storage.
func Built(v seasons.Variant) Factory {
	return func(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) Part {
		return caspaxos.Build(v, h, o, s)
	}
}

// Ours is Built over registers with stable storage.
func Ours(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) Part {
	return Built(seasons.Paxos())(h, o, s)
}

// stage is one random run.
type stage struct {
	*sim.Storm
	plan  plan
	clock int64 // Calls and answers so far.

	tree       *tree
	ballots    ballots
	operations []*operation
	changes    []*reconfiguration
	seen       map[uint64]caspaxos.Configuration // By epoch.
	failures   []*conformance.Failure
	puts       int // So far.
	healed     bool
	held       map[[2]process.ID]func(retransmit.Packet) bool // What a script holds up on links,
	kept       []kept
	// decide decides what becomes of a message that is sent to another process; nil for what is drawn.
	decide func(number int, from, to process.ID, send func()) (taken bool)
	sent   int // Messages while there is somebody who decides.
}

// reconfiguration is a change of membership that was asked for.
type reconfiguration struct {
	by     process.ID
	life   process.Incarnation
	kind   kindOfChange
	target []process.ID
	edit   caspaxos.Edit
	since  uint64 // The epoch of who was asked.
	ended  bool
	status caspaxos.Status
}

// kindOfChange says what of the membership changes.
type kindOfChange int

// The kinds.
const (
	ofMembers   kindOfChange = iota // The acceptors, and with them the proposers.
	ofProposers                     // The proposers alone.
	ofEdit                          // What an edit names.
)

func (c *reconfiguration) String() string {
	if c.kind == ofProposers {
		return fmt.Sprintf("the change to the proposers %v", c.target)
	}
	if c.kind == ofEdit {
		return fmt.Sprintf("the edit +%v -%v", c.edit.Add, c.edit.Remove)
	}
	return fmt.Sprintf("the change to %v", c.target)
}

func newStage(f Factory, a conformance.Assumptions, seed uint64, trace *sim.Trace) *stage {
	return planned(f, a, newPlan(a, rand.New(rand.NewPCG(seed, 2))), seed, trace)
}

func planned(f Factory, a conformance.Assumptions, p plan, seed uint64, trace *sim.Trace) *stage {
	c := a.Simulate()
	c.Processes = p.processes
	c.Variant.Faulty = func(int) int { return 0 } // In the end all are up.
	s := &stage{
		Storm: sim.NewStorm(c, seed, trace), plan: p, tree: newTree(), ballots: ballots{},
		seen: map[uint64]caspaxos.Configuration{}, held: map[[2]process.ID]func(retransmit.Packet) bool{},
	}
	s.World.Build = func(h *sim.Host) sim.Actor { return s.build(f, h, seed) }
	return s
}

func (s *stage) build(f Factory, h *sim.Host, seed uint64) sim.Actor {
	offer := h.Offer()
	self := offer.Net.Self()
	offer.Store = fatal{offer.Store, s, self}
	offer.Net = slow{offer.Net, s}
	setting := caspaxos.Setting{
		Initial: s.plan.initial, Rand: s.plan.waits(seed, self, h.Incarnation()),
		Configured: func(c caspaxos.Configuration) {
			if _, seen := s.seen[c.Epoch]; !seen {
				s.markConfiguration(c)
			}
			s.seen[c.Epoch] = c
		},
	}
	held := WatchCopies(offer.Store)
	held.Took = func(key string, c register.Copy) {
		if difference := s.ballots.took(key, c); difference != "" {
			s.fail(Ballots, "%s", difference)
		}
	}
	offer.Store = held
	part := f(offer, s.plan.options, setting)
	if s.World.Marks == nil {
		return part
	}
	return marked{part, s, self, held}
}

// slow is links on which single messages are held up for long, while others overtake them.
type slow struct {
	process.Net[retransmit.Packet]
	stage *stage
}

func (n slow) Send(to process.ID, packet retransmit.Packet) {
	s := n.stage
	send := func() { n.Net.Send(to, packet) }
	if to != n.Self() && s.decide != nil {
		if s.sent++; s.decide(s.sent, n.Self(), to, send) {
			return
		}
	}
	if to != n.Self() && to == s.plan.deaf && s.deafens(packet.Body) {
		return
	}
	link := [2]process.ID{n.Self(), to}
	if which := s.held[link]; which != nil && which(packet) {
		s.kept = append(s.kept, kept{link, packet, send})
		return
	}
	if to == n.Self() || s.healed || s.Random.Float64() >= s.plan.held {
		n.Net.Send(to, packet)
		return
	}
	s.World.At(time.Duration(s.Random.Int64N(int64(s.plan.hold))), send)
}

// deafens says whether a message is now kept from who is deaf: those that tell of a configuration.
func (s *stage) deafens(body process.Message) bool {
	if now := s.World.Now(); s.healed || now < s.plan.deafFrom || now >= s.plan.deafTo {
		return false
	}
	switch body.(type) {
	case caspaxos.Stale, caspaxos.Install:
		return true
	}
	return false
}

// kept is a message that a script holds up.
type kept struct {
	link   [2]process.ID
	packet retransmit.Packet
	send   func()
}

// fatal is a Store whose process crashes at one of the first Puts that there are.
type fatal struct {
	process.Store
	stage *stage
	self  process.ID
}

func (f fatal) Put(space process.Space, key uint64, r process.Record, done func()) {
	f.Store.Put(space, key, r, done)
	s := f.stage
	if s.puts++; slices.Contains(s.plan.fatal, s.puts) && !s.healed {
		s.World.At(0, func() { s.crash(f.self) })
	}
}

func (s *stage) crash(p process.ID) {
	if s.healed || !s.World.Host(p).Up() {
		return
	}
	s.World.Crash(p)
	s.World.At(time.Duration(s.Random.Int64N(int64(50*time.Millisecond))), func() {
		if !s.World.Host(p).Up() {
			s.World.Start(p)
		}
	})
}

func (s *stage) fail(property, format string, args ...any) {
	s.failures = append(s.failures, &conformance.Failure{
		Property: property, Detail: fmt.Sprintf("after %v, ", s.World.Now()) + fmt.Sprintf(format, args...),
	})
}

// part is what runs as p, nil if it is down.
func (s *stage) part(p process.ID) Part {
	if h := s.World.Host(p); h.Up() {
		return h.Actor().(Part)
	}
	return nil
}

func (s *stage) anyone() process.ID { return process.ID(1 + s.Random.IntN(s.plan.processes)) }

// caller draws who is asked for something: often who is deaf, if somebody is.
func (s *stage) caller() process.ID {
	if s.plan.deaf != 0 && s.Random.IntN(3) == 0 {
		return s.plan.deaf
	}
	return s.anyone()
}

// run does the run, and checks what it showed.
func (s *stage) run() {
	r := s.Random
	for range s.plan.bursts {
		at := time.Duration(r.Int64N(int64(duration)))
		for range 1 + r.IntN(s.plan.burst) {
			s.World.At(at, func() { s.operate(s.caller(), s.draw()) })
		}
	}
	for range s.plan.reconfigurations {
		s.World.At(time.Duration(r.Int64N(int64(duration))), func() {
			by := s.anyone()
			s.reconfigure(by, ofMembers, s.target())
			if s.plan.driversCrash {
				s.World.At(time.Duration(r.Int64N(int64(60*time.Millisecond))), func() { s.crash(by) })
			}
		})
	}
	for range s.plan.proposals {
		s.World.At(time.Duration(r.Int64N(int64(duration))), func() {
			s.reconfigure(s.anyone(), ofProposers, s.proposal())
		})
	}
	s.edits()
	s.Run()
	s.healed = true
	s.end()
	s.follows()
	s.failures = append(s.failures, check(s.tree, s.operations)...)
}

// target draws who are to be the acceptors.
func (s *stage) target() []process.ID {
	all := s.World.All()
	var target []process.ID
	for _, i := range s.Random.Perm(len(all))[:1+s.Random.IntN(len(all))] {
		target = append(target, all[i])
	}
	slices.Sort(target)
	return target
}

// proposal draws who are to be the proposers: anybody, or one more or less than there are.
func (s *stage) proposal() []process.ID {
	if s.Random.IntN(2) == 0 {
		return s.target()
	}
	p, now := s.anyone(), slices.Clone(s.newest().Proposers)
	switch i, found := slices.BinarySearch(now, p); {
	case !found:
		return slices.Insert(now, i, p)
	case len(now) > 1:
		return slices.Delete(now, i, i+1)
	}
	return now
}

// draw draws an operation.
func (s *stage) draw() *operation {
	r := s.Random
	o := &operation{key: fmt.Sprintf("k%d", r.IntN(s.plan.keys))}
	switch n := r.IntN(20 + s.plan.deletions); {
	case n < 9:
		o.kind = keys.Append
	case n < 11:
		o.kind = keys.Set
	case n < 12:
		o.kind = keys.Initialise
	case n < 14:
		o.kind, o.expect = keys.CompareAndSet, s.latest(o.key)
	case n < 18:
		o.kind, o.look = keys.Read, true
	case n < 20:
		o.kind = keys.Read
	default:
		o.kind = keys.Delete
	}
	return o
}

// latest is the version that somebody was told of a key last.
func (s *stage) latest(key string) uint64 {
	for _, o := range slices.Backward(s.operations) {
		if o.key == key && o.answer > 0 && o.outcome.State.Exists {
			return o.outcome.State.Version
		}
	}
	return 0
}

// operate has a process do an operation, if it is up and proposes.
func (s *stage) operate(p process.ID, o *operation) (taken bool) {
	part := s.part(p)
	if part == nil {
		return false
	}
	h := s.World.Host(p)
	life, returned, status := h.Incarnation(), false, caspaxos.Pending
	since := part.Configuration().Epoch
	s.clock++
	o.number, o.by, o.call = len(s.operations)+1, fmt.Sprintf("%v/%d", p, life), s.clock
	done := func(out caspaxos.Outcome) {
		switch {
		case !returned:
			s.fail(DoneLater, "%v %s: done is called before the call has returned", o.kind, o.name())
			return
		case !h.Up() || h.Incarnation() != life:
			s.fail(DoneOnce, "%v %s: done is called after a crash", o.kind, o.name())
			return
		case o.answer > 0 || status != caspaxos.Pending:
			s.fail(DoneOnce, "%v %s: done is called once more", o.kind, o.name())
			return
		}
		s.clock++
		o.answer, o.outcome = s.clock, out
		s.note(p, "return", fmt.Sprintf("%s: %v %v %v", o.text(), out.Status, out.State, out.Result))
		s.markOutcome(p, out)
		if out.Status == caspaxos.Done {
			s.tree.answered(o)
		} else if out.Status != caspaxos.NotMember || !s.removed(p, since) {
			s.fail(NonTriviality, "%v %s: status %v, of %v, epoch %d", o.kind, o.name(), out.Status, p, since)
		}
	}
	s.World.Call(p, func() {
		if o.look {
			status = part.Read(o.key, done)
		} else {
			status = part.Change(o.key, change{o, s.tree}, done)
		}
		returned = true
		if status == caspaxos.Pending {
			s.note(p, "invoke", o.text())
			s.operations = append(s.operations, o)
		}
	})
	return status == caspaxos.Pending
}

// removed says whether a process did not propose in some configuration from an epoch on.
func (s *stage) removed(p process.ID, since uint64) bool {
	for epoch, c := range s.seen {
		if epoch >= since && !slices.Contains(c.Proposers, p) {
			return true
		}
	}
	return false
}

func (o *operation) text() string { return fmt.Sprintf("%v(%q) %s", o.kind, o.key, o.name()) }

func (s *stage) note(p process.ID, event, text string) {
	s.World.Trace.Event(s.World.Now(), sim.TraceEvent{Event: event, Process: p, Text: text})
}

// reconfigure asks a process for a change of membership, if it is up and proposes.
func (s *stage) reconfigure(p process.ID, kind kindOfChange, target []process.ID) *reconfiguration {
	return s.begin(p, &reconfiguration{kind: kind, target: target})
}

// edit asks a process for an edit, likewise.
func (s *stage) edit(p process.ID, e caspaxos.Edit) {
	s.begin(p, &reconfiguration{kind: ofEdit, edit: e})
}

// begin asks a process for what is given of a change, and gives nil if it is not taken.
func (s *stage) begin(p process.ID, c *reconfiguration) *reconfiguration {
	part := s.part(p)
	if part == nil {
		return nil
	}
	c.by, c.life, c.since = p, s.World.Host(p).Incarnation(), part.Configuration().Epoch
	returned := false
	done := func(status caspaxos.Status) {
		switch {
		case !returned:
			s.fail(DoneLater, "%v: done is called before the call has returned", c)
		case c.ended:
			s.fail(DoneOnce, "%v: done is called once more", c)
		}
		s.note(p, "return", fmt.Sprintf("%v: %v", c, status))
		c.ended, c.status = true, status
		s.decided(c)
	}
	status := caspaxos.Pending
	s.World.Call(p, func() {
		switch c.kind {
		case ofProposers:
			status = part.ReconfigureProposers(c.target, nil, done)
		case ofEdit:
			status = part.Edit(c.edit, done)
		case ofMembers:
			status = part.Reconfigure(c.target, done)
		}
		returned = true
		if status == caspaxos.Pending {
			s.note(p, "invoke", c.String())
			s.changes = append(s.changes, c)
		}
	})
	if status != caspaxos.Pending {
		return nil
	}
	return c
}

// decided demands that what was done has been in force some time since it was asked for.
func (s *stage) decided(c *reconfiguration) {
	if c.status != caspaxos.Done {
		return
	}
	for epoch, seen := range s.seen {
		of, target := seen.Target, c.target
		switch c.kind {
		case ofProposers:
			of = seen.Proposers
		case ofEdit:
			of = wanted(seen)
			target = edited(of, c.edit)
		case ofMembers:
		}
		if epoch >= c.since && slices.Equal(of, target) {
			return
		}
	}
	s.fail(Membership, "%v, asked of %v, is done, and was never in a configuration", c, c.by)
}

// retransmission is fast, so that runs are short.
func retransmission(l caspaxos.Limits) retransmit.Config {
	return retransmit.Config{
		Interval: 10 * time.Millisecond, MaxInterval: 80 * time.Millisecond,
		AckDelay: 3 * time.Millisecond, Burst: 8, Window: l.RetransmitWindow(),
	}
}
