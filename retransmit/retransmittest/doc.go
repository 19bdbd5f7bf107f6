// Package retransmittest is the conformance suite of retransmission: it tells, property by property,
// whether links hold what package retransmit promises.
//
//	Implements   Run, Check
//	Uses         conformance.Assumptions, sim.Storm, explore
//
// Properties:
//
//	RT1 No creation          as in package retransmit
//	RT2 Finite duplication   as there, of what is s-sent
//	RT3 Stubborn delivery    as there; a message that the receiver pushed back comes again
//	RT4 Bounded              what has been s-received waits and is sent no more
//	Cancel                   what is cancelled waits and is sent no more
//	Restarted                a process hears of the last crash of each other, and of none that was not
//	Non-triviality           on prompt links, what is merely sent arrives
//	Hygiene: silent          the constructor sends nothing
//	Hygiene: asynchronous    nothing is received before Send or SSend has returned
//	Hygiene: no panic        no order of packets, timers, calls and crashes makes them panic
//	Hygiene: deterministic   one seed determines a run to the byte of its trace
//
// What must happen in the end is taken to happen within Bound of virtual time after the last fault.
// Links then take up to a millisecond.
//
// Layers: script has a few stories, such as a long cut or a message that is pushed back; exhaustive has
// all runs of two processes, on links with loss, duplicates and reordering, in which timers fire a
// few times, at any time: beside a cancellation, a push-back, or a crash and a recovery; seeds has
// messages, cancellations and push-backs at random under faults drawn for each run; hygiene has the
// rest.
//
// In exhaustive, packets carry beside them what their sender has received, so that it is seen when a
// message waits no more that was not received; and some run must send a message again, have one wait
// no more, receive what is merely sent and hear of a restart. It tells states apart by the fields of
// the links: what a function has captured is not seen, and goes unsearched.
//
// The suite pushes back nothing that a process sent to itself: nobody would send it again.
package retransmittest
