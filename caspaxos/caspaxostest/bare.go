package caspaxostest

import (
	"paxon/caspaxos"
	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
)

// Bare is Built for a host that does what package retransmit does itself, as one that searches: a packet
// is its message alone, or Restarted. One that is empty is nothing.
func Bare(v seasons.Variant) Factory {
	return func(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) Part {
		nothing := func(process.ID) int { return 0 }
		return bare{caspaxos.Over(v, h, bareNet{h.Net}, nothing, o.Limits, s), map[once]bool{}}
	}
}

// Restarted is what a host hands over to a Part of Bare to say that the sender runs as a new incarnation.
type Restarted struct{}

// Inside is the CASPaxos that a Part of Built or Bare is around, nil for any other.
func Inside(p Part) *caspaxos.CASPaxos {
	switch p := p.(type) {
	case *caspaxos.Process:
		return p.CASPaxos
	case bare:
		return p.CASPaxos
	}
	return nil
}

type bare struct {
	*caspaxos.CASPaxos
	took map[once]bool
}

// once names a message that is taken once, as package retransmit hands it over: each time more would add
// to a count. All others may be taken any number of times.
type once struct {
	from   process.ID
	number uint64
}

func (b bare) Receive(from process.ID, packet retransmit.Packet) {
	var number uint64
	switch m := packet.Body.(type) {
	case nil:
		return
	case Restarted:
		b.Restarted(from)
		return
	case caspaxos.Advance:
		number = m.Number
	case caspaxos.Pull:
		number = m.Number
	}
	o := once{from, number}
	if b.took[o] {
		return
	}
	m := packet.Body.(caspaxos.Message) //nolint:forcetypeassert // Of bareNet.
	if b.CASPaxos.Receive(from, m) && number > 0 {
		b.took[o] = true
	}
}

func (bare) Turn() {}

// bareNet is links over those of a host that makes them reliable.
type bareNet struct{ process.Net[retransmit.Packet] }

func (n bareNet) Send(to process.ID, m caspaxos.Message) {
	n.Net.Send(to, retransmit.Packet{Body: m})
}

func (n bareNet) SSend(to process.ID, m caspaxos.Message) retransmit.Ticket {
	n.Send(to, m)
	return retransmit.Ticket{}
}

func (bareNet) Cancel(retransmit.Ticket)     {}
func (bareNet) Waits(retransmit.Ticket) bool { return false }
