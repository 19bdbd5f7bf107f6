// Package stage is what the conformance suites of the register and of consensus share: processes
// that have nothing but the part under test, on links and storage whose every choice is one of
// the suite's.
//
//	Used by   registertest, consensustest
//	Uses      sim (World, Host, Monitor), conformance
//
// Scripts, the bounded exhaustive search, random runs and the crashes at each Put differ only in
// who chooses what happens next: which message arrives, whether an event of the storage happens,
// who crashes, recovers or begins an operation. The links are those of package retransmit as a
// part sees them: what is s-sent arrives if nobody crashes or cancels, a message of an earlier
// incarnation does not arrive after one of a later, and whoever restarted is announced.
package stage
