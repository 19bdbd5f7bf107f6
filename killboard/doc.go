// Package killboard runs every checker against everything that is kept broken: the parts in the
// galleries of the conformance suites, and the compositions of package sim/flawed. A checker that
// kills nothing shows nothing, and a flaw that survives all checkers shows what they miss.
//
//	Uses      the suites and their galleries, sim/flawed, sim (Run), explore, explore/setting, conformance
//	Used by   paxon killboard; no protocol package
//
// A flaw is killed by a checker that finds one of the properties violated which the flaw is known
// to break. Entries lists the flaws, Run makes the Board. The checkers are the layers of the suites;
// sim, that is whole random runs of a composition with the part in it; and explore, which visits the
// states of a composition's consensus, or of CASPaxos, in small bounds. To add a checker, add it to
// checkers, and its name to Columns.
package killboard
