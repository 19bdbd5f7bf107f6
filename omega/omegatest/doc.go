// Package omegatest is the conformance suite of Ω: it tells, property by property, whether a
// failure detector holds what package omega promises.
//
//	Implements   Run, Check
//	Uses         conformance.Assumptions, sim.Storm
//
// Properties:
//
//	OM1                      eventual leadership, as in package omega
//	Progress indication      what a heartbeat carries of the sender's progress is heard by the
//	                         others, in the end that of every correct process, and none other
//	Hygiene: silent          nothing is sent before Start
//	Hygiene: deterministic   one seed determines a run to the byte of its trace
//
// "There is a time after which" is taken as: within Bound of virtual time after the last fault, all
// correct processes trust the same correct process, and still do Stretch later. Links then take up to
// a millisecond. The times of the part are its own; a first time-out of 30 ms suits.
//
// Layers: script has a few stories, such as a leader that crashes or whose disk hangs; seeds has
// faults drawn for each run, and if the assumptions have unstable processes, a minority that
// crashes and recovers for ever; hygiene has the rest. Progress is part of each.
//
// A process whose disk hangs, or that hears nobody, or that nobody hears, is not asked whom it
// trusts; but the others must not trust it for ever.
package omegatest
