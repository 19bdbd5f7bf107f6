// Package kv is a store of values by key, as its clients see it, over any engine that keeps items
// linearizable.
//
//	Implements   Value (the bytes of an item), Expiry (items that live for some time only)
//	Uses         Engine: what replicates the items
//	Requests     NewExpiry, Run, Changed, Left, Peek, Over; Value.Encode, Decode
//	Indications  none: that an item has expired shows in the engine, as any other change does
//
// Properties:
//
//	KV1 Never early   an item is deleted no sooner than its TTL after the change that set it was
//	                  asked for; at the process that was asked, no sooner than after its answer
//	KV2 Agreed        an item expires for all clients at once, by a change of its register
//	KV3 Exactly it    what expires is the version that was watched, not what was put since
//	KV4 In the end    an item expires if some process runs that has seen it, and nothing newer of
//	                  its key, at the latest a TTL and 1.5 s after it has, once changes succeed
//	KV5 Bounded       what is watched is one entry for each key with a TTL
//
// Assumptions: the clocks of all processes run at about the right rate. What they show, and
// whether they agree, does not matter: no time of day is stored or sent.
//
// How an item expires. The header of a value carries a duration, its TTL. The process where
// it was set counts it from the engine's acknowledgement on its own monotonic clock, and then
// changes the item to none, if it still is at that version. All other processes count as well,
// from when their copy took the item on, and wait 0.5 to 1.5 s longer, so that normally they find
// it done. If the process that began has crashed, one of the others does it. A process that
// starts counts from its start, so that an item may live another TTL at most if all have
// crashed or none of those that run has seen it. Until the change is decided the item is
// there, for all clients. Any other change, too, may find by Over that the time of its item is up at
// this process: then it takes the item for gone, and decides that and its own effect at once.
//
// A copy may take on an item that is never decided, and another one with the same version later.
// The mark in the header tells them apart: without it the second one might go by the time of the
// first. What was seen last counts, for to ask each time which is decided would cost a read: a
// process that has taken on a newer item leaves an older one to the others, or to whoever reads it.
//
// A change that keeps the TTL, such as an increment, is a new version and writes the time
// that is left by the clock of the process where it is made: in full if that process has not seen
// the item.
package kv
