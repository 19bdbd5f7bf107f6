package broken

import (
	"paxon/conformance"
	"paxon/consensus"
	"paxon/omega"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
	"paxon/tob"
	"paxon/tob/tobtest"
)

// Part is a broken composition. The suite must find one of its properties violated, under
// conformance.CrashRecovery. More such compositions are in package sim/flawed.
type Part struct {
	conformance.Flaw
	Variant seasons.Variant
	// By is what its processes broadcast by, nil for what the variant gives them.
	By tobtest.By
}

// Check is what the suite says of it.
func (p Part) Check(a conformance.Assumptions) error {
	f := func() seasons.Variant { return p.Variant }
	if p.By == nil {
		return tobtest.Check(f, a)
	}
	return tobtest.CheckBy(f, p.By, a)
}

// Parts is the gallery.
func Parts() []Part {
	part := func(
		name, broken, source string, flaw func(v seasons.Variant) seasons.Variant, properties ...string,
	) Part {
		return Part{Flaw: conformance.Flaw{
			Name: name, Broken: broken, Source: source, Properties: properties,
		}, Variant: flaw(seasons.Paxos())}
	}
	by := func(name, broken string, by tobtest.By, property string) Part {
		return Part{Flaw: conformance.Flaw{
			Name: name, Broken: broken, Properties: []string{property},
		}, Variant: seasons.Paxos(), By: by}
	}
	return []Part{
		part("delivers-twice", "the first message of a batch is delivered twice", "",
			DeliversTwice, sim.Validity),
		part("invents", "it delivers what nobody broadcast", "", Invents, sim.Validity),
		part("drops", "p1 does not deliver what is alone in its batch", "",
			Drops, sim.Validity, sim.TotalOrder),
		part("skips", "every fifth instance is not delivered", "", Skips, sim.TotalOrder),
		part("reorders", "p1 delivers batches in the opposite order", "", Reorders, sim.TotalOrder),
		part("reorders-alike", "all deliver batches in the opposite order", "",
			ReordersAlike, sim.ClientOrder),
		part("shifts", "what is delivered is told to be elsewhere", "", Shifts, sim.TotalOrder),
		part("never-forwards", "messages are kept from the leader", "", NeverForwards, sim.Termination),
		part("forwards-once", "a FORWARD is done once it is sent", "", ForwardsOnce, sim.Termination),
		part("leaves-holes", "nobody hears of the instances that others have begun", "trap 4",
			LeavesHoles, sim.Agreement, sim.Termination),
		part("turns-forwards", "a FORWARD arrives with the messages of each client in the opposite order", "",
			TurnsForwards, sim.ClientOrder),
		part("climbs", "after an abort the next round is not beyond the one that won",
			"Figs. 9 and 13 as printed: r := r + n", Climbs, sim.Termination),
		part("speaks-too-soon", "it sends from the constructor", "", SpeaksTooSoon, tobtest.Silent),
		part("mute", "consensus never returns", "", Mute, tobtest.NonTriviality, sim.Termination),
		by("completes-twice", "done is called twice", CompletesTwice(), tobtest.DoneOnce),
		by("returns-too", "done is called for what a broadcast has returned as final",
			ReturnsToo(), tobtest.DoneOnce),
		by("tells-the-dead", "done of an earlier incarnation is called after a crash",
			TellsTheDead(), tobtest.DoneOnce),
		by("places-alike", "of messages broadcast together, all are told the place of the first",
			PlacesAlike(), sim.Validity),
		by("tells-the-first", "of messages broadcast together, the first alone is told of its end",
			TellsTheFirst(), sim.Termination),
		by("tells-too-many", "done is called for one message more than were broadcast together",
			TellsTooMany(), tobtest.DoneOnce),
		by("synchronous", "done is called at once", Synchronous(), tobtest.DoneLater),
	}
}

// over changes the parts that the broadcast of a variant is built from.
func over(v seasons.Variant, change func(h *seasons.Host, parts *tob.Parts)) seasons.Variant {
	broadcast := v.Broadcast
	v.Broadcast = func(h seasons.Host, parts tob.Parts) *tob.TOB {
		change(&h, &parts)
		return broadcast(h, parts)
	}
	return v
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

// TurnsForwards has each FORWARD arrive with the messages of each client in the opposite order.
func TurnsForwards(v seasons.Variant) seasons.Variant {
	return over(v, func(_ *seasons.Host, parts *tob.Parts) { parts.Net = turning{parts.Net} })
}

type turning struct{ retransmit.Net[tob.Message] }

func (n turning) SSend(to process.ID, m tob.Message) retransmit.Ticket {
	if f, is := m.(tob.Forward); is {
		m = tob.Forward{Frames: turned(f.Frames)}
	}
	return n.Net.SSend(to, m)
}

// turned are frames of the same messages with the payloads of each client in the opposite order.
func turned(all []byte) []byte {
	payloads := map[tob.Client][][]byte{}
	for m := range tob.Unpack(all) {
		payloads[m.Client] = append(payloads[m.Client], m.Payload)
	}
	var other []byte
	for m := range tob.Unpack(all) {
		left := payloads[m.Client]
		m.Payload, payloads[m.Client] = left[len(left)-1], left[:len(left)-1]
		other = tob.AppendFrame(other, m)
	}
	return other
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

// Climbs begins again after an abort with its next round, and not with one beyond that which won:
// r := r + n of Figs. 9 and 13. It gets there, after as many aborts as the other is ahead.
func Climbs(v seasons.Variant) seasons.Variant {
	return over(v, func(_ *seasons.Host, parts *tob.Parts) { parts.Consensus = climbing{parts.Consensus} })
}

type climbing struct{ consensus.Array }

func (a climbing) At(l register.Instance) consensus.Consensus { return climber{a.Array.At(l)} }

type climber struct{ consensus.Consensus }

func (c climber) Propose(
	k register.Round, v register.Value, done func(register.Value, bool, register.Round),
) {
	c.Consensus.Propose(k, v, func(decision register.Value, ok bool, _ register.Round) {
		done(decision, ok, register.Round{})
	})
}

// Mute has a consensus that never returns.
func Mute(v seasons.Variant) seasons.Variant {
	return over(v, func(_ *seasons.Host, parts *tob.Parts) { parts.Consensus = mute{parts.Consensus} })
}

type mute struct{ consensus.Array }

func (a mute) At(l register.Instance) consensus.Consensus { return silent{a.Array.At(l)} }

type silent struct{ consensus.Consensus }

func (c silent) Propose(
	k register.Round, v register.Value, _ func(register.Value, bool, register.Round),
) {
	c.Consensus.Propose(k, v, func(register.Value, bool, register.Round) {})
}
