package sim

import (
	"bytes"
	"slices"

	"paxon/consensus"
	"paxon/process"
	"paxon/register"
	"paxon/tob"
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
	rounds           []register.Round // All that were proposed in.
	proposed         []register.Value
	decision         register.Value // Nil if none is known.
	decidedIn        register.Round
	highestProposed  register.Round
	highestCommitted register.Round
}

// WatchConsensus makes of the consensus of a process one that the monitor sees.
func (m *Monitor) WatchConsensus(array consensus.Array, self process.ID) consensus.Array {
	return watchedConsensus{array, m, self}
}

type watchedConsensus struct {
	consensus.Array
	monitor *Monitor
	self    process.ID
}

func (a watchedConsensus) At(l register.Instance) consensus.Consensus {
	return watchedInstance{a.Array.At(l), a.monitor, a.self, l}
}

type watchedInstance struct {
	consensus.Consensus
	monitor  *Monitor
	self     process.ID
	instance register.Instance
}

func (m *Monitor) instance(l register.Instance) *consensusLog {
	c := m.consensus[l]
	if c == nil {
		c = &consensusLog{}
		m.consensus[l] = c
	}
	return c
}

func (i watchedInstance) Propose(
	k register.Round, v register.Value,
	done func(decision register.Value, ok bool, higher register.Round),
) {
	m, c := i.monitor, i.monitor.instance(i.instance)
	m.record("invoke", i.self, i.instance, "propose(%v, %s)", k, tob.Describe(v))
	before := c.begun(m, i.instance, k, v)
	i.Consensus.Propose(k, v, func(d register.Value, ok bool, higher register.Round) {
		if ok {
			m.record("return", i.self, i.instance, "propose(%v) commit %s", k, tob.Describe(d))
		} else {
			m.record("return", i.self, i.instance, "propose(%v) abort by %v", k, higher)
		}
		if ok {
			c.committed(m, i.instance, k, before, d)
		} else if !k.Less(c.highestProposed) {
			m.fail(ConsensusTermination, "L%d: round %v aborted, but the highest proposed is %v",
				i.instance, k, c.highestProposed)
		}
		done(d, ok, higher)
	})
}

// begun notes a propose and returns the highest round that had committed before.
func (c *consensusLog) begun(
	m *Monitor, l register.Instance, k register.Round, v register.Value,
) (before register.Round) {
	if slices.Contains(c.rounds, k) {
		m.fail(RoundOnce, "L%d: a second propose in round %v", l, k)
	}
	c.rounds = append(c.rounds, k)
	c.proposed = append(c.proposed, v)
	if c.highestProposed.Less(k) {
		c.highestProposed = k
	}
	return c.highestCommitted
}

func (c *consensusLog) committed(
	m *Monitor, l register.Instance, k, before register.Round, d register.Value,
) {
	if k.Less(before) {
		m.fail(ConsensusTermination, "L%d: round %v committed, though %v had before it was proposed",
			l, k, before)
	}
	if c.highestCommitted.Less(k) {
		c.highestCommitted = k
	}
	m.decided(l, k, d)
	same := func(v register.Value) bool { return bytes.Equal(v, d) }
	if !slices.ContainsFunc(c.proposed, same) {
		m.fail(ConsensusValidity, "L%d: %v was decided and never proposed", l, d)
	}
}

// decided checks a decision against the one known.
func (m *Monitor) decided(l register.Instance, k register.Round, d register.Value) {
	c := m.instance(l)
	switch {
	case c.decision == nil:
		c.decision, c.decidedIn = d, k
	case !bytes.Equal(c.decision, d):
		m.fail(ConsensusAgreement, "L%d: %v is decided in round %v, and %v in round %v",
			l, c.decision, c.decidedIn, d, k)
	}
}
