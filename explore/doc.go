// Package explore searches every state of the parts within bounds: the same code that runs on
// real hosts, with every message, crash, force and timer at every time.
//
//	Implements   Run, a breadth-first search of a Model; Replay of what it found
//	Uses         sim for the properties and the trace, caspaxos/caspaxostest for those of
//	             CASPaxos; the capabilities of the parts
//	Requests     Run(ctx, config), Replay(config, schedule, trace)
//	Indications  Result: counts, and the first violation with the shortest schedule that shows it
package explore
