package caspaxos

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"paxon/process"
)

// Configuration says who proposes, and which quorums there are (appendix B, §2.3). It never changes:
// a change of membership is a chain of configurations, each of which can be in force beside the one
// before it.
type Configuration struct {
	// Epoch numbers the configurations of a cluster, from 1 on.
	Epoch uint64
	// Proposers are in ascending order.
	Proposers []process.ID
	// Newcomers are those of them that were none in some configuration before, in the same order.
	Newcomers []Newcomer
	// Prepare and Accept are the quorums of the two phases. Any two of them meet.
	Prepare, Accept Quorums
	// FormerPrepare and FormerAccept are those of the epoch before. Once this configuration is at a
	// set of acceptors that blocks both, nobody completes a phase in the epoch before.
	FormerPrepare, FormerAccept Quorums
	// Floor is at least the number of each round that a prepare quorum of an epoch before the former
	// one has promised. Rounds of this epoch are above it: see TestRoundsOfEarlierMembers.
	Floor uint64
	// Learners get copies of all registers, to become acceptors.
	Learners []Learner
	// Valid says that every value which was acknowledged, or a descendant of it, is at an accept
	// quorum of this configuration.
	Valid bool
	// Target are the acceptors, and proposers, that there are to be; none if no change is under way.
	// Meanwhile nothing is collected.
	Target []process.ID
	// Addresses tell hosts where processes are, in ascending order; of those that are not among them
	// a host knows by itself. This part makes no use of them.
	Addresses []Address
}

// Address is where a process is.
type Address struct {
	Process process.ID
	At      string
}

// Learner is a process that began to learn in an epoch, with nothing.
type Learner struct {
	Process process.ID
	Since   uint64
}

// Newcomer is a proposer that was none in the epoch before Since, and in all since then.
type Newcomer struct {
	Process process.ID
	Since   uint64
}

// Initial is the configuration that a cluster begins with: majorities of some processes.
func Initial(members []process.ID) Configuration {
	q := MajorityOf(members)
	return Flexible(members, q, q)
}

// Flexible is one with any quorums (appendix B).
func Flexible(proposers []process.ID, prepare, accept Quorums) Configuration {
	return Configuration{
		Epoch: 1, Proposers: proposers, Prepare: prepare, Accept: accept,
		FormerPrepare: prepare, FormerAccept: accept, Valid: true,
	}
}

// Acceptors are all who are in a quorum.
func (c Configuration) Acceptors() []process.ID {
	return union(c.Prepare.Members(), c.Accept.Members())
}

// Members are all who take part: acceptors, proposers and learners.
func (c Configuration) Members() []process.ID {
	members := union(c.Acceptors(), c.Proposers)
	for _, l := range c.Learners {
		members = union(members, []process.ID{l.Process})
	}
	return members
}

// learner gives since when a process learns, 0 if it does not.
func (c Configuration) learner(p process.ID) (since uint64) {
	for _, l := range c.Learners {
		if l.Process == p {
			return l.Since
		}
	}
	return 0
}

// newcomer gives since when a process proposes, 0 if it does from the beginning, or not.
func (c Configuration) newcomer(p process.ID) (since uint64) {
	for _, n := range c.Newcomers {
		if n.Process == p {
			return n.Since
		}
	}
	return 0
}

// newcomersAfter are those of a configuration that comes after another.
func (c Configuration) newcomersAfter(o Configuration) []Newcomer {
	var all []Newcomer
	for _, p := range c.Proposers {
		since := o.newcomer(p)
		if !has(o.Proposers, p) {
			since = c.Epoch
		}
		if since > 0 {
			all = append(all, Newcomer{p, since})
		}
	}
	return all
}

// DisjointError says that two quorums which must meet need not.
type DisjointError struct{ Prepare, Accept []process.ID }

func (e *DisjointError) Error() string {
	return fmt.Sprintf("caspaxos: the prepare quorum %v misses the accept quorum %v: expected a "+
		"common process of any two, so that who prepares sees what was accepted", e.Prepare, e.Accept)
}

// Check says what is wrong with the configuration, nil if nothing is. The error may be a
// *DisjointError.
func (c Configuration) Check() error {
	if c.Epoch == 0 {
		return errors.New("caspaxos: a configuration of epoch 0: expected 1 or more")
	}
	if len(c.Proposers) == 0 || !ascending(c.Proposers) {
		return fmt.Errorf("caspaxos: the proposers %v: expected some in ascending order", c.Proposers)
	}
	for _, q := range []Quorums{c.Prepare, c.Accept, c.FormerPrepare, c.FormerAccept} {
		if err := q.check(); err != nil {
			return fmt.Errorf("caspaxos: %w", err)
		}
	}
	return meet(c.Prepare, c.Accept)
}

// meet says that any two quorums meet, or gives a *DisjointError.
func meet(prepare, accept Quorums) error {
	if p, a, found := Disjoint(prepare, accept); found {
		return &DisjointError{p, a}
	}
	return nil
}

// follows says why the configuration cannot be in force beside the one before it, nil if it can.
func (c Configuration) follows(o Configuration) error {
	return errors.Join(meet(c.Prepare, c.Accept), meet(c.Prepare, o.Accept), meet(o.Prepare, c.Accept))
}

// Need is what must be so before the next configuration may be installed.
type Need int

// The needs.
const (
	NeedNothing Need = iota
	// NeedScan is the identity transition of every key (§2.3.1, step 3).
	NeedScan
	// NeedReplica is that the learners have a copy of what a prepare quorum holds (§2.3.3). Where the
	// configuration grows, that will do in the place of a scan.
	NeedReplica
)

// Next is the next configuration on the way to the target, and what it needs. Done says that there is
// none.
//
// The way is that of §2.3: from an odd number of acceptors to an even one the accept quorums grow,
// the values become valid, and then the prepare quorums grow; from even to odd both grow at once,
// the new acceptor counting as one that has been down. Removal goes the other way round. Whatever
// the numbers, the next step waits until all values are valid.
func (c Configuration) Next() (n Configuration, need Need, done bool) {
	n = c
	n.Epoch++
	n.FormerPrepare, n.FormerAccept = c.Prepare, c.Accept
	acceptors := c.Acceptors()
	added, removed := c.difference(acceptors)
	growing := firstOf(c.Accept.Members(), func(p process.ID) bool {
		return c.learner(p) != 0 && !slices.Contains(c.Prepare.Members(), p)
	})
	switch {
	case !c.Valid:
		n.Valid = true
		if growing != 0 && slices.Contains(c.Target, growing) {
			return n, NeedReplica, false
		}
		return n, NeedScan, false
	case len(c.Target) == 0:
		return c, NeedNothing, true
	case growing != 0 && slices.Contains(c.Target, growing):
		n.Prepare = c.Accept
		n = n.joined(growing)
	case c.Prepare.majority() && c.Accept.majority() && !c.regular():
		n.Accept = c.Prepare // Back, or on the way down.
		n.Learners = nil
		n.Proposers = c.proposersAfter(firstOf(c.Accept.Members(), func(p process.ID) bool {
			// It may have been asked to propose again, and then to go after all.
			return !slices.Contains(c.Prepare.Members(), p) && c.learner(p) == 0 && !has(c.Target, p)
		}))
	case !c.regular():
		n.Prepare, n.Accept = c.regulated()
	case added != 0 && c.learner(added) == 0:
		n.Learners = append(slices.Clone(c.Learners), Learner{added, n.Epoch})
	case added != 0:
		need = NeedReplica
		n.Accept = MajorityOf(union(acceptors, []process.ID{added}))
		if len(acceptors)%2 == 0 {
			n.Prepare = n.Accept
			n = n.joined(added)
		}
	case removed != 0:
		n.Proposers = c.proposersAfter(removed)
		n.Prepare = MajorityOf(without(acceptors, removed))
		if len(acceptors)%2 == 1 {
			n.Accept = n.Prepare
		}
	default:
		n.Target, n.Learners = nil, nil
	}
	n.Valid = c.Accept.holds(n.Accept)
	if err := n.follows(c); err != nil {
		panic(err) // It was planned wrongly.
	}
	return n, need, false
}

// joined is the configuration with a learner that is an acceptor and a proposer in full.
func (c Configuration) joined(p process.ID) Configuration {
	c.Learners = slices.DeleteFunc(slices.Clone(c.Learners), func(l Learner) bool {
		return l.Process == p
	})
	c.Proposers = union(c.Proposers, []process.ID{p})
	return c
}

// proposersAfter are the proposers once a process has gone.
func (c Configuration) proposersAfter(gone process.ID) []process.ID {
	if proposers := without(c.Proposers, gone); len(proposers) > 0 {
		return proposers
	}
	return c.Target // Somebody must: the others are no acceptors alone any more.
}

// difference gives an acceptor of the target that there is not yet, and one that is to go.
func (c Configuration) difference(acceptors []process.ID) (added, removed process.ID) {
	added = firstOf(c.Target, func(p process.ID) bool { return !slices.Contains(acceptors, p) })
	removed = firstOf(acceptors, func(p process.ID) bool { return !slices.Contains(c.Target, p) })
	return added, removed
}

// firstOf is the first of some processes that is as asked for, 0 if none is.
func firstOf(ids []process.ID, is func(p process.ID) bool) process.ID {
	for _, p := range ids {
		if is(p) {
			return p
		}
	}
	return 0
}

// regular says that the quorums are majorities of the acceptors.
func (c Configuration) regular() bool { return c.Accept.majority() && c.Prepare.equal(c.Accept) }

// majority says that the quorums are majorities.
func (q Quorums) majority() bool {
	return len(q.Sets) == 0 && q.Least == process.Majority(len(q.Among))
}

// regulated goes from any quorums of the same processes towards majorities: all prepare, and so see
// what any accept quorum holds, until majorities have accepted everything.
func (c Configuration) regulated() (prepare, accept Quorums) {
	acceptors := c.Acceptors()
	all := Quorums{Among: acceptors, Least: len(acceptors)}
	majority := MajorityOf(acceptors)
	switch {
	case majority.equal(c.Accept):
		return majority, c.Accept
	case all.equal(c.Prepare):
		return c.Prepare, majority
	}
	return all, c.Accept
}

func (q Quorums) equal(o Quorums) bool {
	return slices.Equal(q.Among, o.Among) && q.Least == o.Least &&
		slices.EqualFunc(q.Sets, o.Sets, slices.Equal)
}

// toward is the configuration with another target, and other addresses of some processes.
func (c Configuration) toward(target []process.ID, addresses []Address) Configuration {
	n := c
	n.Addresses = slices.Clone(c.Addresses)
	for _, a := range addresses {
		i, found := slices.BinarySearchFunc(n.Addresses, a.Process, func(o Address, p process.ID) int {
			return cmp.Compare(o.Process, p)
		})
		if !found {
			n.Addresses = slices.Insert(n.Addresses, i, a)
		}
		n.Addresses[i] = a
	}
	n.Epoch++
	n.FormerPrepare, n.FormerAccept = c.Prepare, c.Accept
	n.Target = target
	acceptors := c.Acceptors()
	n.Learners = slices.DeleteFunc(slices.Clone(c.Learners), func(l Learner) bool {
		return !has(target, l.Process) && !has(acceptors, l.Process) // It is not waited for any more.
	})
	return n
}

// encode is the configuration as the register of configurationKey holds it.
func (c Configuration) encode() []byte {
	b := binary.AppendUvarint(nil, c.Epoch)
	b = appendIDs(b, c.Proposers)
	b = binary.AppendUvarint(b, uint64(len(c.Newcomers)))
	for _, n := range c.Newcomers {
		b = binary.AppendUvarint(b, uint64(n.Process))
		b = binary.AppendUvarint(b, n.Since)
	}
	for _, q := range []Quorums{c.Prepare, c.Accept, c.FormerPrepare, c.FormerAccept} {
		b = appendIDs(b, q.Among)
		b = binary.AppendUvarint(b, uint64(q.Least))
		b = binary.AppendUvarint(b, uint64(len(q.Sets)))
		for _, s := range q.Sets {
			b = appendIDs(b, s)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(c.Learners)))
	for _, l := range c.Learners {
		b = binary.AppendUvarint(b, uint64(l.Process))
		b = binary.AppendUvarint(b, l.Since)
	}
	b = binary.AppendUvarint(b, c.Floor)
	valid := uint64(0)
	if c.Valid {
		valid = 1
	}
	b = binary.AppendUvarint(b, valid)
	b = appendIDs(b, c.Target)
	b = binary.AppendUvarint(b, uint64(len(c.Addresses)))
	for _, a := range c.Addresses {
		b = binary.AppendUvarint(b, uint64(a.Process))
		b = binary.AppendUvarint(b, uint64(len(a.At)))
		b = append(b, a.At...)
	}
	return b
}

func appendIDs(b []byte, ids []process.ID) []byte {
	b = binary.AppendUvarint(b, uint64(len(ids)))
	for _, p := range ids {
		b = binary.AppendUvarint(b, uint64(p))
	}
	return b
}

// decodeConfiguration reads what encode wrote.
func decodeConfiguration(b []byte) (Configuration, error) {
	r := reader{rest: b}
	c := Configuration{Epoch: r.uint(), Proposers: r.ids()}
	for range r.count() {
		c.Newcomers = append(c.Newcomers, Newcomer{process.ID(r.uint()), r.uint()})
	}
	for _, q := range []*Quorums{&c.Prepare, &c.Accept, &c.FormerPrepare, &c.FormerAccept} {
		q.Among, q.Least = r.ids(), int(r.uint())
		for range r.count() {
			q.Sets = append(q.Sets, r.ids())
		}
	}
	for range r.count() {
		c.Learners = append(c.Learners, Learner{process.ID(r.uint()), r.uint()})
	}
	c.Floor = r.uint()
	c.Valid = r.uint() == 1
	c.Target = r.ids()
	for range r.count() {
		c.Addresses = append(c.Addresses, Address{process.ID(r.uint()), string(r.bytes())})
	}
	if r.bad || len(r.rest) > 0 {
		return Configuration{}, errors.New("caspaxos: no encoded configuration")
	}
	return c, c.Check()
}

// reader reads numbers from bytes, 0 once something was wrong.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) uint() uint64 {
	u, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return u
}

// count is a number of things of at least a byte each that are still to come.
func (r *reader) count() uint64 {
	n := r.uint()
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return 0
	}
	return n
}

// bytes are as many as a number before them says.
func (r *reader) bytes() []byte {
	n := r.count()
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) ids() []process.ID {
	var ids []process.ID
	for range r.count() {
		id := r.uint()
		if id > 1<<32-1 {
			r.bad = true
		}
		ids = append(ids, process.ID(id))
	}
	return ids
}
