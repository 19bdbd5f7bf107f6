// Package history checks total order broadcast from outside: what callers of the processes saw,
// against what a total order allows, with the linearizability checker Porcupine.
//
//	Implements   Operation, Check, Read and Write of a history, FromTrace, Draw
//	Uses         github.com/anishathalye/porcupine, sim for the form of a trace
//	Requests     Check(history, timeout), Draw(w, history, timeout)
//	Indications  a Result: OK, Violation, or Undecided when the time was not enough
//
// Properties, of a history that is OK: there is one sequence of messages such that
//
//	HI1 Once       each message of it was broadcast, stands in it once, and entered it after the
//	               first call that broadcast it and before the first answer that it is delivered
//	HI2 Place      each answer and each read gave the message's place in it
//	HI3 Prefix     each read saw the sequence, from where it was asked to, without a gap, up to
//	               some place that was filled before the read returned
//	HI4 Forward    what one start of a process has acknowledged or shown is in every later read
//	               of that start
//
// HI1 and HI2 are linearizability of an appended log. A read is not linearizable, as a process may
// be behind the others for any time; HI3 and HI4 are what the paper's TO1 to TO4 promise of one
// process. The comment of the model has the argument.
//
// A message of which no answer came is Unknown: it may have entered the sequence at any time after
// its call, or never. It stays in the history. Undecided is not OK.
//
// A history is written as NDJSON, one operation a line, in any order; times are nanoseconds, or
// ticks of any clock that all callers share:
//
//	{"op":"broadcast","client":1,"process":2,"start":1,"call":5,"return":9,"result":"ok",
//	 "value":"a","at":"7/0"}
//	{"op":"broadcast","client":2,"process":1,"start":1,"call":6,"result":"unknown","value":"b"}
//	{"op":"read","client":3,"process":2,"start":1,"call":10,"return":11,"result":"ok",
//	 "from":"1/0","entries":[{"at":"7/0","value":"a"}]}
//
// (here folded). A read may have a "to": up to there the process had delivered nothing else. Values
// tell messages apart: no two share one. Several broadcasts of one value are one message that was
// handed to several processes, or again to the same.
package history
