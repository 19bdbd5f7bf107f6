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
//	PAXON.MEMBERS LIST                         epoch, target, progress, and a line for each process
//	PAXON.MEMBERS ADD ID HOST:PORT             of the links of the process
//	PAXON.MEMBERS REMOVE ID
//	PAXON.MEMBERS REPLACE OLD NEW HOST:PORT
//	PAXON.MEMBERS ADD-PROPOSER ID HOST:PORT    it serves clients, and keeps no copies
//	PAXON.MEMBERS REMOVE-PROPOSER ID           it keeps its copies, if any, and changes nothing
//
// A member keeps copies and proposes, and so serves clients. REMOVE of a process that only proposes is
// REMOVE-PROPOSER, and ADD of one that only keeps copies is ADD-PROPOSER.
//
// A command says what is to become of the processes that it names, and is made to what was decided last,
// whatever the process that is asked knows: of commands at several processes at once none undoes another. The
// answer is a configuration that has it, "epoch N", "target IDS" and "proposers IDS", once that is in force.
// From then on the cluster goes on with it by itself, also if the process that was asked crashes. Whoever
// repeats a command does no harm, and waits with those who wait for it. What would leave nobody who both
// keeps copies and proposes is refused.
package host
