// Package omegatest is the conformance suite of Ω: it tells, property by property, whether a
// failure detector holds what package omega promises.
//
//	Implements   Run, Check
//	Uses         conformance.Assumptions, sim.Storm, explore
//
// Properties:
//
//	OM1                      eventual leadership, as in package omega
//	Progress indication      what a heartbeat carries of the sender's progress is heard by the
//	                         others, in the end that of every correct process, and none other
//	Output                   Trusted and Outputs name processes that there are
//	Epoch                    that of the process itself is its incarnation; that of another never
//	                         goes back, nor beyond how often it has started
//	Silent while unhealthy   nothing is sent while Hooks.Healthy says false
//	Non-triviality           in some run a process comes to trust another
//	Hygiene: silent          nothing is sent before Start
//	Hygiene: no panic        no order of heartbeats, time-outs and crashes makes it panic
//	Hygiene: deterministic   one seed determines a run to the byte of its trace
//
// "There is a time after which" is taken as: within Bound of virtual time after the last fault, all
// correct processes trust the same correct process, and still do Stretch later. Links then take up to
// a millisecond. The times of the part are its own; a first time-out of 30 ms suits.
//
// Layers: script has a few stories, such as a leader that crashes or whose disk hangs; exhaustive has
// all runs of a bare majority in which timers fire five times, at any time, while heartbeats arrive
// in any order, any number of times or never, and those in which they fire three times beside a
// crash and a recovery, or beside a storage that hangs; of a majority of more than two it sees some.
// seeds has faults drawn for each run, and if the assumptions have unstable processes, a minority
// that crashes and recovers for ever; hygiene has the rest. Progress is part of each.
//
// Time means nothing in exhaustive, and OM1 cannot fall there; Output, Epoch, Silent while unhealthy,
// Non-triviality and no panic are for that layer alone. It tells states apart by the fields of the
// part: what a function has captured is not seen, and goes unsearched.
//
// A process whose disk hangs, or that hears nobody, or that nobody hears, is not asked whom it
// trusts; but the others must not trust it for ever.
package omegatest
