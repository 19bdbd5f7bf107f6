package tobtest

import (
	"fmt"

	"paxon/conformance"
	"paxon/process"
	"paxon/tob"
)

// Broadcaster is what a process broadcasts by. *tob.TOB is one.
type Broadcaster interface {
	Broadcast(payload []byte, done func(tob.Outcome)) tob.Outcome
	BroadcastAll(payloads [][]byte, done tob.Done) (taken int, o tob.Outcome)
	BroadcastAs(m tob.Broadcast, done func(tob.Outcome)) tob.Outcome
}

// By gives what an incarnation of a process broadcasts by. It is called for every broadcast.
type By func(t *tob.TOB) Broadcaster

// itself has a process broadcast by what it has.
func itself(t *tob.TOB) Broadcaster { return t }

// call is one message of a call of Broadcast, BroadcastAll or BroadcastAs, and what its caller may
// rely on.
type call struct {
	stage       *stage
	process     process.ID
	incarnation process.Incarnation
	payload     string
	note        func(tob.Outcome) // Tells the monitor of the end.
	returned    bool              // The call has.
	over        bool              // It has returned what is final, or done was called.
}

// call has a process broadcast a message, if it is up. Then is called when done is.
func (s *stage) call(
	p process.ID, payload string, named bool, then func(),
	begin func(b Broadcaster, done func(tob.Outcome)) tob.Outcome,
) {
	t := s.tob(p)
	if t == nil {
		return
	}
	s.world.Call(p, func() {
		c := s.begins(p, payload, named)
		o := begin(s.by(t), func(o tob.Outcome) {
			if c.ends() {
				c.note(o)
				then()
			}
		})
		c.returned = true
		if o.Status != tob.Pending {
			c.refused(o)
		}
	})
}

// broadcastAll has a process broadcast so many messages in one call, if it is up.
func (s *stage) broadcastAll(p process.ID, n int) {
	t := s.tob(p)
	if t == nil {
		return
	}
	s.world.Call(p, func() {
		var calls []*call
		var all [][]byte
		for range n {
			payload := s.payload()
			calls = append(calls, s.begins(p, payload, false))
			all = append(all, []byte(payload))
		}
		tob.InOrder(s.by(t).BroadcastAll, all, func(first, count int, o tob.Outcome) {
			if first < 0 || count < 1 || count > len(calls)-first {
				calls[0].misused(DoneOnce, fmt.Sprintf(
					"for %d messages from number %d on, of %d", count, first+1, len(calls)))
				return
			}
			for i, c := range calls[first : first+count] {
				if c.ends() {
					c.note(o.After(i))
				}
			}
		}, func(i int, o tob.Outcome) { calls[i].refused(o) })
		for _, c := range calls {
			c.returned = true
		}
	})
}

// begins is a call that begins now.
func (s *stage) begins(p process.ID, payload string, named bool) *call {
	return &call{
		stage: s, process: p, incarnation: s.world.Host(p).Incarnation(), payload: payload,
		note: s.monitor.Broadcast(p, payload, named),
	}
}

// refused notes that the call has returned what is final.
func (c *call) refused(o tob.Outcome) {
	c.over = true
	c.note(o)
}

// ends says whether a call of done is the one that is expected, and keeps what is wrong with it.
func (c *call) ends() bool {
	h := c.stage.world.Host(c.process)
	switch {
	case !c.returned:
		c.misused(DoneLater, "before the broadcast returned")
		return false
	case !h.Up() || h.Incarnation() != c.incarnation:
		c.misused(DoneOnce, "after a crash")
		return false
	case c.over:
		c.misused(DoneOnce, "once more, or after the broadcast returned what is final")
		return false
	}
	c.over = true
	return true
}

func (c *call) misused(property, when string) {
	if c.stage.misused == nil {
		c.stage.misused = &conformance.Failure{
			Property: property, Detail: fmt.Sprintf("after %v, done of %q, broadcast by %v/%d, is called %s",
				c.stage.world.Now(), c.payload, c.process, c.incarnation, when),
		}
	}
}
