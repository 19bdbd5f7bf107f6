package flawed

import (
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/sim"
	"paxon/tob"
)

// ofFall are flaws of fast consensus.
func ofFall() []Composition {
	fast := compose(fall.Season())
	two := []string{
		sim.ConsensusAgreement, sim.TotalOrder, sim.WriteCommit, sim.ReadWriteCommit,
		sim.ConsensusTermination,
	}
	return []Composition{
		{
			Flaw:    flaw("fall-all-permitted", "every write is permitted, so that two write fast", "", two),
			Variant: onRegisters(fast, generously), Seeds: 2000,
		},
		{
			Flaw: flaw("fall-minority", "a fast write is complete with less than a majority",
				"a fast quorum that is too small: xline-kv/Xline#635", two),
			Variant: fastMinority(fast), Seeds: 2000,
		},
		{
			Flaw: flaw("fall-round-n+1", "a fast write has the first regular round of p1",
				"trap 12: Fig. 20 as printed", two),
			Variant: fastAsFirst(fast), Seeds: 2000,
		},
		{
			Flaw: flaw("fall-decision-rides",
				"a decision waits for the next write to ride on, and nobody asks for it",
				"trap 14: Fig. 22 as printed", []string{sim.Termination, sim.Agreement}),
			Variant: rides(fast), Seeds: 2000,
		},
	}
}

func generously(_ seasons.Host, r register.Array, _ register.Config) register.Array {
	return generous{r}
}

type generous struct{ register.Array }

func (a generous) At(l register.Instance) register.Register { return permitted{a.Array.At(l)} }

type permitted struct{ register.Register }

func (permitted) Permitted() bool { return true }

// fastMinority has registers that take one answer to a write of round 0 for enough.
func fastMinority(v seasons.Variant) seasons.Variant {
	return onRegisters(v, func(
		h seasons.Host, r register.Array, _ register.Config,
	) register.Array {
		return hurried{r, h}
	})
}

// hurried is registers whose process has enough answers to a fast write with its own.
type hurried struct {
	register.Array
	host seasons.Host
}

func (a hurried) Receive(from process.ID, m register.Message) bool {
	ack, is := m.(register.AckWrite)
	if is && ack.Round.Number == 0 && from == a.host.Net.Self() {
		for _, p := range a.host.Net.All() {
			a.Array.Receive(p, ack)
		}
		return true
	}
	return a.Array.Receive(from, m)
}

// fastAsFirst stores fast writes as round n+1 of the paper, which is the first regular one of p1.
func fastAsFirst(v seasons.Variant) seasons.Variant {
	return onRegisters(v, func(
		_ seasons.Host, r register.Array, _ register.Config,
	) register.Array {
		return firstRound{r}
	})
}

type firstRound struct{ register.Array }

func (a firstRound) At(l register.Instance) register.Register {
	return firstRoundAt{a.Array.At(l)}
}

// stored is the round that stands for a round in the copies.
func stored(k register.Round) register.Round {
	if k.Number == 0 && !k.IsZero() {
		return register.Round{Number: 1, Process: 1, Incarnation: 1}
	}
	return k
}

func (a firstRound) Written(l register.Instance, k register.Round) (register.Value, bool) {
	return a.Array.Written(l, stored(k))
}

type firstRoundAt struct{ register.Register }

func (r firstRoundAt) Write(
	k register.Round, v register.Value, done func(ok bool, higher register.Round),
) {
	r.Register.Write(stored(k), v, done)
}

// rides sends the decision before last when there is another one.
func rides(v seasons.Variant) seasons.Variant {
	return onBroadcast(v, func(_ *seasons.Host, parts *tob.Parts) {
		parts.Net = &riding{Net: incurious{parts.Net}, last: map[process.ID]tob.Message{}}
	})
}

type riding struct {
	retransmit.Net[tob.Message]
	last map[process.ID]tob.Message
}

func (n *riding) Send(to process.ID, m tob.Message) {
	if _, is := m.(tob.Decision); !is {
		n.Net.Send(to, m)
		return
	}
	if before := n.last[to]; before != nil {
		n.Net.Send(to, before)
	}
	n.last[to] = m
}
