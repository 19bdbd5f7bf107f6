// Package tobtest is the conformance suite of total order broadcast as a whole: it tells, property by
// property, whether a composition delivers what package tob promises.
//
//	Implements   Run, Check, CheckBy
//	Uses         conformance.Assumptions, sim.Run, sim.Monitor, explore.Broadcast
//
// Properties:
//
//	TO1 .. TO5                     as in package tob; TO5 is the order of a client's messages
//	Non-triviality                 a message can be delivered, and its process told so, in small bounds
//	Hygiene: silent                nothing is sent from a constructor
//	Hygiene: deterministic         one seed determines a run to the byte of its trace, and two searches
//	                               of one composition find the same
//	Hygiene: done at most once     done is called once at most, not after a crash, and not if the
//	                               broadcast returned what is final
//	Hygiene: never synchronously   done is called after the broadcast has returned
//	Hygiene: no panic              in a search, as in package explore
//
// and those of the registers and of consensus by the names of package sim, since a run that breaks
// them is no sound one either. What must happen in the end is taken to happen within Bound of virtual
// time after the last fault.
//
// Layers: script has a few stories, such as a process that is cut off and comes back; exhaustive
// visits every state within small bounds, in which p1 broadcasts while a process crashes and
// recovers, or p2 while two may lead, up to 8,000 states each or Assumptions.Schedules; persistence
// has a crash at each operation on the disk of each process, once before it is durable, once when it
// is and nobody has heard of it, and once right after; seeds has faults drawn for each run, of which
// those that break TO1 or TO2 make the layer progress; hygiene has the rest. How done is called is
// looked at in script and in persistence.
package tobtest
