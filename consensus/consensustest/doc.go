// Package consensustest is the conformance suite of round-based consensus: whoever makes a
// consensus.Array of their own gives a Factory and what it assumes, and hears which property does
// not hold.
//
//	Uses   registertest (and its package stage), sim (Monitor), conformance
//
// Properties, by name: CV, CA and CT of package consensus, CA also of what a process has Accepted
// in a round that committed; R1, a round belongs to one propose for ever, of rounds of number 0,
// which the part permits; Non-triviality, Progress, Abort legality and Hygiene as in registertest,
// and the same layers. The properties of the registers below are registertest's to check.
//
// The registers below are ours unless others are given. Package broken has parts that the suite
// must catch.
package consensustest
