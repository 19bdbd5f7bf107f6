package sim

import (
	"bytes"
	"slices"

	"paxon/register"
)

// The names of the properties of round-based consensus (package consensus), and of the rule
// that rounds are used once.
const (
	ConsensusValidity    = "CV Validity"
	ConsensusAgreement   = "CA Agreement"
	ConsensusTermination = "CT Termination"
	RoundOnce            = "R1 A round belongs to one propose for ever"
)

// consensusLog is what the proposes of one instance have shown.
type consensusLog struct {
	rounds           []register.Round // All that were proposed in, in ascending order.
	proposed         []register.Value // In ascending order, each once.
	underWay         underWay
	decision         register.Value
	decidedIn        register.Round // The lowest round known, zero if there is no decision.
	highestCommitted register.Round
}

func (p *Properties) instance(l register.Instance) *consensusLog {
	c := p.consensus[l]
	if c == nil {
		c = &consensusLog{}
		p.consensus[l] = c
	}
	return c
}

func (p *Properties) proposed(c *consensusLog, o Observation) {
	i, twice := slices.BinarySearchFunc(c.rounds, o.Round, register.Round.Compare)
	if twice {
		p.fail(RoundOnce, "L%d: a second propose in round %v", o.Instance, o.Round)
	} else {
		c.rounds = slices.Insert(c.rounds, i, o.Round)
	}
	compare := func(v, w register.Value) int { return bytes.Compare(v, w) }
	if i, known := slices.BinarySearchFunc(c.proposed, o.Value, compare); !known {
		c.proposed = slices.Insert(c.proposed, i, o.Value)
	}
	c.underWay.begin(o.Process, c.highestCommitted)
}

func (p *Properties) proposeReturned(c *consensusLog, o Observation) {
	l, k, before := o.Instance, o.Round, c.underWay.end(o.Process)
	if !o.OK {
		if highest := c.rounds[len(c.rounds)-1]; !k.Less(highest) {
			p.fail(ConsensusTermination, "L%d: round %v aborted, but the highest proposed is %v",
				l, k, highest)
		}
		return
	}
	if k.Less(before) {
		p.fail(ConsensusTermination, "L%d: round %v committed, though %v had before it was proposed",
			l, k, before)
	}
	if c.highestCommitted.Less(k) {
		c.highestCommitted = k
	}
	p.decided(c, o)
	same := func(v register.Value) bool { return bytes.Equal(v, o.Value) }
	if !slices.ContainsFunc(c.proposed, same) {
		p.fail(ConsensusValidity, "L%d: %v was decided and never proposed", l, o.Value)
	}
}

// decided checks a decision against the one known.
func (p *Properties) decided(c *consensusLog, o Observation) {
	switch {
	case c.decidedIn.IsZero():
		c.decision, c.decidedIn = o.Value, o.Round
	case !bytes.Equal(c.decision, o.Value):
		p.fail(ConsensusAgreement, "L%d: %v is decided in round %v, and %v in round %v",
			o.Instance, c.decision, c.decidedIn, o.Value, o.Round)
	case o.Round.Less(c.decidedIn):
		c.decidedIn = o.Round
	}
}
