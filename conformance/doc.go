// Package conformance is what the conformance suites of the parts share: what a part assumes, and
// how a suite tells which property does not hold.
//
//	Used by   registertest, consensustest, leadertest, omegatest, retransmittest, tobtest
//
// Assumptions say which faults there may be, and Simulate puts that into the terms of package sim.
// A Failure is one property that does not hold; a Report collects them.
//
// A suite has two doors: Run(t, factory, assumptions) for go test, and Check(factory, assumptions)
// for everything else. Both do the same: build the part with the factory, again after every
// crash, have it do its work under the faults that the assumptions allow, and check each of its
// properties by name. A suite reports no false positives: a failure is a violation, with the seed
// or the schedule that shows it again.
package conformance
