// Package torture runs real processes under faults and checks what their callers saw.
//
//	Implements   Round: one cluster, one schedule of faults, one history; Proxies
//	Uses         client, to talk to the processes; history, to check
//	Requests     Round(config), ParseFaults
//	Indications  a Report, or the first failure as an error
//
// A round has two phases. While there are faults, clients broadcast, one call after the other, at
// any process: plain ones hand each message over once; named ones hand it to another process, or to
// two at a time, under the same client and sequence, until one answers. Readers ask each process
// what it has delivered, over and over. Then the faults heal: every process that may run does,
// and all links work.
//
// Properties, of a round that returns a Report with the verdict history.OK:
//
//	TT1 Linearizable  the history of both phases is one that package history allows
//	TT2 Live          after the faults have healed, each client's next broadcast is answered
//	TT3 Equal         then all processes deliver the same sequence, with all that was answered
//	TT4 Alive         no process ended that was not killed
//
// A call without an answer is unknown, and stays in the history as that.
package torture
