package node

import (
	"slices"

	"paxon/process"
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
	// for.
	asked map[process.ID]int
}

func newNetwork(self process.ID, all []process.ID, links sender) *network {
	return &network{self: self, all: all, links: links, asked: map[process.ID]int{}}
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

// heard takes notice of what comes from another process: who forwards waits for decisions.
func (n *network) heard(from process.ID, p retransmit.Packet) {
	if _, forward := p.Body.(tob.Forward); forward {
		n.asked[from] = askedDecisions
	}
}

func (n *network) Self() process.ID  { return n.self }
func (n *network) All() []process.ID { return n.all }

func (n *network) Send(to process.ID, p retransmit.Packet) {
	if to == n.self {
		n.own = append(n.own, p)
		return
	}
	if _, decision := p.Body.(tob.Decision); decision {
		if n.asked[to] == 0 {
			n.links.SendLate(to, p) // It rides on the next WRITE (§6.4), or goes after a short wait.
			return
		}
		n.asked[to]--
	}
	n.links.Send(to, p)
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
