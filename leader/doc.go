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
