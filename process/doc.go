// Package process is the model of "Deconstructing Paxos", §2: processes that crash and
// recover, fair-lossy links, stable storage, a clock and randomness, each as a small
// capability that a constructor takes only if its part needs it.
//
//	Implements   nothing: the hosts (sim, node) implement these interfaces
//	Used by      every protocol part
//
// Assumptions the types carry:
//
//	Net    §2.2  no creation, finite duplication, fair loss; any delay, any order
//	Disk   §2.1  store and retrieve: what Put reported durable survives every crash
//	Clock        bounds hold only eventually; given to Ω and to retransmission alone
//	Rand         seeded per process, so that a run can be replayed
//
// The rules of the loop. All methods of a part and all callbacks that a capability makes run
// on one loop, one after the other, each to completion. A callback never runs before the call
// that was given it has returned, runs at most once, and never runs after a crash. A process
// that recovers builds its parts anew from what its storage returns.
package process
