package broken

import (
	"paxon/process"
	"paxon/tob"
	"paxon/tob/tobtest"
)

// changing is a tobtest.By: it changes how a broadcast is told of its end. It is given the call, and
// its done.
func changing(change func(t *tob.TOB, call begin, done ends) tob.Outcome) tobtest.By {
	return func(t *tob.TOB) tobtest.Broadcaster { return changed{t, change} }
}

type (
	ends  = func(tob.Outcome)
	begin = func(done ends) tob.Outcome
)

type changed struct {
	*tob.TOB
	change func(t *tob.TOB, call begin, done ends) tob.Outcome
}

func (c changed) Broadcast(payload []byte, done func(tob.Outcome)) tob.Outcome {
	return c.change(c.TOB, func(done ends) tob.Outcome { return c.TOB.Broadcast(payload, done) }, done)
}

func (c changed) BroadcastAs(m tob.Broadcast, done func(tob.Outcome)) tob.Outcome {
	return c.change(c.TOB, func(done ends) tob.Outcome { return c.TOB.BroadcastAs(m, done) }, done)
}

// BroadcastAll changes each of the messages that are told of together as if it were alone.
func (c changed) BroadcastAll(payloads [][]byte, done tob.Done) (taken int, o tob.Outcome) {
	for i, payload := range payloads {
		if o := c.Broadcast(payload, func(o tob.Outcome) { done(i, 1, o) }); o.Status != tob.Pending {
			return i, o
		}
	}
	return len(payloads), tob.Outcome{}
}

// CompletesTwice calls done twice.
func CompletesTwice() tobtest.By {
	return changing(func(_ *tob.TOB, call begin, done ends) tob.Outcome {
		return call(func(o tob.Outcome) { done(o); done(o) })
	})
}

// Synchronous calls done at once.
func Synchronous() tobtest.By {
	return changing(func(_ *tob.TOB, call begin, done ends) tob.Outcome {
		o := call(func(tob.Outcome) {})
		done(o)
		return tob.Outcome{}
	})
}

// ReturnsToo calls done for what a broadcast has returned as final, when the next one ends.
func ReturnsToo() tobtest.By {
	var late []func()
	return changing(func(_ *tob.TOB, call begin, done ends) tob.Outcome {
		o := call(func(o tob.Outcome) {
			done(o)
			for _, again := range late {
				again()
			}
			late = nil
		})
		if o.Status != tob.Pending {
			late = append(late, func() { done(o) })
		}
		return o
	})
}

// TellsTheDead keeps what the last incarnation of a process waited for, and tells it when a message
// of the next one is delivered.
func TellsTheDead() tobtest.By {
	type kept struct {
		incarnation process.Incarnation
		done        ends
	}
	last := map[process.ID]kept{}
	return changing(func(t *tob.TOB, call begin, done ends) tob.Outcome {
		p, earlier := t.Net.Self(), last[t.Net.Self()]
		if earlier.incarnation != t.Incarnation {
			last[p] = kept{t.Incarnation, done}
		}
		return call(func(o tob.Outcome) {
			done(o)
			if earlier.done != nil && earlier.incarnation < t.Incarnation {
				earlier.done(o)
			}
		})
	})
}

// together is a tobtest.By: it changes how messages that were broadcast together are told of.
func together(change func(done tob.Done) tob.Done) tobtest.By {
	return func(t *tob.TOB) tobtest.Broadcaster { return apart{t, change} }
}

type apart struct {
	*tob.TOB
	change func(done tob.Done) tob.Done
}

func (a apart) BroadcastAll(payloads [][]byte, done tob.Done) (taken int, o tob.Outcome) {
	return a.TOB.BroadcastAll(payloads, a.change(done))
}

// PlacesAlike tells each of the messages of a run that it is where the first of them is.
func PlacesAlike() tobtest.By {
	return together(func(done tob.Done) tob.Done {
		return func(first, count int, o tob.Outcome) {
			for i := range count {
				done(first+i, 1, o)
			}
		}
	})
}

// TellsTheFirst tells of the first message of a run alone.
func TellsTheFirst() tobtest.By {
	return together(func(done tob.Done) tob.Done {
		return func(first, _ int, o tob.Outcome) { done(first, 1, o) }
	})
}

// TellsTooMany tells of one more than were broadcast together.
func TellsTooMany() tobtest.By {
	return together(func(done tob.Done) tob.Done {
		return func(first, count int, o tob.Outcome) { done(first, count+1, o) }
	})
}
