package history

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// The model is a log that grows at its end, and for each start of a process, a session, how far
// it is known to have come.
//
// Why this is what total order broadcast promises. Let a message enter the log when everything up
// to its place is first decided. That is after it was broadcast, and before any process delivers
// it, so before any answer: hence appends are linearizable, and in the order of the places, because
// what is broadcast once a place is decided can only come behind it. A process delivers that log
// in order, whenever it learns of it: hence an acknowledgement or a read is of a prefix that may
// be old, but is never longer than the log at that time, nor shorter than what the same start of the
// process has delivered before. So there are three steps:
//
//	append   a message, first call to first answer: it enters at its place, the end of the log
//	ack      one answer, at its return: the session has come to the message, which is there
//	read     a read, call to return: what it saw is in the log there, without a gap, and goes as
//	         far as the session is known to have come, or farther: the session has come there
//
// An ack may have its effect at any time from the call on. It is put at the return, because it can
// always be put off until there: it wants a log that is long enough, which only gets longer, and the
// sooner it takes effect, the more reads it binds. A search that has to find out when each ack took
// effect takes time that grows with two to the power of the acks that are open at a time.
//
// Two stronger models were not taken. A read that must see the latest message fails for every
// process that is behind, which the paper allows. To let only those reads count that follow a
// marker broadcast makes them linearizable, but nothing more than an ack then says, and
// it never looks at a process while it is behind, which is when mistakes show.
//
// A crash ends a session: the delivered log is not forced, so that a process may come back with less
// than it has shown. What it shows then must be a prefix of the same log all the same.
//
// An unknown message that some read saw is given the place that it saw, and may enter until the
// end of the history; one that no read saw is left out. That is the completion of a history in
// Herlihy and Wing's definition: values and places are unique, so that no other answer than this
// could be given to a pending call, and one without effect that anybody saw may be dropped.
//
// Places are compared as ranks among all places that the history speaks of. An append has to
// come when the log is as long as its rank: this leaves the order of appends no choice, which makes
// the search short. A place that was read but never broadcast has a rank that no append fills, so
// that nothing behind it can be put in order, as must be. What nobody saw leaves no gap, as it has
// no rank.
type step struct {
	kind    stepKind
	session int
	op      *Operation
	value   string // Of append and ack.
	rank    int    // Of append and ack, −1 if no place is known; where a read begins.
	ranks   []int  // Of a read's entries.
	end     int    // Where a read ends,
	bounded bool   // and whether that is as far as the process had come, even if it saw nothing.
}

type stepKind int

const (
	appendStep stepKind = iota
	ackStep
	readStep
)

// logged is the last message of a log, and the log before it; nil is the empty log.
type logged struct {
	before *logged
	length int // Of the log that ends here.
	value  string
	sum    [sha256.Size]byte // Over the values up to here.
}

func (l *logged) len() int {
	if l == nil {
		return 0
	}
	return l.length
}

func (l *logged) add(value string) *logged {
	var b []byte
	if l != nil {
		b = l.sum[:]
	}
	return &logged{l, l.len() + 1, value, sha256.Sum256(append(slices.Clone(b), value...))}
}

// upTo is the log cut to a length, which it has at least.
func (l *logged) upTo(length int) *logged {
	for l.len() > length {
		l = l.before
	}
	return l
}

// state is never changed once it is made.
type state struct {
	log  *logged
	come []int // How far each session is known to have come.
}

// came is the state when a session is known to have come to a length.
func (s *state) came(session, length int) *state {
	if s.come[session] >= length {
		return s
	}
	come := slices.Clone(s.come)
	come[session] = length
	return &state{s.log, come}
}

// take does a step, or says that it cannot come next.
func (s *state) take(st *step) (bool, *state) {
	switch st.kind {
	case appendStep:
		if st.rank != s.log.len() {
			return false, nil
		}
		return true, &state{s.log.add(st.value), s.come}
	case ackStep:
		if st.rank < 0 {
			return true, s // It says that the message is there, for which the append stands.
		}
		if s.log.len() <= st.rank || s.log.upTo(st.rank+1).value != st.value {
			return false, nil
		}
		return true, s.came(st.session, st.rank+1)
	case readStep:
	}
	return s.read(st)
}

func (s *state) read(st *step) (bool, *state) {
	switch {
	case s.log.len() < st.end, st.end < s.come[st.session], st.end != st.rank+len(st.ranks):
		return false, nil
	case len(st.ranks) == 0 && !st.bounded:
		return true, s // It may have been asked for more than there was.
	}
	at := s.log.upTo(st.end)
	for i, e := range slices.Backward(st.op.Entries) {
		if st.ranks[i] != st.rank+i || at.value != e.Value {
			return false, nil
		}
		at = at.before
	}
	return true, s.came(st.session, st.end)
}

// clock says when a search has no time left: then no step can be taken any more, so that it ends.
// Porcupine's own timeout leaves the search running, and may come too late for a short one.
type clock struct {
	end     time.Time // Zero for no limit.
	expired bool
}

func newClock(timeout time.Duration) *clock {
	if timeout <= 0 {
		return &clock{}
	}
	return &clock{end: time.Now().Add(timeout)}
}

func (c *clock) out() bool {
	c.expired = c.expired || !c.end.IsZero() && !time.Now().Before(c.end)
	return c.expired
}

// model is the model of a number of sessions.
func model(sessions int, limit *clock) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return &state{come: make([]int, sessions)} },
		Step: func(now, input, _ any) (bool, any) {
			if limit.out() {
				return false, nil
			}
			ok, next := now.(*state).take(input.(*step))
			return ok, next
		},
		Equal: func(a, b any) bool { return equal(a.(*state), b.(*state)) },
		Hash:  func(s any) uint64 { return s.(*state).hash() },
		DescribeOperation: func(input, _ any) string {
			st := input.(*step)
			if st.kind == ackStep {
				return "acknowledged: " + st.op.String()
			}
			return st.op.String()
		},
		DescribeState: func(s any) string {
			log := s.(*state).log
			if log == nil {
				return "nothing"
			}
			return fmt.Sprintf("%d messages, the last is %.40q", log.length, log.value)
		},
	}
}

func equal(a, b *state) bool {
	switch {
	case a.log.len() != b.log.len(), !slices.Equal(a.come, b.come):
		return false
	case a.log == nil:
		return true
	}
	return bytes.Equal(a.log.sum[:], b.log.sum[:])
}

func (s *state) hash() uint64 {
	const prime = 1099511628211 // Of FNV-1.
	var h uint64
	if s.log != nil {
		h = binary.BigEndian.Uint64(s.log.sum[:])
	}
	for _, n := range s.come {
		h = (h ^ uint64(n)) * prime
	}
	return h
}
