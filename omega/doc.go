// Package omega is the failure detector Ω (Appendix B, Fig. 28), for crash-stop and for
// crash-recovery processes, under partial synchrony.
//
//	Implements   Omega, by New
//	Uses         process.Net[Heartbeat] (plain, lossy), process.Clock
//	Requests     Start(), Trusted(), Receive(from, heartbeat)
//	Indications  Hooks.Changed, Hooks.Heard
//
// Properties:
//
//	OM1 Eventual leadership   there is a time after which every correct process trusts the same
//	                          correct process, for ever
//
// Assumptions: eventually, links between correct processes deliver within a bound below
// Config.MaxTimeout, and a majority is correct, or with Config.Alone one process.
//
// Messages:
//
//	HEARTBEAT   any → all others   I am up, this often have we all recovered, these I hear
//
// Departures from the paper: RECOVERED is not a message of its own, since it may be lost; every
// heartbeat carries the sender's incarnation, which is its epoch. A time-out grows only when
// the silent process turns out not to have crashed. A process leads only if it is fit: its
// storage makes progress, and it is heard by a majority, which it knows because heartbeats name
// those whom their sender hears. Without that, a process with a stuck disk or one-way links
// could lead for ever and do nothing.
//
// A process that crashes and recovers for ever has an epoch that grows for ever and so ends up
// behind every correct process.
package omega
