package stage

import (
	"paxon/process"
	"paxon/register"
)

// Call is an operation under way. It checks when and how often its done is called.
type Call struct {
	stage *Stage
	what  string
	at    place
	begun bool   // The call has returned.
	why   string // What is violated if done is called now, "" if it may be.
}

// Attempt is what has become of the operations of one round.
type Attempt struct {
	Round           register.Round // Of number 0 if the part permitted that.
	Done, Committed bool
	Aborted         register.Round // By this round.
	Value           register.Value
}

// End notes how the operations of an attempt ended.
func (a *Attempt) End(v register.Value, ok bool, higher register.Round) {
	a.Done, a.Committed, a.Value, a.Aborted = true, ok, v, higher
}

// Decision is a value that an attempt committed.
type Decision struct {
	Instance register.Instance
	Round    register.Round
	Value    register.Value
}

// Decided notes a decision.
func (s *Stage) Decided(d Decision) { s.decisions = append(s.decisions, d) }

// Decisions lists those noted.
func (s *Stage) Decisions() []Decision { return s.decisions }

// Tried says whether the present incarnation of a process has begun an operation in an instance.
func (s *Stage) Tried(p process.ID, l register.Instance) bool { return s.tried[s.at(p, l)] }

func (s *Stage) at(p process.ID, l register.Instance) occasion {
	return occasion{place{p, l}, s.World.Host(p).Incarnation()}
}

// Begin begins an operation of round k in a turn of p, or within one of another's done. What is
// under way in the instance at p ends. To end, begin's done must be called through Call.Ended.
func (s *Stage) Begin(
	p process.ID, l register.Instance, k register.Round, what string, begin func(part Part, c *Call),
) {
	c := &Call{stage: s, what: what, at: place{p, l}}
	if before := s.calls[c.at]; before != nil {
		before.why = DoneWanted
	}
	s.calls[c.at] = c
	if s.invoked[l] == nil {
		s.invoked[l] = map[register.Round]bool{}
	}
	s.invoked[l][k] = true
	s.tried[s.at(p, l)] = true
	if s.logging {
		s.logf("begin %v L%d %s(%v)", p, l, what, k)
	}
	s.World.Call(p, func() {
		begin(s.Part(p), c)
		c.begun = true
	})
}

// Ended says whether a call of done is the one that is expected, and what may be wrong with it.
func (c *Call) Ended(k register.Round, ok bool, higher register.Round) bool {
	s := c.stage
	if s.logging {
		s.logf("end %v L%d %s(%v) %v %v", c.at.process, c.at.instance, c.what, k, ok, higher)
	}
	switch {
	case c.why != "":
		s.Fail(c.why, "%v's %s(%v) called done once more, or too late", c.at.process, c.what, k)
		return false
	case !c.begun:
		s.Fail(DoneLater, "%v's %s(%v) called done before it returned", c.at.process, c.what, k)
		return false
	case !ok && (!k.Less(higher) || !s.invoked[c.at.instance][higher]):
		s.Fail(AbortLegality, "%v's %s(%v) aborted by %v, which is not a higher round invoked",
			c.at.process, c.what, k, higher)
	}
	c.why = DoneOnce
	if s.calls[c.at] == c {
		delete(s.calls, c.at)
	}
	return true
}

// cancel ends what is under way in an instance at p.
func (s *Stage) cancel(p process.ID, l register.Instance) {
	s.logf("cancel %v L%d", p, l)
	if c := s.calls[place{p, l}]; c != nil {
		c.why = DoneWanted
		delete(s.calls, c.at)
	}
	s.World.Call(p, func() { s.subject.Cancel(s.Part(p), l) })
}
