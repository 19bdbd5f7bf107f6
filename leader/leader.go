package leader

import (
	"paxon/omega"
	"paxon/process"
)

// Leader is weak leader election as its users see it.
type Leader interface {
	// Leader is the current leader as this process sees it, and whether there is one.
	Leader() (process.ID, bool)
}

// New makes the leader election of Fig. 7: leader() is whom Ω trusts.
func New(omega omega.Omega) Leader { return trusted{omega} }

type trusted struct{ omega omega.Omega }

func (t trusted) Leader() (process.ID, bool) { return t.omega.Trusted() }
