package caspaxostest

import (
	"fmt"

	"paxon/caspaxos"
	"paxon/register"
)

// ballot is a round of the register of a key.
type ballot struct {
	key   string
	round register.Round
}

// ballots are what was accepted in each. Two copies that hold a state of one ballot hold the same, so that
// a quorum of acknowledgements is one of a single state.
type ballots map[ballot]string

// took notes what a copy has taken on, and says how it differs from what was accepted in that round before,
// "" if it does not.
func (b ballots) took(key string, c register.Copy) (difference string) {
	if c.Written.IsZero() {
		return ""
	}
	of, value := ballot{key, c.Written}, string(c.Value)
	if before, known := b[of]; known && before != value {
		return fmt.Sprintf("of %q, %s and %s were accepted in the round %v", key, text(before), text(value),
			c.Written)
	}
	b[of] = value
	return ""
}

// text is the value of a register for people.
func text(value string) string {
	s, err := caspaxos.Decode(register.Value(value))
	if err != nil {
		return fmt.Sprintf("%q", value)
	}
	return s.String()
}
