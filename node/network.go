package node

import (
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
}

func (n *network) Self() process.ID  { return n.self }
func (n *network) All() []process.ID { return n.all }

func (n *network) Send(to process.ID, p retransmit.Packet) {
	if to == n.self {
		n.own = append(n.own, p)
		return
	}
	if _, late := p.Body.(tob.Decision); late {
		n.links.SendLate(to, p) // It rides on the next WRITE (§6.4), or goes after a short wait.
		return
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
