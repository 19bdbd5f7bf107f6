package broken

import (
	"time"

	"paxon/consensus"
	"paxon/omega"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/tob"
)

// over changes the parts that the broadcast of a variant is built from.
func over(v seasons.Variant, change func(h *seasons.Host, parts *tob.Parts)) seasons.Variant {
	broadcast := v.Broadcast
	v.Broadcast = func(h seasons.Host, parts tob.Parts) *tob.TOB {
		change(&h, &parts)
		return broadcast(h, parts)
	}
	return v
}

// NeverPulls asks nobody for what it has missed.
func NeverPulls(v seasons.Variant) seasons.Variant {
	return over(v, func(_ *seasons.Host, parts *tob.Parts) { parts.Net = incurious{parts.Net} })
}

type incurious struct{ retransmit.Net[tob.Message] }

func (n incurious) Send(to process.ID, m tob.Message) {
	if _, pull := m.(tob.Pull); !pull {
		n.Net.Send(to, m)
	}
}

// NeverForwards keeps messages from the leader, so that those broadcast elsewhere are lost.
func NeverForwards(v seasons.Variant) seasons.Variant {
	return over(v, func(_ *seasons.Host, parts *tob.Parts) { parts.Net = keeping{parts.Net} })
}

type keeping struct{ retransmit.Net[tob.Message] }

func (keeping) SSend(process.ID, tob.Message) retransmit.Ticket { return retransmit.Ticket{} }

// ForwardsOnce takes a FORWARD for done once it is sent: what the leader loses is lost.
func ForwardsOnce(v seasons.Variant) seasons.Variant {
	return over(v, func(_ *seasons.Host, parts *tob.Parts) { parts.Net = once{parts.Net} })
}

type once struct{ retransmit.Net[tob.Message] }

func (n once) SSend(to process.ID, m tob.Message) retransmit.Ticket {
	n.Net.Send(to, m)
	return retransmit.Ticket{}
}

// SpeaksTooSoon sends from the constructor.
func SpeaksTooSoon(v seasons.Variant) seasons.Variant {
	return over(v, func(_ *seasons.Host, parts *tob.Parts) {
		for _, p := range parts.Net.All() {
			if p != parts.Net.Self() {
				parts.Net.Send(p, tob.Pull{Next: 1})
			}
		}
	})
}

// ForgetsClients does not remember over a crash what it has delivered of whom.
func ForgetsClients(v seasons.Variant) seasons.Variant {
	return over(v, func(h *seasons.Host, _ *tob.Parts) {
		if h.Store != nil {
			h.Store = forgetful{h.Store}
		}
	})
}

type forgetful struct{ process.Store }

func (s forgetful) Stored(space process.Space, yield func(uint64, process.Record) bool) {
	s.Store.Stored(space, func(key uint64, r process.Record) bool {
		if c, ok := r.(tob.Checkpoint); ok {
			c.Clients, c.Horizon = nil, 0
			r = c
		}
		return yield(key, r)
	})
}

// LeavesHoles does not hear of the instances that others have begun, so that a new leader does not
// fill those that an old one left open (trap 4).
func LeavesHoles(v seasons.Variant) seasons.Variant {
	detector := v.Omega
	v.Omega = func(
		h seasons.Host, net process.Net[omega.Heartbeat], c omega.Config, hooks omega.Hooks,
	) omega.Part {
		progress := hooks.Progress
		hooks.Progress = func() omega.Progress {
			p := progress()
			p.Highest = 0
			return p
		}
		return detector(h, net, c, hooks)
	}
	return over(v, func(_ *seasons.Host, parts *tob.Parts) { parts.Consensus = blind{parts.Consensus} })
}

type blind struct{ consensus.Array }

func (blind) Highest() register.Instance { return 0 }

// Hasty delivers what it proposes before it is decided.
func Hasty(v seasons.Variant) seasons.Variant {
	return over(v, func(h *seasons.Host, parts *tob.Parts) {
		parts.Consensus = hasty{parts.Consensus, h.Clock}
	})
}

type hasty struct {
	consensus.Array
	clock process.Clock
}

func (a hasty) At(l register.Instance) consensus.Consensus {
	return hastyInstance{a.Array.At(l), a.clock}
}

type hastyInstance struct {
	consensus.Consensus
	clock process.Clock
}

func (c hastyInstance) Propose(
	k register.Round, v register.Value, done func(register.Value, bool, register.Round),
) {
	c.Consensus.Propose(k, v, func(register.Value, bool, register.Round) {})
	c.clock.After(time.Microsecond, func() { done(v, true, register.Round{}) })
}
