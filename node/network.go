package node

import (
	"slices"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/tob"
)

// sender is what the network needs of the links.
type sender interface {
	Send(to process.ID, p retransmit.Packet)
	SendLate(to process.ID, p retransmit.Packet)
	Flush()
}

// network implements process.Net over the links. What a process sends to itself does not leave
// it, and arrives in the same turn.
type network struct {
	self  process.ID
	all   []process.ID
	links sender
	own   []retransmit.Packet // Sent to itself and not yet handed over.
	// asked counts, for each process that has forwarded something, the decisions that it may wait
	// for, with what comes before them.
	asked map[process.ID]int
	// decided is the highest instance that this process has told others of, and spare has those whose
	// last answer to a WRITE came after that: the others were enough.
	decided register.Instance
	spare   map[process.ID]bool
}

func newNetwork(self process.ID, all []process.ID, links sender) *network {
	return &network{
		self: self, all: all, links: links,
		asked: map[process.ID]int{}, spare: map[process.ID]bool{},
	}
}

// add has one more process be sent to.
func (n *network) add(p process.ID) {
	if i, found := slices.BinarySearch(n.all, p); !found {
		n.all = slices.Insert(slices.Clone(n.all), i, p)
	}
}

// askedDecisions is how many decisions go at once to a process after each FORWARD of it: all that may
// be open, as a rule.
const askedDecisions = 16

// lateBytes is the most that a value may have to wait: what a write of its own costs is little beside a
// longer one, and the first of several answers counts.
const lateBytes = 16 << 10

// heard takes notice of what comes from another process: who forwards waits for decisions, and who
// answers after the decision is not waited for.
func (n *network) heard(from process.ID, p retransmit.Packet) {
	switch m := p.Body.(type) {
	case tob.Forward:
		n.asked[from] = askedDecisions
	case register.AckWrite:
		n.spare[from] = m.Instance <= n.decided
	}
}

func (n *network) Self() process.ID  { return n.self }
func (n *network) All() []process.ID { return n.all }

func (n *network) Send(to process.ID, p retransmit.Packet) {
	if to == n.self {
		n.own = append(n.own, p)
		return
	}
	hasTime := n.hasTime(to, p.Body)
	if d, decision := p.Body.(tob.Decision); decision {
		n.decided = max(n.decided, d.Instance)
		if n.asked[to] > 0 {
			n.asked[to]--
		}
	}
	if hasTime {
		n.links.SendLate(to, p)
		return
	}
	n.links.Send(to, p)
}

// hasTime says that a message to a process goes with the next one, or after a short wait: a DECISION, which
// rides on a WRITE (§6.4), and what is asked of a copy that is not waited for. A process that
// has forwarded something waits for both.
func (n *network) hasTime(to process.ID, m process.Message) bool {
	if n.asked[to] > 0 {
		return false
	}
	switch m := m.(type) {
	case tob.Decision:
		return true
	case register.Read:
		return n.spare[to]
	case register.Write:
		return n.spare[to] && len(m.Value) <= lateBytes
	}
	return false
}

// deliverOwn hands over what this process sent to itself, and what it sends to itself
// meanwhile. It says whether there was anything.
func (n *network) deliverOwn(receive func(from process.ID, p retransmit.Packet)) bool {
	delivered := 0
	for ; delivered < len(n.own); delivered++ {
		receive(n.self, n.own[delivered])
	}
	n.own = emptied(n.own)
	return delivered > 0
}
