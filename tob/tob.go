package tob

import (
	"fmt"

	"paxon/consensus"
	"paxon/leader"
	"paxon/omega"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
)

// Limits bound what total order broadcast holds. Those marked * must be the same at all
// processes.
type Limits struct {
	Payload           int    // Bytes of one message's payload, at most.
	Pending           int    // Messages of this process's own that wait for delivery, at most.
	PendingBytes      int    // Their bytes, frames included; as much again for the others'.
	Batch             int    // Bytes of a batch, but for a message that is longer alone; see propose.
	Window            uint64 // * Instances a leader has open, or FORWARDs unreceived, at a time.
	Ahead             uint64 // Decided instances kept while one before them is missing.
	Update            int    // Bytes of an UPDATE, but for a batch that is longer alone.
	CheckpointBytes   int    // Bytes delivered from one checkpoint to the next.
	CheckpointBatches uint64 // Instances from one to the next; a 16th of the clients, if they are more.
	ClientIdle        uint64 // * Instances after which a silent client is forgotten.
	Clients           int    // * Clients remembered, at most.
}

// Status says how a call of Broadcast ends.
type Status int

// The ways a call of Broadcast ends.
const (
	Pending   Status = iota // It waits; done will tell.
	Delivered               // It is delivered, at Outcome.Position.
	Forgotten               // It was delivered earlier; where is not known any more.
	Expired                 // It will not be delivered any more; whether it was is not known.
	Full                    // It was not taken: too much waits already. Try again later.
	TooLarge                // It was not taken: its payload is above Limits.Payload.
)

// String is the name of the status.
func (s Status) String() string {
	names := [...]string{"pending", "delivered", "forgotten", "expired", "full", "too large"}
	if s < 0 || int(s) >= len(names) {
		return fmt.Sprintf("Status(%d)", int(s))
	}
	return names[s]
}

// Outcome is how a broadcast ended, and if it is Delivered, where.
type Outcome struct {
	Status   Status
	Position Position
}

// After is the outcome of the n-th message behind one that was delivered, in the same instance. Other
// outcomes are the same for all.
func (o Outcome) After(n int) Outcome {
	if o.Status == Delivered {
		o.Position = o.Position.plus(uint64(n))
	}
	return o
}

// Done is told the outcome of some of the messages that were broadcast together: of so many, from the
// one with index first on. It is that of the first of them; After has those of the others.
type Done func(first, count int, o Outcome)

// From is told of messages of which the first has another index.
func (d Done) From(index int) Done {
	if index == 0 {
		return d
	}
	return func(first, count int, o Outcome) { d(index+first, count, o) }
}

// Parts are what total order broadcast is built from.
type Parts struct {
	Net         retransmit.Net[Message]
	Incarnation process.Incarnation
	Consensus   consensus.Array
	Leader      leader.Leader
	History     History
	// Disk makes it the broadcast of Fig. 13; without it, it is that of Fig. 9.
	Disk   process.Disk[Checkpoint]
	Limits Limits
	// SendValues has decisions sent with their values, because the others hold no copies of the
	// registers (§6.3: Summer).
	SendValues bool
	// Deliver is TO-Deliver of all messages of an instance: they are what Unpack finds in
	// batch, at offsets 0, 1 and so on. It is called for each instance in order, from the one
	// after those that History had at construction.
	Deliver func(l register.Instance, batch register.Value)
}

// TOB is total order broadcast at one process.
type TOB struct {
	Parts
	self process.ID

	own      Client // Whose messages Broadcast sends by default.
	sequence uint64 // Of own's last message.
	born     uint64 // How many clients this incarnation has named.

	pool     *pool
	frames   frames
	clients  *clients
	leader   process.ID           // As of the last Launch, 0 if none.
	batched  process.Derived[int] // Bytes of the last batch: the next is likely to be as large.
	tickets  []retransmit.Ticket
	next     register.Instance // nextBatch
	awaiting map[register.Instance]decided
	open     map[register.Instance]*proposal
	numbers  map[register.Instance]uint64 // Of the last round of this process in each instance.
	highest  register.Instance            // Of those known to be begun.

	peers      map[process.ID]*peer
	pulling    pulling
	missed     bool // Some of the last instances were learned from a history.
	checkpoint checkpointing
	delivered  process.Derived[uint64]
	finished   []finished // During deliver: the broadcasts whose done is called after it.
}

// decided is an entry of AwaitingToBeDelivered: a decision whose value may still be on its way.
type decided struct {
	round register.Round // In which, as long as the value is not known.
	known bool
	value register.Value
}

// New makes total order broadcast at one process, with what its storage has (RETRIEVE in
// Fig. 13). It sends nothing.
func New(parts Parts) *TOB {
	t := &TOB{
		Parts: parts, self: parts.Net.Self(),
		pool:     newPool(),
		clients:  newClients(register.Instance(parts.Limits.ClientIdle), parts.Limits.Clients),
		next:     1,
		awaiting: map[register.Instance]decided{},
		open:     map[register.Instance]*proposal{},
		numbers:  map[register.Instance]uint64{},
		peers:    map[process.ID]*peer{},
	}
	for _, p := range t.Net.All() {
		t.peers[p] = &peer{}
	}
	t.retrieve()
	t.renew()
	return t
}

// Client names a new client of this process. Its messages may be broadcast by any process.
func (t *TOB) Client() Client {
	t.born++
	return Client{t.self, t.Incarnation, t.born - 1, t.next}
}

// renew gives this process a new client of its own to broadcast with.
func (t *TOB) renew() {
	t.own, t.sequence = t.Client(), 0
}

// Broadcast is TO-Broadcast of a message by this process. Unless the outcome is Pending, it is
// final; otherwise done, which must not be nil, gets it later. The payload must not change any
// more.
func (t *TOB) Broadcast(payload []byte, done func(Outcome)) Outcome {
	_, o := t.BroadcastAll([][]byte{payload}, alone(done))
	return o
}

// BroadcastAll is Broadcast of some messages, in their order. It takes them as long as they can be
// taken, and returns how many that were; the outcome is Pending if it was all of them, and otherwise
// of the first that was not taken. Done gets the outcomes of those taken. Messages that are broadcast
// together share frames, and cost less each.
func (t *TOB) BroadcastAll(payloads [][]byte, done Done) (taken int, o Outcome) {
	if done == nil {
		panic(noDone)
	}
	if t.clients.forgotten(t.own) {
		t.rename()
	}
	for taken < len(payloads) {
		n, o := t.fits(payloads[taken:])
		if n == 0 {
			return taken, o
		}
		e := entry{first: t.sequence + 1, count: uint64(n), done: done.From(taken), waits: n}
		t.hold(t.own, e, payloads[taken:taken+n])
		t.sequence += uint64(n)
		taken += n
	}
	return taken, Outcome{Status: Pending}
}

// InOrder has a BroadcastAll broadcast messages. What comes after one that is not taken is tried as
// well; refused is told of each that is not.
func InOrder(
	broadcastAll func(payloads [][]byte, done Done) (taken int, o Outcome),
	payloads [][]byte, done Done, refused func(i int, o Outcome),
) {
	for first := 0; first < len(payloads); first++ {
		taken, o := broadcastAll(payloads[first:], done.From(first))
		if first += taken; o.Status != Pending {
			refused(first, o)
		}
	}
}

// mostRun is how many bytes of payloads are in one frame at most, but for a payload that is longer
// alone.
const mostRun = 256 << 10

// fits is how many of some messages, from the first on, can be in one frame, and if that is none, why.
func (t *TOB) fits(payloads [][]byte) (n int, o Outcome) {
	own, most := t.pool.own, min(mostRun, t.Limits.Batch-frameHeader-runHeader)
	for size := 0; n < len(payloads); n++ {
		with := size + payloadHeader + len(payloads[n])
		switch {
		case len(payloads[n]) > t.Limits.Payload:
			return n, Outcome{Status: TooLarge}
		case own.messages+n >= t.Limits.Pending, own.bytes+size >= t.Limits.PendingBytes:
			return n, Outcome{Status: Full}
		case n > 0 && with > most:
			return n, Outcome{}
		}
		size = with
	}
	return n, Outcome{}
}

// BroadcastAs is TO-Broadcast of a message that has its client and sequence already, perhaps
// because it was handed to another process before and nobody knows whether it got through. It
// waits until the messages before it in its client's sequence are delivered, wherever they were
// broadcast.
func (t *TOB) BroadcastAs(m Broadcast, done func(Outcome)) Outcome {
	if done == nil {
		panic(noDone)
	}
	if s := t.clients.get(m.Client); s != nil && m.Sequence <= s.Sequence {
		return settled(s, m.Sequence)
	}
	if m.Sequence == 0 || t.clients.forgotten(m.Client) {
		return Outcome{Status: Expired}
	}
	payloads := [][]byte{m.Payload}
	n, o := t.fits(payloads)
	if n > 0 {
		t.hold(m.Client, entry{first: m.Sequence, count: 1, done: alone(done), waits: 1}, payloads)
	}
	return o
}

// hold puts messages that are broadcast here into the pool.
func (t *TOB) hold(c Client, e entry, payloads [][]byte) {
	e.frame = t.frames.of(c, e.first, payloads)
	t.pool.add(c, e)
}

const noDone = "tob: a broadcast without a done: whether this process waits is known by it"

// alone is done of a message that is not one of several.
func alone(done func(Outcome)) Done {
	if done == nil {
		return nil
	}
	return func(_, _ int, o Outcome) { done(o) }
}

// settled is the outcome of a message that is not later than the last delivered of its client.
func settled(s *ClientState, sequence uint64) Outcome {
	if sequence == s.Sequence {
		return Outcome{Delivered, s.Position}
	}
	return Outcome{Status: Forgotten}
}

// Launch is the task launch (Fig. 9, lines 15–27); the host calls it at the end of every turn, and may
// within one.
func (t *TOB) Launch() {
	if t.deliverAwaiting() && t.missed {
		t.caughtUp()
	}
	now, _ := t.Leader.Leader()
	if now != t.leader {
		t.leader = now
		t.leaderChanged()
	}
	switch t.leader {
	case t.self:
		t.fillHoles()
		t.propose()
	case 0:
	default:
		t.forward()
	}
	t.checkpointIfDue()
}

// leaderChanged has everything sent to the new leader, or proposed, and stops what this process
// proposed if it does not lead any more.
func (t *TOB) leaderChanged() {
	t.cancelForwards()
	if t.leader != t.self {
		t.stopProposals()
	}
	t.pool.rewindAll()
}

// Receive takes a message of this part, or returns false to have it come again later.
func (t *TOB) Receive(from process.ID, m Message) (accepted bool) {
	switch m := m.(type) {
	case Forward:
		return t.onForward(m)
	case Decision:
		t.onDecision(m)
	case Pull:
		t.onPull(from, m)
	case Update:
		t.onUpdate(from, m)
	}
	return true
}

// Restarted hears that p runs as a new incarnation: if it leads, it has forgotten what was
// forwarded to it.
func (t *TOB) Restarted(p process.ID) {
	if p == t.leader {
		t.cancelForwards()
		t.pool.rewindAll()
	}
}

// Progress is what heartbeats tell the others.
func (t *TOB) Progress() omega.Progress {
	t.highest = max(t.highest, t.Consensus.Highest())
	return omega.Progress{
		Next: uint64(t.next), Highest: uint64(t.highest), Stable: uint64(t.checkpoint.stable),
	}
}

// Next is nextBatch: the first instance that is not delivered here.
func (t *TOB) Next() register.Instance { return t.next }

// Delivered is how many messages were delivered here since construction.
func (t *TOB) Delivered() uint64 { return t.delivered.Value }

// Waiting is the number of this process's own broadcasts that are not delivered yet.
func (t *TOB) Waiting() int { return t.pool.own.messages }
