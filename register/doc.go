// Package register is the round-based register (§3.1): an abortable register whose operations
// carry rounds, the part of Paxos that stores and locks a value.
//
//	Implements   Register and Array, by New (Fig. 12, crash-recovery) and
//	             NewCrashStop (Fig. 5, crash-stop; with the rule of package winter, Fig. 15)
//	Uses         retransmit.Net[Message]; Fig. 12 also process.Disk[Copy]; no clock
//	Requests     Read(k), Write(k, v), Cancel(); of the array Admit, Forget, Restarted
//	Indications  done of each operation
//
// Properties:
//
//	RWA  Read-write-abort   an abort of an operation with round k implies that some operation
//	                        was invoked with a round above k
//	RWC  Read-write-commit  once an operation with round k has committed, none with a lower
//	                        round that is invoked later commits
//	RC   Read-commit        a read of round k that commits v ≠ ⊥ implies a write of v invoked
//	                        with a round of at most k
//	WC   Write-commit       if write(k, v) commits and no write is invoked afterwards with a
//	                        round of at least k, every read of a round above k that commits
//	                        returns v
//
// and, with a correct majority, an operation that is not cancelled or outrun returns.
//
// Assumptions: rounds belong to one propose for ever (algorithms, trap 1); a majority of an
// instance's processes is correct; Fig. 12 needs stable storage, Fig. 5 that a process which
// crashed never returns, or returns with silent copies and a rule that allows for it.
//
// Three things vary independently: how a copy keeps its state (New, NewCrashStop), when there are
// enough answers (Config.Enough, a majority by default), and permission (Config.Permission).
//
// Messages (all s-sent; L is the instance, k the round; each has the number of the attempt):
//
//	READ       any  → copy    read(k) asks for a promise and the value
//	ackREAD    copy → reader  promised, with the value written last   after the promise is durable
//	nackREAD   copy → reader  a higher round has been here            nothing durable
//	WRITE      any  → copy    write(k, v)
//	ackWRITE   copy → writer  written                                 after k and v are durable
//	nackWRITE  copy → writer  a higher round has been here            nothing durable
//
// Departures from the paper: a nack names the round that beat it, and the first one ends the
// operation, where the figure waits for a majority of answers; an operation that has returned is
// not retransmitted any more; a copy answers each operation once, cancels the answers that a
// later operation or Forget made useless, and pushes back instances that Admit has not admitted;
// when a process restarts, what it has not answered is sent to it again, because it may have
// crashed between receiving and forcing.
package register
