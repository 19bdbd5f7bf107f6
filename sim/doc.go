// Package sim is the simulated host: processes of any composition in virtual time, with every
// choice (what arrives, is lost or doubled, when a record is durable, who crashes) made by one
// driver, so that a seed replays a run exactly.
//
//	Implements   process.Net, Clock, Store and Disks, tob.History, for any number of processes
//	Uses         seasons, and through it every protocol package
//
// World is the machinery; Run drives a World at random from a seed, with faults and then without
// (heal), and Monitor checks on every run, by name:
//
//	RWA RWC RC WC       the register's properties      package register
//	CV CA CT            round-based consensus          package consensus
//	TO1 TO2 TO3 TO4 TO5 total order broadcast          package tob; TO5 is the clients' order
//	OM1                 one leader in the end           package omega
//	R1                  a round belongs to one propose for ever
//
// Record spells a run out as a Schedule: each choice of the driver that is not the calm one, one
// by one. A Schedule is played without its seed, kept in a file, and made Minimal: whatever can be
// left out while the same property falls is left out (package sim/shrink). Package sim/replay plays
// files in tests.
//
// Storm drives a World of other actors, such as one part alone, with the faults of Run.
//
// WatchRegisters and its like wrap the parts of a process so that what they do becomes Observations.
// Properties is a fold over these: whoever has observations from elsewhere, such as a search, can
// check them by it.
//
// TO1, TO2 and OM1 say "eventually": once the faults have healed, they must hold within
// Config.Bound of virtual time.
//
// The code that runs here is the code that runs on the real host; nothing in it knows.
package sim
