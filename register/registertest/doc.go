// Package registertest is the conformance suite of the round-based register: whoever makes a
// register.Array of their own gives a Factory and what it assumes, and hears which property does
// not hold.
//
//	Uses   stage, sim (Monitor), conformance
//
// Properties, by name: RWA, RWC, RC and WC of package register; Non-triviality (an operation with
// nothing in its way commits); Progress (after the faults, operations of the highest round
// commit); Abort legality (an abort names a higher round that was invoked); and Hygiene: done is
// called at most once, never synchronously, never after a crash or Cancel, a constructor sends
// nothing, duplicates are harmless, the same events give the same outcome, and nothing panics.
//
// Layers: scripts, among them the paper's Figures 1 and 2; a bounded exhaustive search, that is
// all schedules which differ from the plain one in one choice, and then in two, up to a bound, and
// all states (package explore) of one process that operates, crashes and recovers, and of two that
// operate at a time;
// random runs; crashes at each Put, before and after it is durable; hygiene; and at the end of
// every run, progress. All of them keep within the assumptions, so that a failure is a violation.
//
// What the suite assumes of a factory: that the part uses nothing but what it is given, and that
// rounds belong to one attempt for ever, which the suite sees to. Package broken has parts that
// the suite must catch.
package registertest
