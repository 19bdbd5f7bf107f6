package broken

import (
	"paxon/consensus"
	"paxon/consensus/consensustest"
	"paxon/process"
	"paxon/register"
	"paxon/register/registertest"
	"paxon/retransmit"
	"paxon/seasons"
)

// Fast is sound fast consensus, for registers that are not.
func Fast() consensustest.Factory {
	return func(_ seasons.Host, registers register.Array, c register.Config) consensus.Array {
		return fast(registers, c)
	}
}

// PermittedAnew are registers whose copies decide about permission again when a WRITE comes again,
// and then take its own value for none (trap 13). What was refused the first time, because another
// round had written, is permitted the second time.
func PermittedAnew() registertest.Factory {
	return func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		a := &anew{
			last: map[register.Instance]register.Round{}, repeated: map[register.Instance]bool{},
			touched: map[register.Instance]bool{}, window: register.Instance(c.Window),
		}
		a.Array = consensustest.Ours()(h, anewNet{net, a}, c)
		return a
	}
}

type anew struct {
	register.Array
	last     map[register.Instance]register.Round // The round of the last WRITE received.
	repeated map[register.Instance]bool           // That came again.
	touched  map[register.Instance]bool           // Instances read or written here.
	window   register.Instance
}

func (a *anew) Receive(from process.ID, m register.Message) bool {
	switch m := m.(type) {
	case register.Read:
		a.touched[m.Instance] = true
	case register.Write:
		a.touched[m.Instance] = true
		a.repeated[m.Instance] = a.last[m.Instance] == m.Round
		a.last[m.Instance] = m.Round
	}
	return a.Array.Receive(from, m)
}

type anewNet struct {
	retransmit.Net[register.Message]
	copies *anew
}

func (n anewNet) SSend(to process.ID, m register.Message) retransmit.Ticket {
	ack, is := m.(register.AckWrite)
	if is && n.copies.repeated[ack.Instance] && n.copies.last[ack.Instance] == ack.Round {
		ack.Permitted = !n.copies.touched[ack.Instance+n.copies.window]
		return n.Net.SSend(to, ack)
	}
	return n.Net.SSend(to, m)
}
