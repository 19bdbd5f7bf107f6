package caspaxostest

import (
	"time"

	"paxon/caspaxos"
	"paxon/conformance"
	"paxon/history/keys"
	"paxon/process"
	"paxon/retransmit"
)

// script is a story without faults but those that it makes. It begins with three members.
type script struct {
	name      string
	processes int
	tell      func(s *stage)
}

func scripts() []script {
	return []script{
		{"an accept comes when its key was collected", 3, lateAccept},
		{"a copy does not hear of a deletion", 3, unheard},
		{"an answer comes to the next incarnation", 3, lateAnswer},
		{"a removal comes when its key was deleted again", 3, lateRemove},
		{"an accept is of an earlier configuration", 5, earlierAccept},
		{"a proposer is none for a while", 4, away},
		{"a proposer is added before a collection", 4, added},
		{"a removal comes when the next change is promised", 3, promised},
		{"a member comes back that has not heard that it was none", 4, comesBack},
		{"a proposer begins again after a crash", 4, beginsAgain},
	}
}

// run tells the story, and checks what was seen.
func (r script) run(f Factory) []*conformance.Failure {
	s := planned(f, quiet(conformance.CrashRecovery()), quietly(r.processes, 3), 1, nil)
	s.protect(func() {
		for _, p := range s.World.All() {
			s.World.Start(p)
		}
		r.tell(s)
		clear(s.held)
		s.release(func(kept) bool { return true })
		s.healed = true
		s.end()
		s.failures = append(s.failures, check(s.tree, s.operations)...)
	})
	for _, f := range s.failures {
		f.Layer, f.Replay = conformance.Script, r.name
	}
	return s.failures
}

// does has a process do an operation, and waits until it is answered.
func (s *stage) does(p process.ID, kind keys.Kind) {
	o := &operation{key: "k0", kind: kind}
	s.operate(p, o)
	s.until(func() bool { return o.answer > 0 })
}

// hold holds up all messages on a link, holdAsks those that prepare or accept, and holdAccepts the latter.
func (s *stage) hold(from, to process.ID) {
	s.held[[2]process.ID{from, to}] = func(retransmit.Packet) bool { return true }
}

func (s *stage) holdAsks(from, to process.ID) {
	s.held[[2]process.ID{from, to}] = func(packet retransmit.Packet) bool {
		_, ok := packet.Body.(caspaxos.Ask)
		return ok
	}
}

func (s *stage) holdAccepts(from, to process.ID) {
	s.held[[2]process.ID{from, to}] = func(packet retransmit.Packet) bool {
		a, ok := packet.Body.(caspaxos.Ask)
		return ok && a.Kind == caspaxos.Accept
	}
}

// release lets go of messages that were held up.
func (s *stage) release(which func(k kept) bool) {
	all := s.kept
	s.kept = nil
	for _, k := range all {
		if which(k) {
			k.send()
		} else {
			s.kept = append(s.kept, k)
		}
	}
}

// pass lets some time go by.
func (s *stage) pass(d time.Duration) { s.World.Until(s.World.Now() + d) }

// lateAccept has p3 get an accept of p1 when the key was deleted and collected since.
func lateAccept(s *stage) {
	s.hold(1, 3)
	s.does(1, keys.Set)
	s.does(2, keys.Delete)
	s.until(func() bool {
		return s.part(1).Copies()+s.part(2).Copies()+s.part(3).Copies() == 0
	})
	s.release(func(k kept) bool {
		m, ok := k.packet.Body.(caspaxos.Ask)
		return ok && m.Kind == caspaxos.Accept
	})
	s.pass(5 * time.Millisecond)
	s.hold(2, 1)
	s.does(2, keys.Read)
}

// unheard has p3 be asked for nothing while the key is deleted, and then ask p1.
func unheard(s *stage) {
	s.does(1, keys.Set)
	s.pass(50 * time.Millisecond)
	s.holdAsks(1, 3)
	s.holdAsks(2, 3)
	s.does(2, keys.Delete)
	s.pass(time.Second)
	s.hold(3, 2)
	s.does(3, keys.Read)
}

// lateAnswer has p1 look when its earlier incarnation has, and answers to that one are still on their
// way.
func lateAnswer(s *stage) {
	s.does(2, keys.Append)
	s.hold(2, 1)
	s.hold(3, 1)
	s.operate(1, &operation{key: "k0", kind: keys.Read, look: true})
	s.pass(5 * time.Millisecond)
	s.World.Crash(1)
	s.does(2, keys.Append)
	s.World.Start(1)
	s.operate(1, &operation{key: "k0", kind: keys.Read, look: true})
	s.release(func(k kept) bool {
		_, ok := k.packet.Body.(caspaxos.Seen)
		return ok
	})
	s.pass(5 * time.Millisecond)
}

// reconfigures has a process change the membership, and waits until it is done.
func (s *stage) reconfigures(p process.ID, kind kindOfChange, target ...process.ID) {
	if c := s.reconfigure(p, kind, target); c != nil {
		s.until(func() bool { return c.ended })
	}
}

// alone holds up all messages from and to a process.
func (s *stage) alone(p process.ID) {
	for _, q := range s.World.All() {
		if q != p {
			s.hold(p, q)
			s.hold(q, p)
		}
	}
}

// mend has messages from one process to another come again, and those that were held up of a type.
func mend[M caspaxos.Message](s *stage, from, to process.ID) {
	delete(s.held, [2]process.ID{from, to})
	s.release(func(k kept) bool {
		_, ok := k.packet.Body.(M)
		return ok && k.link == [2]process.ID{from, to}
	})
}

// earlierAccept has p3 get an accept of p1, which it has promised, when there are five members, and the
// key was changed where neither has heard of it.
func earlierAccept(s *stage) {
	s.does(1, keys.Set)
	s.alone(1)
	s.operate(1, &operation{key: "k0", kind: keys.Append})
	s.reconfigures(3, ofMembers, 1, 2, 3, 4, 5)
	s.holdAsks(2, 3)
	s.does(2, keys.Append)
	mend[caspaxos.Ask](s, 1, 3)
	mend[caspaxos.Answer](s, 3, 1)
	s.pass(20 * time.Millisecond)
}

// away has p4 begin a change that p1 takes and builds on, and not hear that it proposes no more, that the
// key is deleted and collected, and that it proposes again.
func away(s *stage) {
	s.reconfigures(1, ofProposers, 1, 4)
	s.until(func() bool { return s.part(4).Configuration().Epoch > 1 })
	for _, p := range []process.ID{2, 3} {
		s.holdAccepts(4, p)
	}
	s.operate(4, &operation{key: "k0", kind: keys.Append})
	s.pass(5 * time.Millisecond)
	s.alone(4)
	s.holdAsks(1, 2)
	s.does(1, keys.Append)
	mend[caspaxos.Ask](s, 1, 2)
	s.reconfigures(1, ofProposers, 1)
	s.does(1, keys.Delete)
	s.until(func() bool { return s.part(1).Copies()+s.part(2).Copies()+s.part(3).Copies() == 3 })
	s.reconfigures(1, ofProposers, 1, 4)
}

// added has p4, which was added, go on with what it has written when that was deleted and collected.
func added(s *stage) {
	s.reconfigures(1, ofProposers, 1, 4)
	s.until(func() bool { return s.part(4).Configuration().Epoch > 1 })
	s.does(4, keys.Set)
	s.does(1, keys.Delete)
	s.until(func() bool { return s.part(1).Copies()+s.part(2).Copies()+s.part(3).Copies() == 3 })
	s.does(4, keys.Append)
}

// lateRemove has p3 get what asks for the removal of one tombstone when it holds a later one, and p1,
// who has not heard of that, ask it.
func lateRemove(s *stage) {
	s.does(1, keys.Set)
	s.held[[2]process.ID{1, 3}] = func(packet retransmit.Packet) bool {
		_, ok := packet.Body.(caspaxos.Remove)
		return ok
	}
	s.does(1, keys.Delete)
	s.until(func() bool { return s.part(1).Copies()+s.part(2).Copies() == 0 })
	s.does(2, keys.Set)
	s.pass(10 * time.Millisecond)
	s.holdAsks(2, 1)
	s.does(2, keys.Delete)
	mend[caspaxos.Remove](s, 1, 3)
	s.pass(2 * time.Millisecond)
	s.holdAsks(1, 2)
	s.does(1, keys.Read)
}

// promised has p3 be asked for the removal of a tombstone when it has promised p2 the next round, and p1
// change the key in a lower one, before p3 gets what p2 writes.
func promised(s *stage) {
	s.does(1, keys.Set)
	for _, p := range []process.ID{2, 3} {
		s.held[[2]process.ID{1, p}] = func(packet retransmit.Packet) bool {
			_, ok := packet.Body.(caspaxos.Remove)
			return ok
		}
	}
	s.does(1, keys.Delete)
	s.until(func() bool { return s.part(1).Copies() == 0 })
	s.holdAsks(2, 1)
	s.holdAccepts(2, 3)
	s.operate(2, &operation{key: "k0", kind: keys.Set})
	s.pass(5 * time.Millisecond)
	s.holdAsks(1, 2)
	mend[caspaxos.Remove](s, 1, 3)
	s.pass(2 * time.Millisecond)
	s.does(1, keys.Set)
	mend[caspaxos.Ask](s, 2, 3)
	s.pass(5 * time.Millisecond)
}

// comesBack has p4 be a member, and hear nothing from when it is removed until it is added again. What it
// holds was deleted and collected meanwhile.
func comesBack(s *stage) {
	s.reconfigures(1, ofMembers, 1, 2, 3, 4)
	s.does(1, keys.Set)
	s.until(func() bool { return s.part(4).Copies() == 2 })
	s.alone(4)
	s.reconfigures(1, ofMembers, 1, 2, 3)
	s.does(1, keys.Delete)
	s.until(func() bool { return s.part(1).Copies()+s.part(2).Copies()+s.part(3).Copies() == 3 })
	c := s.reconfigure(1, ofMembers, []process.ID{1, 2, 3, 4})
	s.until(func() bool { return len(s.part(1).Configuration().Learners) > 0 })
	s.pass(50 * time.Millisecond)
	s.kept = nil // Whatever is of an earlier configuration is lost.
	clear(s.held)
	s.until(func() bool { return c == nil || c.ended })
	s.does(4, keys.Read)
}

// beginsAgain has p4, which holds no copies, crash when one has accepted what it writes, and then write
// something else where that is not.
func beginsAgain(s *stage) {
	s.reconfigures(1, ofProposers, 1, 4)
	s.until(func() bool { return s.part(4).Configuration().Epoch > 1 })
	for _, p := range []process.ID{1, 3} {
		s.holdAccepts(4, p)
	}
	s.operate(4, &operation{key: "k0", kind: keys.Append})
	s.pass(20 * time.Millisecond)
	s.World.Crash(4)
	s.World.Start(4)
	clear(s.held)
	s.kept = nil
	s.hold(4, 2)
	s.does(4, keys.Append)
}
