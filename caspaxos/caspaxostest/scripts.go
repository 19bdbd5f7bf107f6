package caspaxostest

import (
	"time"

	"paxon/caspaxos"
	"paxon/conformance"
	"paxon/history/keys"
	"paxon/process"
	"paxon/retransmit"
)

// script is a story of three processes without faults but those that it makes.
type script struct {
	name string
	tell func(s *stage)
}

func scripts() []script {
	return []script{
		{"an accept comes when its key was collected", lateAccept},
		{"a copy does not hear of a deletion", unheard},
		{"an answer comes to the next incarnation", lateAnswer},
	}
}

// run tells the story, and checks what was seen.
func (r script) run(f Factory) []*conformance.Failure {
	s := planned(f, quiet(conformance.CrashRecovery()), quietly(3), 1, nil)
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

// hold holds up all messages on a link, and holdAsks those that prepare or accept.
func (s *stage) hold(from, to process.ID) {
	s.held[[2]process.ID{from, to}] = func(retransmit.Packet) bool { return true }
}

func (s *stage) holdAsks(from, to process.ID) {
	s.held[[2]process.ID{from, to}] = func(packet retransmit.Packet) bool {
		_, ok := packet.Body.(caspaxos.Ask)
		return ok
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
