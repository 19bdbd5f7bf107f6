// Package cluster broadcasts the lines of files through a cluster of processes, crashes some
// of them, and checks that all deliver every line once and in one order.
//
//	Implements   Run, Input, Local
//	Uses         client, to talk to the processes
//	Requests     Run(config)
//	Indications  Progress while it runs; a Report, or the first violation as an error
//
// Properties, of a run that returns a Report:
//
//	CR1 Equal    the sequences of all live processes are equal, byte for byte, and that of a
//	             process that was left dead is the beginning of the others'
//	CR2 Once     every line is in each of them exactly once, unaltered
//	CR3 Order    the lines broadcast at one process come in the order of the input
//	CR4 Bound    memory grows with the processes and the window, not with the input
//
// How CR2 is known in bounded memory: line k goes to client k mod n as its next sequence. Of
// each client a process must deliver 1, 2, 3 and so on, and the SHA-256 over these payloads
// must be that over the lines that the client was given.
//
// A process that is killed takes the unanswered lines of its client with it as far as anybody
// knows. They are handed, in order and under the same client and sequence, to another process,
// and the client goes on there until its own process is back and nothing is unanswered
// elsewhere.
package cluster
