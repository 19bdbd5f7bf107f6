// Package leader is weak leader election (§3.3).
//
//	Implements   Leader, by New (Fig. 7)
//	Uses         omega.Omega
//	Requests     Leader()
//
// Properties:
//
//	WL1 Some correct process is an eventual perpetual leader: after some time every
//	    leader() returns it. Before, several may lead at once.
//
// Assumptions: those of Ω. Whoever uses the leader asks again at every turn, and so hears of a
// change.
//
// Departures from the paper: where Fig. 7 answers with the process itself when Ω trusts
// nobody, Leader says that there is none.
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
