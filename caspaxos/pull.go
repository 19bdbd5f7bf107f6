package caspaxos

import (
	"cmp"
	"slices"

	"paxon/process"
)

// puller copies what others hold to a process that learns (§2.3.3): of each register what was written
// last at any of a prepare quorum. What it has copied once it asks for again only as far as it
// changed.
type puller struct {
	part    *CASPaxos
	epoch   uint64
	from    []process.ID
	sources map[process.ID]*source
	waiting []process.ID // To be told, with a Caught.
}

// source is one of those that are asked.
type source struct {
	poll    *poll
	at      Place
	since   uint64 // The moment up to which all was pulled.
	began   uint64 // That in which the pull under way began, 0 before its first page.
	life    process.Incarnation
	through uint64 // The epoch in which all was pulled.
}

// first is the place before all keys.
func first() Place { return Place{Whole: true} }

// pull begins to pull in the present configuration, if this process is one that learns in it.
func (p *CASPaxos) pull() {
	c := &p.standing.Configuration
	if c.learner(p.self) == 0 {
		p.unpull()
		return
	}
	if p.puller == nil {
		p.puller = &puller{part: p, sources: map[process.ID]*source{}}
	}
	u := p.puller
	if u.epoch == c.Epoch {
		return
	}
	u.end()
	u.epoch, u.waiting = c.Epoch, nil
	u.from = without(c.Prepare.Members(), p.self)
	for _, q := range u.from {
		if u.sources[q] == nil {
			u.sources[q] = &source{}
		}
		u.sources[q].at = first()
		u.ask(q)
	}
}

// unpull ends pulling, and forgets what was pulled.
func (p *CASPaxos) unpull() {
	if p.puller != nil {
		p.puller.end()
		p.puller = nil
	}
}

// ask asks a process for the next page.
func (u *puller) ask(q process.ID) {
	s := u.sources[q]
	s.poll = ask(u.part.parts.Net, []process.ID{q}, Pull{
		Number: u.part.number(), Epoch: u.epoch, From: s.at, Since: s.since,
	})
}

func (u *puller) end() {
	for _, q := range u.from {
		u.sources[q].poll.end()
		u.sources[q].poll = nil
	}
}

// onPage takes on what is newer than this process has.
func (p *CASPaxos) onPage(from process.ID, m Page) {
	if p.listing(from, m) || p.puller == nil {
		return
	}
	u := p.puller
	s := u.sources[from]
	if s == nil || s.poll == nil || s.poll.message.(Pull).Number != m.Number || !s.poll.answer(from) {
		return
	}
	s.poll = nil
	if s.life != m.Incarnation { // It counts its moments from the beginning again.
		begun := s.life != 0
		s.life, s.since, s.began, s.at = m.Incarnation, 0, 0, first()
		if begun {
			u.ask(from)
			return
		}
	}
	if s.began == 0 {
		s.began = m.Changes
	}
	for _, r := range m.Records {
		p.learn(r)
	}
	p.standing.Least = max(p.standing.Least, m.Least) // Stored before anybody is told of it: see tell.
	s.at = m.Next
	if !s.at.End() {
		u.ask(from)
		return
	}
	s.since, s.began, s.through = s.began, 0, u.epoch
	u.tell()
}

// learn takes on what another copy holds, if it was written later.
func (p *CASPaxos) learn(r Record) {
	c := p.table.at(r.Key)
	if !c.copy.Written.Less(r.Written) {
		p.table.drop(c)
		return
	}
	if c.op != nil {
		c.op.stop()
	}
	now := c.copy
	now.Written, now.Value, now.Permitted = r.Written, r.Value, false
	p.table.put(c, now, nil)
	c.array = nil // It will be made again, with this.
	p.saw(c)
	if c.op != nil {
		c.op.again()
	}
}

// caught says whether all was pulled in the epoch from a prepare quorum.
func (u *puller) caught() bool {
	var through []process.ID
	for _, q := range u.from {
		if u.sources[q].through == u.epoch {
			through = append(through, q)
		}
	}
	return u.part.standing.Configuration.Prepare.Enough(through)
}

// onCatch is answered once this process has caught up.
func (p *CASPaxos) onCatch(from process.ID, m Catch) (accepted bool) {
	switch {
	case m.Epoch < p.standing.Configuration.Epoch:
		p.parts.Net.Send(from, Stale{p.standing.Configuration})
		return true
	case p.puller == nil || p.puller.epoch != m.Epoch:
		return false
	}
	if !has(p.puller.waiting, from) {
		p.puller.waiting = append(p.puller.waiting, from)
	}
	p.puller.tell()
	return true
}

// tell answers those who wait for this process to have caught up.
func (u *puller) tell() {
	if !u.caught() {
		return
	}
	p := u.part
	epoch := u.epoch
	waiting := u.waiting
	u.waiting = nil
	if len(waiting) == 0 {
		return
	}
	p.store(func() { // Behind the copies.
		for _, q := range waiting {
			p.parts.Net.SSend(q, Caught{epoch})
		}
	})
}

func (u *puller) restarted(q process.ID) {
	if s := u.sources[q]; s != nil {
		s.poll.restarted(q)
	}
}

// lister lists the keys that a prepare quorum of copies holds, page by page.
type lister struct {
	number uint64
	poll   *poll
	pages  []Page
	client listClient
}

// listClient hears what was listed, or that it will not be, because the configuration has changed.
type listClient interface {
	listed(keys []Listed, next Place)
	broken()
}

// Listed is a key that some copies hold. Exists is what that says which was written last. Unsure says that
// the copies do not agree on it: it may not have been acknowledged, and a read decides.
type Listed struct {
	Key            string
	At             uint64 // Its position: see Place.
	Exists, Unsure bool
}

// list lists from a place on.
func (p *CASPaxos) list(from Place, most int, by listClient) {
	l := &lister{number: p.number(), client: by}
	p.listers = append(p.listers, l)
	config := &p.standing.Configuration
	l.poll = ask(p.parts.Net, config.Prepare.Members(), Pull{
		Number: l.number, Epoch: config.Epoch, From: from, Bare: true, Most: uint64(most),
	})
}

// listsMost is how many lists may be under way.
const listsMost = 64

// List lists keys from a place on, in the order of Place, as far as a page goes: those which exist all
// the while, if also with Unsure, and perhaps others. Done gets the keys and where to go on, which is
// behind the last key at the end; ok is false if the configuration changed meanwhile, or too much is
// listed at a time, or copies cannot be listed here.
func (p *CASPaxos) List(from Place, done func(keys []Listed, next Place, ok bool)) {
	p.ListSome(from, 0, done)
}

// ListSome is List with a page of about most bytes, if that is less than Limits.Page and above 0.
func (p *CASPaxos) ListSome(
	from Place, most int, done func(keys []Listed, next Place, ok bool),
) {
	if p.parts.Cells == nil || len(p.listers) >= listsMost {
		p.parts.Clock.After(p.parts.Limits.Backoff, func() { done(nil, from, false) })
		return
	}
	p.list(from, max(most, 0), listing{from, done})
}

// listing is a client from outside.
type listing struct {
	from Place
	done func(keys []Listed, next Place, ok bool)
}

func (l listing) listed(keys []Listed, next Place) { l.done(keys, next, true) }
func (l listing) broken()                          { l.done(nil, l.from, false) }

// End says that there are no keys from the place on.
func (at Place) End() bool { return at.At >= Positions }

// listing takes a page if it is for a lister.
func (p *CASPaxos) listing(from process.ID, m Page) bool {
	i := slices.IndexFunc(p.listers, func(l *lister) bool { return l.number == m.Number })
	if i < 0 {
		return false
	}
	l := p.listers[i]
	if !l.poll.answer(from) {
		return true
	}
	l.pages = append(l.pages, m)
	if config := &p.standing.Configuration; config.Prepare.Enough(l.poll.answered) {
		l.poll.end()
		p.listers = slices.Delete(p.listers, i, i+1)
		l.client.listed(l.merge(config.Accept.Enough(l.poll.answered)))
	}
	return true
}

// merge gives the keys up to the first place where a page ends. Accepted says whether what all pages have
// was accepted.
func (l *lister) merge(accepted bool) (keys []Listed, next Place) {
	next = l.pages[0].Next
	for _, page := range l.pages[1:] {
		if page.Next.compare(next) < 0 {
			next = page.Next
		}
	}
	type held struct {
		Place
		Record
	}
	var all []held
	for _, page := range l.pages {
		for _, r := range page.Records {
			if at := PlaceOf(r.Key); at.compare(next) <= 0 {
				all = append(all, held{at, r})
			}
		}
	}
	slices.SortFunc(all, func(a, b held) int {
		return cmp.Or(a.compare(b.Place), b.Written.Compare(a.Written))
	})
	for len(all) > 0 {
		newest, n, exist := all[0], 0, 0
		for ; n < len(all) && all[n].Key == newest.Key; n++ {
			if all[n].Exists {
				exist++
			}
		}
		if all = all[n:]; newest.Key != configurationKey {
			unsure := exist > 0 && (exist < len(l.pages) || !accepted)
			keys = append(keys, Listed{newest.Key, newest.At, newest.Exists, unsure})
		}
	}
	return keys, next
}

// unlist ends the listers of earlier configurations.
func (p *CASPaxos) unlist() {
	all := p.listers
	p.listers = nil
	for _, l := range all {
		l.poll.end()
		l.client.broken()
	}
}

// compare orders places.
func (at Place) compare(o Place) int {
	switch {
	case at.At != o.At:
		return cmp.Compare(at.At, o.At)
	case at.Whole && o.Whole:
		return 0
	case at.Whole:
		return -1
	case o.Whole:
		return 1
	}
	return cmp.Compare(at.After, o.After)
}

// PlaceOf is the place behind a key.
func PlaceOf(key string) Place { return Place{At: positionOf(key), After: key} }
