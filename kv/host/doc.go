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
//
// They answer with the target, once the change has begun; it goes on by itself, also if the process
// that was asked crashes. Whoever repeats one does no harm.
package host
