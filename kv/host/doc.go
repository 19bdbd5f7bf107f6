// Package host is one process of a store of values by key: CASPaxos on sockets and a disk, and a
// server that speaks the Redis protocol.
//
//	Implements   a process for programs and for "paxon kv"
//	Uses         node.Registers, kv/registers, kv.Expiry, kv/redis
//	Requests     ReadConfig, Open, Close, Addr
//	Indications  Done, Err
//
// PAXON.MEMBERS, at the port of the Redis protocol, changes the membership (§2.3) while the cluster
// serves:
//
//	PAXON.MEMBERS LIST                         epoch, target, and a line for each process
//	PAXON.MEMBERS ADD ID HOST:PORT             of the links of the process
//	PAXON.MEMBERS REMOVE ID
//	PAXON.MEMBERS REPLACE OLD NEW HOST:PORT
//	PAXON.MEMBERS ADD-PROPOSER ID HOST:PORT    it serves clients, and keeps no copies
//	PAXON.MEMBERS REMOVE-PROPOSER ID           it keeps its copies, if any, and changes nothing
//
// A member keeps copies and proposes, and so serves clients. REMOVE of a process that only proposes is
// REMOVE-PROPOSER, and ADD of one that only keeps copies is ADD-PROPOSER.
//
// The first three answer with the target, once the change has begun; it goes on by itself, also if the
// process that was asked crashes. Those about proposers are one step, and answer with the proposers once
// it is in force. Whoever repeats one does no harm.
package host
