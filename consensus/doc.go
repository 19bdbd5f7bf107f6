// Package consensus is round-based consensus (§3.2): a propose that may abort when another
// process proposes with a higher round.
//
//	Implements   Consensus and Array, by New (Fig. 6)
//	Uses         register.Array, and nothing else
//	Requests     Propose(k, v), Cancel()
//	Indications  done of a propose
//
// Properties:
//
//	CV Validity      a value that is decided was proposed
//	CA Agreement     no two processes decide differently in one instance
//	CT Termination   an abort of round k implies a propose with a round above k; once round k has
//	                 committed, no lower round that is proposed later commits
//
// Assumptions: those of the register; rounds belong to one propose for ever.
//
// Departures from the paper: an abort names the round that won, so that the next attempt can go
// past it.
package consensus
