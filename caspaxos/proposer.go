package caspaxos

import (
	"slices"
	"time"

	"paxon/process"
	"paxon/register"
)

// configurationKey is the register that the configurations of the cluster are in.
const configurationKey = "\x00paxon\x00configuration"

// cache is what a proposer knows of a register without asking (§2.2.1): the state that it has written
// last, in rounds of a number that a prepare quorum has promised it. It holds in one configuration and
// at one age.
type cache struct {
	number     uint64 // The highest of a round that it has used or was refused for, 0 for none.
	valid      bool
	epoch, age uint64
	state      State
}

// knows is what the proposer knows of the register.
func (c *cell) knows() *cache {
	if c.known == nil {
		c.known = &cache{}
	}
	return c.known
}

// request is a change that waits.
type request struct {
	change     Change
	everywhere bool // It asks for an accept at all acceptors.
	client     client
}

// client hears how a change ended. What this part does by changes of its own, it says in the fields of
// a client, where exhaustive search sees it.
type client interface{ ended(o Outcome) }

// caller is a client from outside.
type caller func(o Outcome)

func (c caller) ended(o Outcome) { c(o) }

// operation is what this process does, as a proposer, at one register. Whatever waits is applied in
// one round.
type operation struct {
	part       *CASPaxos
	cell       *cell
	running    bool // It counts among those under way.
	completing bool // It tells of outcomes, and then goes on by itself.
	requests   []request
	asked      int // Of the requests, those that were there when the last prepare began.
	attempts   []attempt
	number     uint64
	written    State     // With the accept under way,
	outcomes   []Outcome // and what the first of the requests are told once it is complete.
	everywhere bool      // That is once all acceptors have it.
	conflicts  int
	cancel     func() // Of the wait after a conflict.
}

// attempt is an accept that was begun, and may have been refused: as long as no later one is
// acknowledged, another proposer may read it, and make it part of what everybody reads from then on. A
// state that was read tells by its mark whether it is. To apply the changes again where it is would
// do them twice.
type attempt struct {
	turn     process.Incarnation
	outcomes []Outcome // Of the first of the requests.
}

// Change has a change function applied to the register of a key, by this process and exactly once.
// With Pending done will be called; any other status is final. The change must not be changed after.
func (p *CASPaxos) Change(key string, c Change, done func(Outcome)) Status {
	status := p.admits(key)
	if status == Pending {
		p.change(key, c, false, caller(done))
	}
	return status
}

// admits says why nothing can be begun at a key, or Pending if something can.
func (p *CASPaxos) admits(key string) Status {
	switch {
	case len(key) > p.parts.Limits.Key || key == configurationKey:
		return TooLarge
	case p.pending >= p.parts.Limits.Pending:
		return Full
	case !p.proposes():
		return NotMember
	}
	return Pending
}

// change adds a request to those of a key.
func (p *CASPaxos) change(key string, c Change, everywhere bool, by client) {
	p.pending++
	if p.parts.Shared {
		own := within{key, c}
		key, c, by = sharedKey(key), own, sharing{own, by}
	}
	of := p.table.at(key)
	o := of.op
	if o != nil {
		o.requests = append(o.requests, request{c, everywhere, by})
		o.hasten()
		return
	}
	o = &operation{part: p, cell: of, requests: []request{{c, everywhere, by}}}
	of.op = o
	p.begin(o)
}

// hasten has an accept that waits for all acceptors, which may take for ever, make way for others.
func (o *operation) hasten() {
	last := len(o.requests) - 1
	if !o.requests[last].everywhere {
		o.yield()
	}
}

// yield has an accept wait for a quorum only.
func (o *operation) yield() {
	if !slices.ContainsFunc(o.requests, everywhere) {
		return
	}
	for i := range o.requests {
		o.requests[i].everywhere = false
	}
	if o.running && o.everywhere {
		o.stop()
		o.prepare()
	}
}

func everywhere(r request) bool { return r.everywhere }

// begin has an operation under way, or wait until fewer are.
func (p *CASPaxos) begin(o *operation) {
	if p.running >= p.parts.Limits.Keys {
		p.waiting = append(p.waiting, o.cell)
		return
	}
	p.running++
	o.running = true
	if !p.proposes() {
		o.end(NotMember)
		return
	}
	o.propose()
}

// propose begins with a prepare, or with an accept if a quorum has promised before.
func (o *operation) propose() {
	k := o.cell.knows()
	s := &o.part.standing
	if k.valid && k.epoch == s.Configuration.Epoch && k.age == s.Age {
		o.number = k.number
		o.accept(k.state)
		return
	}
	o.prepare()
}

// register is the register of the operation.
func (o *operation) register() register.Register {
	return o.part.arrayOf(o.cell).At(only)
}

// round is one of the number that was promised.
func (o *operation) round() register.Round {
	return register.Round{Number: o.number, Process: o.part.self, Incarnation: o.part.turn()}
}

// prepare is the first phase (§2.2).
func (o *operation) prepare() {
	k := o.cell.knows()
	k.valid = false
	standing := &o.part.standing
	k.number = max(k.number, standing.Floor, standing.Configuration.Floor) + 1
	o.number, o.asked = k.number, len(o.requests)
	o.register().Read(o.round(), o.prepared)
}

// prepared goes on with what a prepare quorum holds.
func (o *operation) prepared(v register.Value, ok bool, higher register.Round) {
	if !ok {
		o.conflict(higher)
		return
	}
	s, err := Decode(v)
	if err != nil {
		o.end(Unreadable)
		return
	}
	o.accept(s)
}

// complete ends the first of the requests.
func (o *operation) complete(outcomes []Outcome) {
	ended := o.requests[:len(outcomes)]
	o.requests = o.requests[len(outcomes):]
	o.part.pending -= len(outcomes)
	o.completing = true
	for i, r := range ended {
		r.client.ended(outcomes[i])
	}
	o.completing = false
}

// accept applies all changes that wait, and is the second phase.
func (o *operation) accept(s State) {
	round := o.round()
	outcomes := o.outcomesIn(s)
	next := s
	for _, r := range o.requests[len(outcomes):] {
		var out Outcome
		next, out = o.apply(r.change, next, round)
		outcomes = append(outcomes, out)
	}
	switch {
	case next.Version != s.Version:
		next.marks = s.withMark(mark{o.part.self, round.Incarnation})
		o.attempts = append(o.attempts, attempt{round.Incarnation, outcomes})
	case next.Version > 0:
	case len(o.attempts) == 0:
		// Nothing had been acknowledged when the prepare began, and nothing is to be. Those who came
		// later may have heard of something since.
		o.complete(outcomes[:o.asked])
		o.finish()
		return
	default:
		next.Version = round.Number // A tombstone, to bury the attempts.
	}
	o.everywhere = slices.ContainsFunc(o.requests, everywhere)
	for i, r := range o.requests {
		outcomes[i].ballot, outcomes[i].everywhere = round, o.everywhere
		if everywhere(r) { // It may have been made in an earlier attempt: others may have gone on from it.
			outcomes[i].State = next
		}
	}
	o.written, o.outcomes = next, outcomes
	o.register().Write(round, next.Encode(), o.accepted)
}

// accepted is the end of the second phase.
func (o *operation) accepted(ok bool, higher register.Round) {
	state, outcomes := o.written, o.outcomes
	o.written, o.outcomes = State{}, nil
	if !ok {
		o.conflict(higher)
		return
	}
	standing := &o.part.standing
	*o.cell.knows() = cache{o.number, true, standing.Configuration.Epoch, standing.Age, state}
	o.conflicts, o.attempts, o.everywhere = 0, nil, false
	o.complete(outcomes)
	o.finish()
}

// outcomesIn are those of the requests that are part of a state already.
func (o *operation) outcomesIn(s State) []Outcome {
	turn := s.marked(o.part.self)
	for _, a := range o.attempts {
		if a.turn == turn {
			return slices.Clone(a.outcomes)
		}
	}
	return nil
}

// apply applies a change to what the one before it has made.
func (o *operation) apply(c Change, s State, round register.Round) (State, Outcome) {
	n := c.Apply(s)
	if !n.Changes {
		return s, Outcome{Status: Done, State: s, Result: n.Result}
	}
	if len(n.Value) > o.part.parts.Limits.Value {
		return s, Outcome{Status: TooLarge, State: s, Result: n.Result}
	}
	// Versions of what was collected here before were no higher than rounds are now.
	version := s.Version + 1
	if s.Version == 0 {
		version = round.Number
	}
	s = State{Version: version, Exists: n.Exists, marks: s.marks}
	if n.Exists {
		s.Value = n.Value
	}
	return s, Outcome{Status: Done, State: s, Result: n.Result}
}

// conflict goes on beyond the round that won, after a while.
func (o *operation) conflict(higher register.Round) {
	k := o.cell.knows()
	k.valid = false
	k.number = max(k.number, higher.Number)
	o.conflicts++
	o.cancel = o.part.parts.Clock.After(o.backoff(), o.waited)
}

// waited is the end of the wait.
func (o *operation) waited() {
	o.cancel = nil
	o.prepare()
}

// conflictsAlike is after how many conflicts the wait doubles.
const conflictsAlike = 8

// backoff is how long to wait after a conflict. At first it is the same for all, on an average, so that
// who has just been overtaken, after many changes, waits as long as who has tried often: with a wait
// that doubles at once those who got through last do so again. Only where that does not help, because
// a round takes longer than the wait, the wait grows.
func (o *operation) backoff() time.Duration {
	l := &o.part.parts.Limits
	most := min(l.Backoff<<min(o.conflicts/conflictsAlike, 16), l.MaxBackoff)
	return time.Duration(o.part.parts.Rand.Int64N(int64(2*most))) + 1
}

// finish goes on with what was added meanwhile, or lets another register be under way.
func (o *operation) finish() {
	p, c := o.part, o.cell
	switch {
	case len(o.requests) > 0 && !p.proposes():
		o.end(NotMember)
		return
	case len(o.requests) > 0:
		o.propose()
		return
	}
	o.running = false
	c.op = nil
	p.running--
	p.table.drop(c)
	for p.running < p.parts.Limits.Keys && len(p.waiting) > 0 {
		next := p.waiting[0]
		p.waiting[0] = nil
		p.waiting = p.waiting[1:]
		if o := next.op; o != nil && !o.running {
			p.begin(o)
		}
	}
}

// end ends all requests with a status.
func (o *operation) end(status Status) {
	o.stop()
	outcomes := make([]Outcome, len(o.requests))
	for i := range outcomes {
		outcomes[i].Status = status
	}
	o.attempts = nil
	o.complete(outcomes)
	o.finish()
}

// stop ends what is under way at the register.
func (o *operation) stop() {
	if o.cancel != nil {
		o.cancel()
		o.cancel = nil
	}
	if o.cell.array != nil {
		o.register().Cancel()
	}
	o.written, o.outcomes = State{}, nil
}

// again begins the operation anew: there is another configuration, or the process has got older.
func (o *operation) again() {
	if !o.running || o.completing {
		return
	}
	o.stop()
	if !o.part.proposes() {
		o.end(NotMember)
		return
	}
	o.prepare()
}

// restartAll begins anew what is under way.
func (p *CASPaxos) restartAll() {
	for _, c := range slices.Clone(p.arrays) {
		if c.op != nil {
			c.op.again()
		}
	}
}
