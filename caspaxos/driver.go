package caspaxos

import (
	"slices"
	"time"

	"paxon/process"
)

// driver leads the cluster from one configuration to the next (§2.3). Any proposer can: the
// configurations are in a register of their own, so that for each epoch there is one, and everything
// that is still to be done follows from the present one. Whoever finds a change unfinished goes on
// with it; each step may be done twice, and by several.
type driver struct {
	part    *CASPaxos
	wanted  []process.ID // A target that was asked for here and is not in the configuration yet.
	at      []Address    // The addresses that were given with it.
	propose []process.ID // Proposers that were asked for here, likewise.
	waiters []func(Status)
	busy    bool
	run     uint64 // Counts what was begun, so that what was broken off is not mistaken.
	force   uint64 // The epoch that is known to be in force.
	highest uint64 // Of the rounds that were promised in the one before.
	quiet   int    // For how many ticks no other process has been heard to drive.
	now     Configuration
	install *poll
	catch   *poll

	keys     []Listed // That a scan has listed, and not begun with,
	underWay int      // how many it has under way,
	next     Place    // and where it goes on.
}

// driving is what a driver waits for in a run.
type driving struct {
	*driver
	during uint64
}

// over says that it was broken off.
func (d driving) over() bool { return d.run != d.during }

func (d *driver) driving() driving { return driving{d, d.run} }

// Reconfigure has the acceptors, and proposers, become those given, step by step while the cluster
// serves. Done is called once the last configuration is in force, or with NotMember if this process
// cannot go on because it was removed itself; then others do. Where another target takes the place of
// this one before it is reached, done is called once that one is. The status is Full if another change
// waits here to begin, Invalid if the target is not some processes in ascending order that there are
// links to.
func (p *CASPaxos) Reconfigure(target []process.ID, done func(Status)) Status {
	return p.ReconfigureAt(target, nil, done)
}

// ReconfigureAt is Reconfigure that also tells all hosts where some processes are.
func (p *CASPaxos) ReconfigureAt(target []process.ID, at []Address, done func(Status)) Status {
	return p.driver.ask(&p.driver.wanted, target, at, done)
}

// ReconfigureProposers has the proposers become those given (§2.3.4), and leaves the acceptors. A
// proposer need not be an acceptor, nor the other way round. It is one step: the epoch shuts out
// whoever is no proposer any more, whether he can be reached or not, and the floors that acceptors keep
// stand in for what one that is new has missed. Done is called, and the status is, as for
// Reconfigure; Full, too, while the acceptors change.
func (p *CASPaxos) ReconfigureProposers(
	proposers []process.ID, at []Address, done func(Status),
) Status {
	return p.driver.ask(&p.driver.propose, proposers, at, done)
}

// ask has the driver begin with a target, or proposers, that are asked for.
func (d *driver) ask(
	what *[]process.ID, ids []process.ID, at []Address, done func(Status),
) Status {
	p := d.part
	changing := len(p.standing.Configuration.Target) > 0
	switch {
	case p.parts.Cells == nil || !p.proposes():
		return NotMember
	case len(ids) == 0 || !ascending(ids) || !p.reaches(ids, at):
		return Invalid
	case d.wanted != nil || d.propose != nil || changing && what == &d.propose:
		return Full
	}
	*what, d.at = slices.Clone(ids), slices.Clone(at)
	d.waiters = append(d.waiters, done)
	d.begin()
	return Pending
}

// reaches says whether there are, or will be, links to all of some processes.
func (p *CASPaxos) reaches(target []process.ID, at []Address) bool {
	known := slices.Clone(p.parts.Net.All())
	for _, a := range at {
		known = append(known, a.Process)
	}
	return count(target, known) == len(target)
}

// quietTicks is after how many ticks without a word of another process one goes on with a change that
// is unfinished.
const quietTicks = 3

// start has the driver look now and then whether a change waits for somebody to go on with it, and let
// the others know if it does itself. Who does not propose asks for a configuration in which it does, for
// nobody else would tell it; and the one who has removed itself may be the only one that knows of it.
func (d *driver) start() {
	p := d.part
	every := p.parts.Limits.Collect
	p.parts.Clock.After(every+time.Duration(p.parts.Rand.Int64N(int64(every))), func() {
		switch {
		case d.busy:
			for _, q := range without(d.now.Proposers, p.self) {
				p.parts.Net.Send(q, Install{d.now})
			}
		case d.unfinished() && p.proposes():
			if d.quiet++; d.quiet > quietTicks {
				d.begin()
			}
		case !p.proposes():
			for _, q := range without(p.parts.Net.All(), p.self) {
				p.parts.Net.Send(q, Behind{p.standing.Configuration.Epoch})
			}
		}
		d.start()
	})
}

func (d *driver) unfinished() bool {
	c := &d.part.standing.Configuration
	return d.wanted != nil || d.propose != nil || len(c.Target) > 0 || !c.Valid
}

// begin reads the configuration that was decided last. What was under way is broken off.
func (d *driver) begin() {
	d.stop()
	d.busy = true
	d.part.change(configurationKey, Read{}, false, beginning{d.driving()})
}

// beginning is the client of the read that a run begins with.
type beginning struct{ driving }

func (d beginning) ended(o Outcome) {
	if d.over() {
		return
	}
	c, status := d.decoded(o)
	if status != Done {
		d.end(status)
		return
	}
	d.now = c
	d.part.adopt(c, nil)
	if !d.over() { // Otherwise it has begun again in that configuration.
		d.enforce()
	}
}

// decoded is the configuration that the register holds.
func (d *driver) decoded(o Outcome) (Configuration, Status) {
	if o.Status != Done || !o.State.Exists {
		return d.part.parts.Initial, o.Status
	}
	c, err := decodeConfiguration(o.State.Value)
	if err != nil {
		return c, Unreadable
	}
	return c, Done
}

// stop breaks off what is under way.
func (d *driver) stop() {
	d.run++
	d.install.end()
	d.catch.end()
	d.install, d.catch, d.keys = nil, nil, nil
}

// end tells those who wait.
func (d *driver) end(status Status) {
	d.stop()
	d.busy, d.wanted, d.at, d.propose = false, nil, nil, nil
	waiters := d.waiters
	d.waiters = nil
	for _, done := range waiters {
		done(status)
	}
}

// configured hears that the process has taken over another configuration.
func (d *driver) configured() {
	switch {
	case !d.busy:
	case !d.part.proposes():
		d.end(NotMember)
	case d.part.standing.Configuration.Epoch > d.now.Epoch:
		d.begin()
	}
}

// enforce sends the configuration to all, and goes on once it is in force.
func (d *driver) enforce() {
	if d.force == d.now.Epoch {
		d.step()
		return
	}
	d.highest = 0
	former := union(d.now.FormerPrepare.Members(), d.now.FormerAccept.Members())
	d.install = ask(d.part.parts.Net, union(d.now.Members(), former), Install{d.now})
}

// onInstalled counts who has the configuration. It is in force once nobody completes a phase in the
// one before. Of whatever quorum has promised a round there, one is among them and tells of it: the
// quorums of the next configurations need not meet it any more.
func (d *driver) onInstalled(from process.ID, m Installed) {
	if d.install == nil || m.Epoch != d.now.Epoch || !d.install.answer(from) ||
		d.force == d.now.Epoch {
		return
	}
	d.highest = max(d.highest, m.Highest)
	have := d.install.answered
	if d.now.FormerPrepare.Blocks(have) && d.now.FormerAccept.Blocks(have) &&
		d.now.Prepare.Enough(have) && d.now.Accept.Enough(have) {
		d.force = d.now.Epoch
		d.step()
	}
}

// step does what the next configuration needs.
func (d *driver) step() {
	next, need, done := d.part.parts.Next(d.now)
	switch {
	case d.propose != nil && !slices.Equal(d.propose, d.now.Proposers):
		next = d.now.toward(d.now.Target, d.at)
		next.Proposers = d.propose
		d.decide(next)
	case d.wanted != nil && !slices.Equal(d.wanted, d.now.Target):
		d.decide(d.now.toward(d.wanted, d.at))
	case done:
		d.end(Done)
	case need == NeedReplica && !(d.part.parts.Limits.Rescan && !d.now.Valid):
		var learners []process.ID
		for _, l := range d.now.Learners {
			learners = append(learners, l.Process)
		}
		d.catch = ask(d.part.parts.Net, learners, Catch{d.now.Epoch})
	case need == NeedNothing:
		d.decide(next)
	default:
		d.scan(first())
	}
}

// onCaught hears that a learner has a copy of everything. It has the configuration, too, and so has begun
// with nothing.
func (d *driver) onCaught(from process.ID, m Caught) {
	if d.catch == nil || m.Epoch != d.now.Epoch || !d.catch.answer(from) || !d.catch.complete() {
		return
	}
	d.scanned()
}

// scanned goes on once the values are valid.
func (d *driver) scanned() {
	next, _, _ := d.part.parts.Next(d.now)
	d.decide(next)
}

// decide proposes the configuration that follows on the present one, and goes on with what was
// decided.
func (d *driver) decide(next Configuration) {
	next.Floor = max(next.Floor, d.highest)
	next.Newcomers = next.newcomersAfter(d.now)
	to := &replacement{d.driving(), d.now.Epoch, next}
	d.part.change(configurationKey, to, false, to)
}

// replacement is the change from the configuration of an epoch to the next, and its client.
type replacement struct {
	driving
	from uint64
	next Configuration
}

// Apply is x → if x = (from, *) then next else x.
func (r *replacement) Apply(s State) Next {
	c, status := r.decoded(Outcome{Status: Done, State: s})
	if status != Done || c.Epoch != r.from {
		return Next{}
	}
	return Next{Changes: true, Exists: true, Value: r.next.encode(), Result: true}
}

func (r *replacement) ended(o Outcome) {
	if r.over() {
		return
	}
	decided := o.Result == true // Otherwise another has decided something else.
	if decided && slices.Equal(r.next.Target, r.wanted) {
		r.wanted = nil
	}
	if decided && slices.Equal(r.next.Proposers, r.propose) {
		r.propose = nil
	}
	r.begin()
}

// scanAtOnce is how many registers a scan has under way: enough that forces are shared by many.
const scanAtOnce = 512

// scan is the identity transition of every key (§2.3.1): of those listed from a place on, and then of
// the rest.
func (d *driver) scan(from Place) { d.part.list(from, 0, scanning{d.driving(), from}) }

// scanning is who lists for a scan, and the client of its transitions.
type scanning struct {
	driving
	from Place
}

func (d scanning) listed(keys []Listed, next Place) {
	if d.over() {
		return
	}
	if d.from == first() {
		keys = append(keys, Listed{Key: configurationKey})
	}
	d.keys, d.underWay, d.next = keys, 0, next
	d.transit()
}

func (scanning) broken() {}

// transit carries out x → x at the keys that were listed, and goes on when none is left.
func (d scanning) transit() {
	for !d.over() && len(d.keys) > 0 && d.underWay < scanAtOnce {
		key := d.keys[0].Key
		d.keys = d.keys[1:]
		d.underWay++
		d.part.change(key, Read{}, false, d)
	}
	switch {
	case d.over() || len(d.keys) > 0 || d.underWay > 0:
	case d.next.End():
		d.scanned()
	default:
		d.scan(d.next)
	}
}

func (d scanning) ended(o Outcome) {
	if d.over() {
		return
	}
	d.underWay--
	if o.Status == NotMember {
		d.end(NotMember)
		return
	}
	d.transit()
}

// restarted asks a process again that may have crashed before it answered.
func (d *driver) restarted(q process.ID) {
	d.install.restarted(q)
	d.catch.restarted(q)
}
