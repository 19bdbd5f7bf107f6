// Package caspaxos is CASPaxos: for each key a register that can be changed. It is the round-based
// register of package register with, in the place of the value to be written if none was read, a
// function of what was read; there is no log and no leader.
//
//	Implements   CASPaxos, by New; Process, by Build, on the registers of a variant
//	Uses         retransmit.Net[Message], a register.Array for each key, process.Disk[Cell] and
//	             process.Disk[Standing], process.Clock and process.Rand, for waits alone
//	Requests     Change(key, f), Read(key), List(place), Edit(edit), Reconfigure(target),
//	             ReconfigureProposers(proposers), Receive, Restarted
//	Indications  done of each; Watch, of what a copy takes on; Configured
//
// Properties, for each key:
//
//	Theorem 1        of any two changes that were acknowledged, one is a descendant of the other
//	Exactly once     an acknowledged change is in the states that follow once, and one that was
//	                 refused or broken off at most once
//	Linearizability  changes and reads take effect one by one, between call and return
//	Removal          a register is removed only while it holds a tombstone, and nothing that was
//	                 before the deletion comes back
//	Progress         with a correct quorum for each phase, every change of a proposer that does not
//	                 crash is acknowledged
//
// Assumptions: those of the registers. With stable storage everything here is offered; on registers
// that keep nothing (crash-stop, Winter) keys are changed and read, but not listed or collected, and
// the membership does not change: ages and configurations must survive crashes. On Summer's, which have
// numbers, keys share registers, and a change of a key is one of a map. Fall's are not offered: their
// permission is for the next of a sequence, of which there is none.
//
// # One round trip (§2.2.1)
//
// A round ends in a turn, which no other operation of its process has, where other parts have the
// incarnation: so rounds of one number and process are one behind the other, and nobody else's is
// between them. A quorum that has promised the first has promised all of them, which is what the
// paper has the next prepare ride on an accept for. A proposer therefore keeps the state that it
// wrote last, and goes on in the next round of the number with an accept alone, until it is refused,
// the key is collected, the configuration changes, or it gets older.
//
// # Doing it once
//
// An accept that was refused may be in force all the same: another proposer may have read it. The paper
// is silent on who tries again, and would apply f twice. So a state has, for each process, a mark: the
// turn of the last change that it made. It tells what became of an attempt.
//
// # Collection (§3.1)
//
// Deleting leaves a tombstone. Many are collected together: (a) x → x with an accept at all
// acceptors, (b) all proposers drop what they have of the keys, go beyond the tombstones' rounds and
// get older, (c) acceptors refuse messages of younger proposers, (d) and remove what still holds just
// that tombstone, by its round, and was not promised to anybody since. Beyond the paper, acceptors
// refuse rounds up to the tombstones' for registers that they do not hold, so that a proposer that
// comes new is as safe as those that took part.
//
// # Membership (§2.3)
//
// A configuration has an epoch, and quorums for each phase. The configurations are the states of a
// register of their own, so there is one for each epoch. Messages carry the epoch; a copy takes none
// of an earlier one, and tells of its own. A configuration is in force once it is, durably, at a set
// of processes that blocks all quorums of the one before; where the paper connects to each proposer,
// nobody has to be reached here who is down. Configurations that follow each other can be in force
// together (Configuration.Next, and TestEveryStepMeets), rounds are above those of all epochs but the
// last (Configuration.Floor), and before the next one everything that was
// acknowledged is made valid in the present one: by x → x for every key, or, where it grows, by the
// new acceptor's copy of what a prepare quorum holds. What must be done next follows from the
// configuration; any proposer goes on with it. A process that joins begins with nothing.
// What is asked for is an edit of the configuration that was decided last, made by a change of that register
// and exactly once, so that of two that are asked for at once none undoes the other (Edit).
// The proposers can change alone (§2.3.4), in one step. One that was none for a while ends what it had
// begun (Configuration.Newcomers): marks may have been collected without it.
//
// Messages: all but Stale, Behind, Younger and Collect are s-sent.
//
//	Ask        proposer → copy       prepare, or accept
//	Answer     copy → proposer       as package register has it             what that has durable
//	Look       proposer → copy       what is held, without a promise
//	Seen       copy → proposer                                              the copy
//	Stale      any → any             a later configuration than the message's
//	Behind     any → any             asks for a configuration
//	Younger    copy → proposer       the age below which nothing is taken
//	Install    driver → any          a configuration to take over
//	Installed  any → driver                                                 the configuration
//	Pull, Page any ↔ copy            what copies hold, from a place on
//	Catch      driver → learner      asks for a Caught
//	Caught     learner → driver      it has what a prepare quorum holds     its copies
//	Collect      copy → proposer       tombstones, where no proposer holds copies
//	Advance, Advanced   collector ↔ proposer   step (b)                     age and floor
//	Forbid, Forbidden   collector ↔ copy       step (c)                     ages and floor
//	Remove, Removed     collector ↔ copy       step (d)                     the removal
package caspaxos
