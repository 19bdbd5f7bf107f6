// Package winter is the season without stable storage (§6.1). It has the register count answers by
// another rule, and has the copies of a process that recovered fall silent.
//
//	Implements   the rule of Fig. 15, for register.Config
//	Uses         register.Array, omega.Part: those of the variant
//
// A process keeps its copies in memory, and R, the processes that it knows to have recovered. An
// operation needs answers from max(n_f + 1, n − n_f − |R|) processes outside R, all to one attempt;
// when R grows, the operation begins a new attempt. A process that recovers asks the others for all
// that was delivered (Fig. 16: package tob pulls it from instance 1 on). It proposes and leads
// as before, but nobody counts on its copies.
//
// Properties: those of package register. They hold however many processes crash.
//
// Assumptions: for progress, more processes never crash than are faulty, of which there are at most
// n_f; the others may crash and recover some times. The host gives an incarnation that no earlier
// one had, 1 to the first alone (trap 11). No history is truncated.
//
// Departures from the paper: a recovered copy is silent, where the figure sets its rounds to
// infinity, so that it would nack, and abort, every operation for ever (trap 10); it still keeps
// what is written, so that a decision by reference finds the value. RECOVERED is no message: every
// packet tells the incarnation of its sender. The first nack ends an operation (package register).
package winter
