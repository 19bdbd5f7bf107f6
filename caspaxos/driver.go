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
	asked   *asked         // What was asked for here and is not in the configuration yet.
	decided []func(Status) // Who waits until what is in it is in force,
	waiters []func(Status) // or until its target is reached.
	busy    bool
	reads   bool   // It reads the configuration that was decided last, to begin with.
	run     uint64 // Counts what was begun, so that what was broken off is not mistaken.
	force   uint64 // The epoch that is known to be in force.
	highest uint64 // Of the rounds that were promised in the one before.
	quiet   int    // For how many ticks no other process has been heard to drive.
	now     Configuration
	install *poll
	catch   *poll

	keys     []Listed             // That a scan has listed, and not begun with,
	underWay int                  // how many it has under way,
	next     Place                // and where it goes on.
	rewrote  process.Derived[int] // How many registers, in this run: it is told, and nothing comes of it.
}

// driving is what a driver waits for in a run.
type driving struct {
	*driver
	during uint64
}

// over says that it was broken off.
func (d driving) over() bool { return d.run != d.during }

func (d *driver) driving() driving { return driving{d, d.run} }

// asked is an edit, and who waits for it.
type asked struct {
	edit    Edit
	waiters []func(Status)
	// Proposed says that it may be made, and undone by others. Later are those who have asked since: for them
	// it is to be made again then.
	proposed bool
	later    []func(Status)
}

// join has somebody wait who asks for the same.
func (a *asked) join(done func(Status)) {
	if a.proposed {
		a.later = append(a.later, done)
	} else {
		a.waiters = append(a.waiters, done)
	}
}

// Reconfigure has the acceptors, and proposers, become those given, step by step while the cluster
// serves. Done is called once the last configuration is in force, or with NotMember if this process
// cannot go on because it was removed itself; then others do. Where another target takes the place of
// this one before it is reached, done is called once that one is. The status is Full if another change
// waits here to begin, Invalid if the target is not some processes in ascending order that there are
// links to.
//
// It takes the place of whatever was asked for before, elsewhere, too. An Edit does not.
func (p *CASPaxos) Reconfigure(target []process.ID, done func(Status)) Status {
	return p.Edit(Edit{Target: target}, done)
}

// ReconfigureProposers has the proposers become those given (§2.3.4), and leaves the acceptors. A
// proposer need not be an acceptor, nor the other way round. It is one step: the epoch shuts out
// whoever is no proposer any more, whether he can be reached or not, and the floors that acceptors keep
// stand in for what one that is new has missed. Done is called, and the status is, as for an Edit. At
// tells all hosts where some of them are.
func (p *CASPaxos) ReconfigureProposers(
	proposers []process.ID, at []Address, done func(Status),
) Status {
	return p.Edit(Edit{Proposers: proposers, At: at}, done)
}

// Edit makes an edit of the configuration that was decided last. Done is called once one that has it is
// in force, from when on others go on with it if this process does not, or, with a Target, as for
// Reconfigure. It is told NotMember if this process was removed meanwhile, and it is not known whether
// the edit was made; Full if it is about who proposes, and the acceptors are changing; and Unled. The
// status is Full if another edit waits here to begin; whoever asks for the same waits with those who
// have, or, where that may be made and undone already, has it made again if it was. It is Invalid if the
// edit contradicts itself, is empty, or names processes not in ascending order, or for a part in the
// cluster one that there is no link to.
func (p *CASPaxos) Edit(e Edit, done func(Status)) Status {
	d := &p.driver
	changing := len(p.standing.Configuration.Target) > 0
	switch {
	case p.parts.Cells == nil || !p.proposes():
		return NotMember
	case !e.sensible() || !p.reaches(e):
		return Invalid
	case d.asked != nil && d.asked.edit.equal(e):
		d.asked.join(done)
		return Pending
	case d.asked != nil || changing && len(e.Proposers) > 0:
		return Full
	}
	d.asked = &asked{edit: e, waiters: []func(Status){done}}
	if d.busy && !d.reads && d.force == d.now.Epoch {
		p.change(configurationKey, Read{}, false, looking{d.driving()})
	} else {
		d.begin()
	}
	return Pending
}

// reaches says whether there are, or will be, links to all that are to take part by an edit.
func (p *CASPaxos) reaches(e Edit) bool {
	known := slices.Clone(p.parts.Net.All())
	for _, a := range slices.Concat(e.At, e.Known) {
		known = append(known, a.Process)
	}
	return len(lacking(slices.Concat(e.Target, e.Proposers, e.Add, e.Propose), known)) == 0
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
	return d.asked != nil || len(c.Target) > 0 || !c.Valid
}

// begin reads the configuration that was decided last. What was under way is broken off.
func (d *driver) begin() {
	d.stop()
	d.busy, d.reads = true, true
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
	d.now, d.reads = c, false
	d.part.adopt(c, nil)
	if !d.over() { // Otherwise it has begun again in that configuration.
		d.enforce()
	}
}

// looking is the client of a read for what was asked for in the midst of a run, which goes on if there is
// nothing new: it may have most keys behind it.
type looking struct{ driving }

func (d looking) ended(o Outcome) {
	if d.over() {
		return
	}
	c, status := d.decoded(o)
	switch {
	case status != Done:
		d.end(status)
	case c.Epoch != d.now.Epoch:
		d.begin()
	default:
		waiters, status := d.judge()
		tell(waiters, status)
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
	d.install, d.catch, d.keys, d.reads = nil, nil, nil, false
	d.rewrote.Value = 0
}

// end tells those who wait.
func (d *driver) end(status Status) {
	d.stop()
	waiters := slices.Concat(d.waiters, d.decided)
	if d.asked != nil {
		waiters = append(waiters, slices.Concat(d.asked.waiters, d.asked.later)...)
	}
	d.busy, d.asked, d.decided, d.waiters = false, nil, nil, nil
	tell(waiters, status)
}

func tell(waiters []func(Status), status Status) {
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

// step goes on from a configuration that is in force. Those who wait are told last: they may ask again.
func (d *driver) step() {
	inForce := d.decided
	d.decided = nil
	waiters, status := d.judge()
	if status != Pending {
		d.advance()
	}
	tell(inForce, Done)
	tell(waiters, status)
}

// judge has what was asked for made, with Pending. Otherwise nothing is asked for any more, and it gives
// those who are to be told that it is so already, in a configuration that is in force, or is refused.
func (d *driver) judge() (waiters []func(Status), status Status) {
	a := d.asked
	if a == nil {
		return nil, Done
	}
	next, status := a.edit.on(d.now)
	switch {
	case status == Pending:
		a.proposed = true
		d.decide(next, a)
		return nil, Pending
	case status == Done && len(a.edit.Target) > 0:
		d.taken()
		return nil, Done
	}
	d.asked = nil
	return slices.Concat(a.waiters, a.later), status
}

// taken has those who asked wait for what is in the configuration now.
func (d *driver) taken() {
	if len(d.asked.edit.Target) > 0 {
		d.waiters = append(d.waiters, d.asked.waiters...)
	} else {
		d.decided = append(d.decided, d.asked.waiters...)
	}
	if d.asked.later == nil {
		d.asked = nil
		return
	}
	d.asked = &asked{edit: d.asked.edit, waiters: d.asked.later}
}

// advance does what the next configuration needs.
func (d *driver) advance() {
	next, need, done := d.part.parts.Next(d.now)
	switch {
	case done:
		d.end(Done)
	case need == NeedReplica && !(d.part.parts.Limits.Rescan && !d.now.Valid):
		var learners []process.ID
		for _, l := range d.now.Learners {
			learners = append(learners, l.Process)
		}
		d.catch = ask(d.part.parts.Net, learners, Catch{d.now.Epoch})
	case need == NeedNothing:
		d.decide(next, nil)
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
	d.decide(next, nil)
}

// decide proposes the configuration that follows on the present one, by what was asked for or by the plan,
// and goes on with what was decided.
func (d *driver) decide(next Configuration, by *asked) {
	next.Floor = max(next.Floor, d.highest)
	next.Newcomers = next.newcomersAfter(d.now)
	to := &replacement{d.driving(), d.now.Epoch, next, by}
	d.part.change(configurationKey, to, false, to)
}

// replacement is the change from the configuration of an epoch to the next, and its client.
type replacement struct {
	driving
	from uint64
	next Configuration
	by   *asked // nil for the plan.
}

// Apply is x → if x = (from, *) then next else x.
func (r *replacement) Apply(s State) Next {
	c, status := r.decoded(Outcome{Status: Done, State: s})
	if status != Done || c.Epoch != r.from {
		return Next{}
	}
	return Next{Changes: true, Exists: true, Value: r.next.encode(), Result: true}
}

// ended takes notice of an edit that was made also where the run was broken off: it must not be made again
// to what others make of it.
func (r *replacement) ended(o Outcome) {
	decided := o.Result == true // Otherwise another has decided something else.
	if decided && r.by != nil && r.asked != nil && r.by.edit.equal(r.asked.edit) {
		r.taken()
	}
	switch {
	case r.over():
	case r.by != nil && o.Status == NotMember: // It may be made, and undone, and must not be made again.
		r.end(NotMember)
	default:
		r.begin()
	}
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
	d.rewrote.Value++
	if o.Status == NotMember {
		d.end(NotMember)
		return
	}
	d.transit()
}

// Scanned is how many registers have got valid values in the present configuration by what this process does
// (§2.3.1), 0 if it does nothing of the kind.
func (p *CASPaxos) Scanned() int { return p.driver.rewrote.Value }

// restarted asks a process again that may have crashed before it answered.
func (d *driver) restarted(q process.ID) {
	d.install.restarted(q)
	d.catch.restarted(q)
}
