package tob

import (
	"cmp"
	"slices"

	"paxon/process"
)

// pool is Received without TO_delivered: the messages that were broadcast here or forwarded
// here and are not delivered yet, for each client in the order of their sequence.
type pool struct {
	queues map[Client]*queue
	recent process.Derived[*queue]  // The one of queues that was looked up last.
	spare  process.Derived[[]entry] // The memory of one that was emptied, to be used again.
	all    []*queue                 // Those with entries.
	ready  []*queue                 // Those that may have something to propose, first come first served.

	own, others usage
}

// usage is what is held for this process's own broadcasts, or for the others'.
type usage struct{ messages, bytes int }

// queue is the messages of one client, in ascending order of their sequence. Entries have no message
// in common.
type queue struct {
	client  Client
	entries []entry
	sent    uint64 // The highest sequence forwarded or proposed since the last rewind.
	ready   bool   // It is on pool.ready.
	place   int    // Its index in pool.all, −1 before it is there.
	// memory is all that entries is the end of.
	memory process.Derived[[]entry]
}

// entry is messages that are in one frame, and have sequences that follow each other.
type entry struct {
	first     uint64 // The sequence of the first.
	count     uint64 // How many there are, at least 1.
	frame     []byte
	done      Done // Of broadcasts of this process, nil if there are none.
	waits     int  // How many broadcasts wait for done.
	forwarded bool // Another process waits for them.
}

// last is the sequence of the last message.
func (e *entry) last() uint64 { return e.first + e.count - 1 }

func newPool() *pool { return &pool{queues: map[Client]*queue{}} }

func (p *pool) usage(e entry) *usage {
	if e.done != nil {
		return &p.own
	}
	return &p.others
}

func (p *pool) count(e entry, sign int) {
	u := p.usage(e)
	u.messages += sign * max(int(e.count), e.waits)
	u.bytes += sign * len(e.frame)
}

// add puts messages into their client's queue, or joins them to what is there of them already.
func (p *pool) add(client Client, e entry) {
	q := p.of(client)
	if q == nil {
		q = p.newQueue(client)
	}
	i := len(q.entries)
	if i > 0 && q.entries[i-1].last() >= e.first {
		i = q.find(e.first)
		for i < len(q.entries) && q.entries[i].first <= e.last() {
			x := q.entries[i]
			if x.count >= e.count {
				p.join(q, &q.entries[i], e)
				return
			}
			p.count(x, -1)
			e.join(x)
			q.entries = slices.Delete(q.entries, i, i+1)
		}
		q.sent = min(q.sent, e.first-1)
	}
	q.insert(i, e)
	p.count(e, 1)
	if q.place < 0 {
		q.place = len(p.all)
		p.all = append(p.all, q)
	}
	p.enqueue(q)
}

// of is the queue of a client, nil if it has no messages here.
func (p *pool) of(client Client) *queue {
	if q := p.recent.Value; q != nil && q.client == client {
		return q
	}
	if len(p.queues) == 0 {
		return nil
	}
	q := p.queues[client]
	if q != nil {
		p.recent.Value = q
	}
	return q
}

// newQueue gives a client a queue, to which a message must be added.
func (p *pool) newQueue(client Client) *queue {
	q := &queue{client: client, place: -1, memory: p.spare}
	p.spare.Value = nil
	p.queues[client] = q
	return q
}

// keptEntries is how many entries the largest memory of a queue has that is used again.
const keptEntries = 1 << 14

// insert puts an entry at a place.
func (q *queue) insert(i int, e entry) {
	q.entries = process.Push(q.entries, &q.memory, e)
	if last := len(q.entries) - 1; i < last {
		copy(q.entries[i+1:], q.entries[i:last])
		q.entries[i] = e
	}
}

// join adds to an entry who else waits for its messages, or for some of them. If that is this
// process, for the first time, they were not forwarded yet.
func (p *pool) join(q *queue, e *entry, other entry) {
	p.count(*e, -1)
	if e.done == nil && other.done != nil {
		p.enqueue(q)
	}
	e.join(other)
	p.count(*e, 1)
}

// join adds who else waits. Messages are in the same frame wherever they are, or alone if somebody
// named one of them: what joins is the same, or one of several.
func (e *entry) join(other entry) {
	e.forwarded = e.forwarded || other.forwarded
	if other.done != nil {
		e.done = both(e.done, other.done, int(other.first-e.first), int(other.count))
		e.waits += other.waits
	}
}

// both tells one of all outcomes, if there is one, and another of those of so many messages, from a
// place on.
func both(all, some Done, place, size int) Done {
	return func(first, count int, o Outcome) {
		if all != nil {
			all(first, count, o)
		}
		from, end := max(first, place), min(first+count, place+size)
		if from < end {
			some(from-place, end-from, o.After(from-first))
		}
	}
}

// find is the place of the entry with a message, or where it would be.
func (q *queue) find(sequence uint64) int {
	i, _ := slices.BinarySearchFunc(q.entries, sequence, func(e entry, s uint64) int {
		return cmp.Compare(e.last(), s)
	})
	return i
}

func (p *pool) enqueue(q *queue) {
	if !q.ready {
		q.ready = true
		p.ready = append(p.ready, q)
	}
}

// dequeue takes the first queue off the list of those that may have something.
func (p *pool) dequeue() {
	p.ready[0].ready, p.ready[0] = false, nil
	if len(p.ready) == 1 {
		p.ready = p.ready[:0] // Its memory is used again.
		return
	}
	p.ready = p.ready[1:]
}

// remove takes the first entry out of a queue and gives it back.
func (p *pool) remove(q *queue) entry { return p.removeAt(q, 0) }

func (p *pool) removeAt(q *queue, i int) entry {
	e := q.entries[i]
	p.count(e, -1)
	if i == 0 {
		q.entries[0] = entry{}
		q.entries = q.entries[1:]
	} else {
		q.entries = slices.Delete(q.entries, i, i+1)
	}
	if len(q.entries) > 0 {
		return e
	}
	last := p.all[len(p.all)-1]
	p.all[q.place], last.place = last, q.place
	p.all[len(p.all)-1] = nil
	p.all = p.all[:len(p.all)-1]
	if cap(q.memory.Value) <= keptEntries {
		p.spare = q.memory
	}
	q.entries, q.memory.Value = nil, nil
	if p.recent.Value == q {
		p.recent.Value = nil
	}
	delete(p.queues, q.client)
	return e
}

// disown takes away that this process waits for the messages of a queue, and returns those that it
// waited for. What no other process waits for leaves the queue.
func (p *pool) disown(q *queue) []entry {
	var owned []entry
	for i := 0; i < len(q.entries); {
		e := &q.entries[i]
		if e.done != nil {
			owned = append(owned, *e)
		}
		if !e.forwarded {
			p.removeAt(q, i)
			continue
		}
		p.count(*e, -1)
		e.done, e.waits = nil, 0
		p.count(*e, 1)
		i++
	}
	return owned
}

// rewind has all entries of a queue sent again.
func (p *pool) rewind(q *queue) {
	q.sent = 0
	p.enqueue(q)
}

// rewindAll has everything sent again, to a new leader or by one.
func (p *pool) rewindAll() {
	p.ready = p.ready[:0]
	for _, q := range p.all {
		q.ready = false
		p.rewind(q)
	}
}

// take makes a batch of the frames that the leader may propose now, until it has maxBytes
// or nothing is left: of each client those that follow on what is delivered and proposed. Those
// of a forgotten client go, too: that they are passed over tells their process. A frame that is
// longer than maxBytes goes alone. Hint is how many bytes the batch is likely to have.
func (p *pool) take(maxBytes, hint int, known *clients) []byte {
	b := batching{hint: min(hint, maxBytes)}
	for full := false; len(p.ready) > 0 && !full; {
		q := p.ready[0]
		full = p.takeFrom(q, &b, maxBytes, known)
		p.dequeue()
		if full {
			p.enqueue(q) // Behind the others.
		}
	}
	return b.done()
}

func (p *pool) takeFrom(q *queue, b *batching, maxBytes int, known *clients) (full bool) {
	for i := q.find(q.sent + 1); i < len(q.entries); i++ {
		e := &q.entries[i]
		if !q.follows(e, known) {
			return false
		}
		if n := len(b.batch); n > 0 && n+len(e.frame) > maxBytes {
			return true
		}
		b.add(e.frame)
		q.sent = e.last()
	}
	return false
}

// follows says whether an entry may go now: all before it are delivered or have gone, or its
// client is forgotten.
func (q *queue) follows(e *entry, known *clients) bool {
	next := max(q.sent, known.last(q.client)) + 1
	return e.first <= next && next <= e.last() || known.forgotten(q.client)
}

// has says whether a message of a client is here.
func (p *pool) has(client Client, sequence uint64) bool {
	q := p.of(client)
	if q == nil {
		return false
	}
	i := q.find(sequence)
	return i < len(q.entries) && q.entries[i].first <= sequence
}

// takeOwn makes a batch of the frames of this process's own broadcasts that were not forwarded yet,
// until it has maxBytes or nothing is left. What follows on a message of another process waits
// until that is delivered, so that the leader need not hold it meanwhile.
func (p *pool) takeOwn(maxBytes, hint int, known *clients) []byte {
	b := batching{hint: min(hint, maxBytes)}
	for len(p.ready) > 0 {
		q := p.ready[0]
		for i := q.find(q.sent + 1); i < len(q.entries); i++ {
			e := &q.entries[i]
			if e.done == nil || !q.follows(e, known) {
				break
			}
			if n := len(b.batch); n > 0 && n+len(e.frame) > maxBytes {
				return b.done()
			}
			b.add(e.frame)
			q.sent = e.last()
		}
		p.dequeue()
	}
	return b.done()
}
