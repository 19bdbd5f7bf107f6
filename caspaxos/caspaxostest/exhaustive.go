package caspaxostest

import (
	"cmp"
	"fmt"
	"time"

	"paxon/caspaxos"
	"paxon/conformance"
	"paxon/history/keys"
	"paxon/process"
)

// mostSchedules is how many schedules of each story the layer exhaustive does by default: of ours, all in
// which one message suffers.
const mostSchedules = 470

// fate is what becomes of one message, beside what happens in the plain run.
type fate int

// The fates.
const (
	late            fate = iota // It comes when all else has ended.
	lost                        // It does not come.
	receiverCrashes             // Who it is for crashes when it has come, and recovers.
	senderCrashes               // Who has sent it crashes.
	fates
)

func (f fate) String() string {
	return [...]string{"late", "lost", "receiver crashes", "sender crashes"}[f]
}

// deviation is the fate of the message of a number, counted as they are sent.
type deviation struct {
	message int
	fate    fate
}

func (d deviation) String() string { return fmt.Sprintf("message %d: %v", d.message, d.fate) }

// small is a story in small bounds. All that happens in it but for the deviations is one schedule.
type small struct {
	name    string
	members int // Of three.
	tell    func(s *stage)
}

// stories have two who propose, one deletion and its collection, and one step of membership.
func stories() []small {
	at := func(s *stage, d time.Duration, p process.ID, o operation) {
		o.key = "k0"
		s.World.At(d, func() { s.operate(p, &o) })
	}
	return []small{
		{"two propose", 3, func(s *stage) {
			at(s, 0, 1, operation{kind: keys.Append})
			at(s, 0, 2, operation{kind: keys.Append})
			at(s, 8*time.Millisecond, 3, operation{kind: keys.Read, look: true})
		}},
		{"a key is deleted and collected", 3, func(s *stage) {
			at(s, 0, 1, operation{kind: keys.Set})
			at(s, 8*time.Millisecond, 2, operation{kind: keys.Delete})
			at(s, 60*time.Millisecond, 3, operation{kind: keys.Append})
		}},
		{"a process joins", 2, func(s *stage) {
			at(s, 0, 1, operation{kind: keys.Append})
			s.World.At(8*time.Millisecond, func() { s.reconfigure(1, ofMembers, []process.ID{1, 2, 3}) })
			at(s, 20*time.Millisecond, 2, operation{kind: keys.Append})
			at(s, 60*time.Millisecond, 3, operation{kind: keys.Read, look: true})
		}},
	}
}

// toldIn is how long a story takes at most, but for what is late.
const toldIn = 100 * time.Millisecond

// run tells the story with deviations. Sent is how many messages there were in it.
func (t small) run(f Factory, a conformance.Assumptions, all ...deviation) (
	failures []*conformance.Failure, sent int,
) {
	s := planned(f, quiet(a), quietly(3, t.members), 1, nil)
	s.decide = func(n int, from, to process.ID, send func()) (taken bool) {
		for _, d := range all {
			if d.message == n {
				return s.suffer(d.fate, from, to, send)
			}
		}
		return false
	}
	s.protect(func() {
		for _, p := range s.World.All() {
			s.World.Start(p)
		}
		t.tell(s)
		s.World.Until(toldIn)
		sent, s.decide = s.sent, nil
		s.World.Until(2 * toldIn)
		s.healed = true
		s.end()
		s.failures = append(s.failures, check(s.tree, s.operations)...)
	})
	return s.failures, sent
}

// suffer has a message suffer its fate, and says whether it is not to be sent now.
func (s *stage) suffer(f fate, from, to process.ID, send func()) (taken bool) {
	crash := func(p process.ID) {
		if s.World.Host(p).Up() {
			s.World.Crash(p)
			s.World.At(15*time.Millisecond, func() { s.World.Start(p) })
		}
	}
	switch f {
	case late:
		s.World.At(toldIn, send)
		return true
	case lost:
		return true
	case receiverCrashes: // It arrives within a millisecond; what it has put is not durable then.
		s.World.At(time.Millisecond, func() { crash(to) })
	case senderCrashes:
		s.World.At(0, func() { crash(from) })
	case fates:
	}
	return false
}

// quiet are the assumptions without faults.
func quiet(a conformance.Assumptions) conformance.Assumptions {
	a.Loss, a.Duplicates, a.Reordering, a.Crashes = false, false, false, 0
	return a
}

// quietly is the plan of a run without faults.
func quietly(processes, members int) plan {
	p := plan{processes: processes, members: members, keys: 1, collects: true, hold: 1}
	p.initial = caspaxos.Initial([]process.ID{1, 2, 3}[:members])
	p.options.Limits = caspaxos.DefaultLimits()
	p.options.Limits.Backoff, p.options.Limits.Collect = time.Millisecond, 10*time.Millisecond
	p.options.Retransmit = retransmission(p.options.Limits)
	return p
}

// exhaustive does all runs of each story that differ from the plain one in the fate of one message,
// and then in those of two, as far as the bound goes.
func exhaustive(f Factory, a conformance.Assumptions, report *conformance.Report) {
	for _, t := range stories() {
		_, sent := t.run(f, a)
		left := cmp.Or(a.Schedules, mostSchedules)
		do := func(all ...deviation) (more bool) {
			failures, _ := t.run(f, a, all...)
			report.Tried(1)
			for _, failure := range failures {
				failure.Layer, failure.Replay = conformance.Exhaustive, fmt.Sprintf("%s, %v", t.name, all)
				report.Tried(-1)
				report.Add(failure)
			}
			left--
			return left > 0 && !report.Over()
		}
		if more := do() && ones(sent, func(d deviation) bool { return do(d) }); !more {
			continue
		}
		ones(sent, func(first deviation) bool {
			return ones(first.message-1, func(second deviation) bool { return do(first, second) })
		})
	}
}

// ones goes through the deviations of so many messages, until it is told to end.
func ones(messages int, do func(d deviation) (more bool)) (more bool) {
	for n := 1; n <= messages; n++ {
		for f := range fates {
			if !do(deviation{n, f}) {
				return false
			}
		}
	}
	return true
}
