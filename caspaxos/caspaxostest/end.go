package caspaxostest

import (
	"fmt"
	"slices"
	"time"

	"paxon/caspaxos"
	"paxon/history/keys"
	"paxon/process"
)

// Bound is the virtual time that stands for "in the end", for each of the things that are to be.
const Bound = 10 * time.Second

// until lets events happen until something is so, and says whether it was within Bound.
func (s *stage) until(so func() bool) bool {
	end := s.World.Now() + Bound
	for n := 0; ; n++ {
		if n%8 == 0 && so() {
			return true
		}
		if s.World.Now() > end || !s.World.Step() {
			return so()
		}
	}
}

// end demands what must be so once there are no faults any more.
func (s *stage) end() {
	if !s.until(func() bool { return s.waiting() == nil }) {
		o := s.waiting()
		s.fail(Progress, "%v is not answered by %s", o.text(), o.by)
		return
	}
	if !s.until(func() bool { return s.unsettled() == "" }) {
		s.fail(Membership, "%s", s.unsettled())
		return
	}
	if s.plan.proposals > 0 && !(s.last() && s.admitted()) {
		return
	}
	s.rest()
}

// admitted demands that every proposer takes changes, and that nobody else does.
func (s *stage) admitted() bool {
	newest := s.newest()
	for _, p := range s.World.All() {
		for n := 0; ; n++ {
			o, known := &operation{key: "k0", kind: keys.Read}, s.part(p).Configuration().Epoch
			taken := s.operate(p, o)
			if taken && !s.until(func() bool { return o.answer > 0 }) {
				s.fail(Progress, "%v is not answered by %v", o.text(), p)
				return false
			}
			done := taken && o.outcome.Status == caspaxos.Done
			if taken && !done && known < newest.Epoch && n < s.plan.processes {
				continue // It did not propose in a configuration that it had not heard of.
			}
			if done != slices.Contains(newest.Proposers, p) {
				s.fail(Membership, "%v is answered with %v by %v, where the proposers are %v", o.text(),
					o.outcome.Status, p, newest.Proposers)
				return false
			}
			break
		}
	}
	return true
}

// rest demands that what exists is all there is, and is listed. A change whose caller has crashed may take
// effect as late as now, and then it is what exists next that counts.
func (s *stage) rest() {
	live, ok := s.look()
	for ok {
		collected := !s.plan.collects || s.until(func() bool { return s.excess(live) == "" })
		listed, ended := s.list(live)
		if !ended {
			return
		}
		before := live
		if live, ok = s.look(); !ok || !slices.Equal(before, live) {
			continue
		}
		if !collected {
			s.fail(Collection, "%s", s.excess(live))
		}
		if !slices.Equal(listed, live) {
			s.fail(Listing, "%v are listed: expected %v", listed, live)
		}
		return
	}
}

// waiting is an operation that a process which is up owes an answer.
func (s *stage) waiting() *operation {
	for _, o := range s.operations {
		if o.answer == 0 && s.up(o.by) {
			return o
		}
	}
	return nil
}

// up says whether an incarnation of a process is.
func (s *stage) up(incarnation string) bool {
	for _, p := range s.World.All() {
		if h := s.World.Host(p); h.Up() && fmt.Sprintf("%v/%d", p, h.Incarnation()) == incarnation {
			return true
		}
	}
	return false
}

// newest is the configuration of the highest epoch that a process has.
func (s *stage) newest() caspaxos.Configuration {
	var newest caspaxos.Configuration
	for _, p := range s.World.All() {
		if part := s.part(p); part != nil && part.Configuration().Epoch > newest.Epoch {
			newest = part.Configuration()
		}
	}
	return newest
}

// unsettled says what is still to be done for a change of membership, "" for nothing.
func (s *stage) unsettled() string {
	for _, c := range s.changes {
		h := s.World.Host(c.by)
		if !c.ended && h.Up() && h.Incarnation() == c.life {
			return fmt.Sprintf("%v is not answered by %v", c, c.by)
		}
	}
	newest := s.newest()
	if len(newest.Target) > 0 || !newest.Valid {
		return fmt.Sprintf("the change to %v goes on, at %+v", newest.Target, newest)
	}
	for _, p := range newest.Proposers {
		if c := s.part(p).Configuration(); !slices.Contains(c.Proposers, p) {
			return fmt.Sprintf("%v is to propose since epoch %d, and knows of %+v", p, newest.Epoch, c)
		}
	}
	return ""
}

// proposer draws one of the newest configuration.
func (s *stage) proposer() process.ID {
	all := s.newest().Proposers
	return all[s.Random.IntN(len(all))]
}

// last does a last change of membership, that nothing disturbs.
func (s *stage) last() bool {
	target := s.target()
	for n := 0; ; n++ {
		c := s.reconfigure(s.proposer(), ofMembers, target)
		if c == nil {
			s.fail(Membership, "a proposer does not take a change of membership")
			return false
		}
		if !s.until(func() bool { return c.ended && s.unsettled() == "" }) {
			s.fail(Membership, "%s", s.unsettled())
			return false
		}
		newest := s.newest()
		if c.status == caspaxos.NotMember && c.since < newest.Epoch && n < s.plan.processes {
			continue // It did not propose in a configuration that it had not heard of.
		}
		if !slices.Equal(newest.Acceptors(), target) {
			s.fail(Membership, "after a change to %v the acceptors are %v", target, newest.Acceptors())
		}
		return true
	}
}

// look reads all keys, and gives those that exist.
func (s *stage) look() (live []string, ok bool) {
	for k := range s.plan.keys {
		key := fmt.Sprintf("k%d", k)
		for _, look := range []bool{true, false} {
			o := &operation{key: key, kind: keys.Read, look: look}
			taken := s.operate(s.proposer(), o)
			if !taken || !s.until(func() bool { return o.answer > 0 }) {
				s.fail(Progress, "a last read of %q is not answered", key)
				return nil, false
			}
			if o.outcome.State.Exists && !look {
				live = append(live, key)
			}
		}
	}
	return live, true
}

// excess says which process holds more than what exists, "" for none: the register of the
// configurations is there as well.
func (s *stage) excess(live []string) string {
	for _, p := range s.newest().Acceptors() {
		if n := s.part(p).Copies(); n > len(live)+1 {
			return fmt.Sprintf("%v holds %d copies: expected %d and the configuration", p, n, len(live))
		}
	}
	return ""
}

// list lists all keys at a process, those of which the copies are unsure as they are said to be.
func (s *stage) list(live []string) (listed []string, ended bool) {
	p := s.proposer()
	var from func(place caspaxos.Place)
	from = func(place caspaxos.Place) {
		s.part(p).List(place, func(some []caspaxos.Listed, next caspaxos.Place, ok bool) {
			for _, k := range some {
				if k.Unsure && slices.Contains(live, k.Key) || !k.Unsure && k.Exists {
					listed = append(listed, k.Key)
				}
			}
			if ended = !ok || next.End(); !ended {
				from(next)
			}
		})
	}
	s.World.Call(p, func() { from(caspaxos.Place{Whole: true}) })
	if !s.until(func() bool { return ended }) {
		s.fail(Progress, "a listing does not end")
		return nil, false
	}
	slices.Sort(listed)
	return listed, true
}
