// Package tob is total order broadcast (§3.4): every process delivers the same messages in the
// same order.
//
//	Implements   TOB, by New (Fig. 9 without a Disk, Fig. 13 with one)
//	Uses         consensus.Array, leader.Leader, retransmit.Net[Message], History,
//	             process.Disk[Checkpoint] in crash-recovery
//	Requests     Broadcast(m), BroadcastAll(m…), Launch(), Truncate(l)
//	Indications  deliver(l, batch), done of each broadcast
//
// Properties:
//
//	TO1 Termination   if a process broadcasts m and does not crash, it delivers m
//	TO2 Agreement     if a process delivers m, every correct process does
//	TO3 Validity      only what was broadcast is delivered, and each message at most once
//	TO4 Total order   if p delivers m' before m and q delivers m, then q delivers m' before m
//
// and, beyond the paper, a client's messages are delivered in the order of their sequence.
//
// Assumptions: those of consensus and of leader election; Limits are the same at all processes
// where they say so.
//
// Messages (* s-sent):
//
//	FORWARD*   any → leader     messages that the sender has broadcast and not delivered
//	DECISION   leader → others  instance L is decided with the value you accepted in round k, or
//	                            with this one
//	PULL       any → any        I am behind: send what you have from instance L on
//	UPDATE     any → any        the batches delivered from instance L on
//
// Figs. 9 and 13, by parts: Received is the pool; TO_delivered is History;
// AwaitingToBeDelivered is awaiting; nextBatch is next. The task launch is Launch, whose guard
// the host evaluates at the end of every turn; the task propose is proposal; deliver is
// deliver; STORE and RETRIEVE of Fig. 13 are the checkpoint.
//
// Departures from the paper: docs/paper.md has the reasons. In short: the leader proposes no-ops
// for all open instances below the highest seen; decisions are sent once and by reference, and
// who misses one learns from a heartbeat that it is behind, and pulls; a message is
// (client, sequence, payload) and one number per client tells duplicates; the delivered log is
// not forced while the registers hold the decisions; a peer that is down costs nothing but
// what the history keeps on disk.
package tob
