package caspaxos

import "paxon/process"

// Encoded is the configuration as the register of the configurations holds it, and DecodeConfiguration
// reads it.
func (c Configuration) Encoded() []byte { return c.encode() }

// DecodeConfiguration reads what Encoded wrote.
func DecodeConfiguration(b []byte) (Configuration, error) { return decodeConfiguration(b) }

// Toward is the configuration with another target.
func (c Configuration) Toward(target []process.ID) Configuration { return c.toward(target, nil) }

// On is what an edit makes of a configuration.
func (e Edit) On(c Configuration) (next Configuration, status Status) { return e.on(c) }

// Follows says why the configuration cannot be in force beside the one before it.
func (c Configuration) Follows(o Configuration) error { return c.follows(o) }

// Holds says that every quorum of q holds one of o; it may say no where it is so.
func (q Quorums) Holds(o Quorums) bool { return q.holds(o) }

// WithMark is the state with the mark of a process.
func (s State) WithMark(by process.ID, turn uint64) State {
	s.marks = s.withMark(mark{by, process.Incarnation(turn)})
	return s
}
