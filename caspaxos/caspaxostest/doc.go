// Package caspaxostest is the conformance suite of CASPaxos as a whole: it tells, property by property,
// whether the processes that a Factory makes are what package caspaxos promises.
//
//	Implements   Run, Check, Hunt, Cover
//	Uses         sim.Storm, history/keys (Porcupine), conformance.Assumptions
//
// Properties, for each key where not said otherwise:
//
//	Theorem 1        of any two states that callers were told of, one is a descendant of the other
//	Exactly once     a change that was acknowledged is in the states that follow once, and another one
//	                 at most once
//	Linearizability  there is an order of all calls that agrees with what they were told, versions too
//	Removal          nothing from before an acknowledged deletion is shown, or built on, after it
//	Ballots          all that copies take on in one round is one state
//	Progress         once the faults are over, every process that is up answers its callers
//	Collection       and no acceptor holds more than what exists, and the configuration
//	Membership       and every change of membership ends, at what was asked for, and undoes no other
//	                 that is under way; those propose who are to, and nobody else
//	Listing          and what exists is listed, once, and nothing else but what copies are unsure of
//	Non-triviality   nothing is refused but by who has not proposed in some configuration since
//	Hygiene: ...     done is called once at most, never synchronously, never after a crash; one seed
//	                 determines a run; nothing panics
//
// What must be so in the end is taken to be so within Bound of virtual time. A change function here
// gives each state a name, and notes which one it was made from. So the lineage of all states is
// known, but for tombstones, which have nothing but a version: where that leaves open which state
// one was made from, Exactly once is not judged.
//
// Layers: script has a few stories, of messages that come late or not at all; exhaustive has all runs of
// three small stories that differ from the plain one in the fate of one message, and then of two, up to
// Assumptions.Schedules; seeds has faults,
// limits, quorums, calls and changes of membership drawn for each run; those that break what must be
// so in the end make the layer progress. The waits of processes come from streams of their own, so that a run
// with other choices has the same; in a half of the runs from one stream for all, so that they coincide.
// Package broken has what the suite must catch.
package caspaxostest
