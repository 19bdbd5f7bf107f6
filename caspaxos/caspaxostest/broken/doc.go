// Package broken is the gallery of CASPaxos: what is broken on purpose, so that the suite
// caspaxostest, the kill board and random runs can be seen to find it. Each is a few lines around
// what is sound: around the messages that come and go, around the registers of the keys, around the
// plan of a change of membership, or around the calls.
//
//	Uses   caspaxostest (Factory), conformance.Flaw
package broken
