// Package leadertest is the conformance suite of weak leader election: it tells, property by
// property, whether an election holds what package leader promises.
//
//	Implements   Run, Check
//	Uses         omegatest, since WL1 says of leader() what OM1 says of Ω; conformance.Assumptions
//
// Properties:
//
//	WL1                      some correct process is an eventual perpetual leader, as in package
//	                         leader
//	Non-triviality           in some run a process comes to be led by another
//	Hygiene: silent          nothing is sent from the constructor
//	Hygiene: no panic        no order of heartbeats, time-outs and crashes makes it panic
//	Hygiene: deterministic   one seed determines a run to the byte of its trace
//
// Layers: script, exhaustive and seeds are those of omegatest, with the election over the Ω of
// Fig. 28; outputs has the election over an Ω whose outputs the suite makes up: any at first, then
// whatever an Ω may give for ever. There all correct processes trust the same one, but if the
// assumptions have unstable processes, what a minority was heard to trust changes without end (§6.2:
// Spring).
package leadertest
