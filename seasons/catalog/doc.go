// Package catalog names the compositions of the paper: plain Paxos (§5) with any seasons (§6)
// that do not contradict each other, and crash-stop Paxos (§4).
//
//	Implements   ByName, Names, Variants, Default
//	Uses         seasons.Compose and every season
//	Used by      the hosts' configurations, and tests that go through all compositions
//
// A composition is named after its seasons, joined by "+" in any order; Variant.Name has them in
// alphabetical order. A new season is one line in the list of this package. A composition of
// one's own needs no entry here: hosts take any seasons.Variant.
package catalog
