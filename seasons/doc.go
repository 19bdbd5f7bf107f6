// Package seasons composes total order broadcast from its parts. A Variant is a value with one
// constructor for each part; a season of the paper (§6) is a function that swaps some.
//
//	Implements   Variant, Process; Paxos and CrashStop, the compositions without a season
//	Uses         every protocol package
//	Used by      the hosts: sim and node
//
// A host builds a Process from a Variant, starts it, hands it packets, and calls Turn once all
// that arrived has been handed over.
package seasons
