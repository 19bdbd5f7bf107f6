package caspaxos

import (
	"paxon/process"
	"paxon/register"
)

// looks are the reads under way that ask for no promise. Where an accept quorum holds the same, and
// nobody of a prepare quorum holds anything later, that was acknowledged and nothing else was since: a
// read takes one round trip and no force, and leaves nothing behind. Otherwise it is a change x → x. Who
// holds nothing, while others hold something, says nothing: it may have held a later deletion, which was
// collected before it was asked and after others had answered. And what was written in a round of an
// earlier configuration is acknowledged by being at an accept quorum of this one only if nobody holds
// anything later: a later round may have been promised by a quorum that need not meet this one.
type looks struct {
	of map[uint64]*look // By number.
	// order has the numbers in ascending order, also of some that have ended.
	order []uint64
	// waiting are those that begin once fewer than Limits.Keys are under way.
	waiting []*look
}

// look is one of them.
type look struct {
	poll    *poll
	key     string
	done    func(Outcome)
	tries   int
	written register.Round // The highest of all who have answered.
	value   register.Value
	holders []process.ID // Who holds that,
	holding []process.ID // and who anything.
	cancel  func()       // Of the wait for more answers.
}

// looksMost is how often a look that found a change under way is repeated before the read takes part in
// it, which costs the one who makes the change its promise.
const looksMost = 3

// Read gives the state of a key. It is Change with Read{}, but cheaper.
func (p *CASPaxos) Read(key string, done func(Outcome)) Status {
	if status := p.admits(key); status != Pending {
		return status
	}
	if p.parts.Cells == nil {
		p.change(key, Read{}, false, caller(done))
		return Pending
	}
	p.pending++
	l, k := &p.looks, &look{key: key, done: done}
	if len(l.of) >= p.parts.Limits.Keys {
		l.waiting = append(l.waiting, k)
	} else {
		l.begin(p, k)
	}
	return Pending
}

// begin asks all acceptors.
func (l *looks) begin(p *CASPaxos, k *look) {
	number := p.number()
	l.of[number] = k
	for len(l.order) > 0 && l.of[l.order[0]] == nil {
		l.order = l.order[1:]
	}
	l.order = append(l.order, number)
	k.tries++
	k.written, k.value, k.holders, k.holding = register.Round{}, nil, nil, nil
	k.poll = ask(p.parts.Net, p.acceptors, Look{k.key, p.standing.Configuration.Epoch, number})
}

// end ends the asking of a look.
func (l *looks) end(number uint64) {
	k := l.of[number]
	k.poll.end()
	if k.cancel != nil {
		k.cancel()
		k.cancel = nil
	}
	delete(l.of, number)
}

// onSeen is what a copy holds.
func (l *looks) onSeen(p *CASPaxos, from process.ID, m Seen) {
	k := l.of[m.Number]
	if k == nil || !k.poll.answer(from) {
		return
	}
	switch c := m.Written.Compare(k.written); {
	case c > 0:
		k.written, k.value, k.holders = m.Written, m.Value, []process.ID{from}
	case c == 0:
		k.holders = append(k.holders, from)
	}
	if !m.Written.IsZero() {
		k.holding = append(k.holding, from)
	}
	config := &p.standing.Configuration
	switch {
	case !config.Prepare.Enough(k.poll.answered):
		return
	case !config.Accept.Enough(k.holders) || !k.sure(config):
		if k.cancel == nil {
			k.cancel = p.parts.Clock.After(p.parts.Limits.Backoff, func() { l.repeat(p, m.Number) })
		}
		return
	}
	l.end(m.Number)
	p.pending--
	l.more(p)
	s, err := Decode(k.value)
	if err != nil {
		k.done(Outcome{Status: Unreadable})
		return
	}
	k.done(Outcome{Status: Done, State: s})
}

// sure says that what a quorum holds was acknowledged, and nothing else before the look began: see looks.
func (k *look) sure(c *Configuration) bool {
	if k.written.IsZero() {
		return true
	}
	return c.Prepare.Enough(k.holding) && (k.written.Number > c.Floor || k.poll.complete())
}

// more begins what waits.
func (l *looks) more(p *CASPaxos) {
	for len(l.waiting) > 0 && len(l.of) < p.parts.Limits.Keys {
		next := l.waiting[0]
		l.waiting[0] = nil
		l.waiting = l.waiting[1:]
		l.begin(p, next)
	}
}

// repeat begins a look anew that has found a change under way, or has the read take part in it.
func (l *looks) repeat(p *CASPaxos, number uint64) {
	k := l.of[number]
	k.cancel = nil
	l.end(number)
	if k.tries < looksMost {
		l.begin(p, k)
		return
	}
	p.pending--
	l.more(p)
	p.change(k.key, Read{}, false, caller(k.done))
}

// again begins all anew, in another configuration, or ends them if this process does not propose in it.
func (l *looks) again(p *CASPaxos) {
	numbers, waiting := l.order, l.waiting
	l.order, l.waiting = nil, nil
	var all []*look
	for _, n := range numbers {
		if k := l.of[n]; k != nil {
			l.end(n)
			all = append(all, k)
		}
	}
	all = append(all, waiting...)
	if p.proposes() {
		l.waiting = all
		l.more(p)
		return
	}
	for _, k := range all {
		p.pending--
		k.done(Outcome{Status: NotMember})
	}
}

// restarted asks a process again that may have crashed before it answered.
func (l *looks) restarted(q process.ID) {
	for _, n := range l.order {
		if k := l.of[n]; k != nil {
			k.poll.restarted(q)
		}
	}
}
