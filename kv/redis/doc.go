// Package redis serves the Redis protocol (RESP2) over an engine of package kv.
//
//	Implements   the commands below, with the answers and error texts of Redis 7.0
//	Uses         kv.Engine, kv.Expiry; github.com/tidwall/redcon, for the encoding of answers
//	Requests     Listen(config), Addr, Close
//	Indications  answers, on the connection that asked
//
// Properties:
//
//	KR1 Order      commands of one connection take effect, and are answered, in their order; if it
//	               asks for less by PAXON.ORDER KEY, those of each key take effect in their order
//	KR2 As Redis   answers are those of redis-server, byte for byte, but for the departures below
//	KR3 Honest     a change whose outcome is unknown is answered by TRYAGAIN, never by success
//	KR4 Bounded    a connection holds requests of at most Limits.Request bytes together and one more,
//	               for at most Limits.Pipeline commands a value each, and answers of at most 64 KiB
//	               and one of Limits.Answer, whatever its client sends and however slowly it reads
//	KR5 No panic   no bytes from a client end the process
//	KR6 Farewell   Close has commands under way finish and be answered
//
// Commands: GET SET SETNX SETEX PSETEX GETSET GETDEL APPEND STRLEN MGET MSET, INCR DECR INCRBY
// DECRBY, DEL EXISTS TYPE KEYS SCAN DBSIZE FLUSHDB FLUSHALL, TTL PTTL EXPIRE PEXPIRE PERSIST,
// PING ECHO SELECT QUIT AUTH HELLO CLIENT COMMAND CONFIG INFO; and of our own
//
//	PAXON.GET key                 an array of version and value, nil if there is no key
//	PAXON.CAS key version value   the new version, nil if the key is not at version;
//	                              0 stands for a key that is not there
//	PAXON.ORDER [CONNECTION|KEY]  what order the commands of this connection keep: see below
//
// Every command on one key is linearizable, across all processes. A version stands for a value:
// a key that is deleted and put again goes on with higher versions.
//
// # Pipelines
//
// Commands that have arrived behind each other are answered in one write. They are under way together
// where nobody can tell: all commands of one key, reads and changes, up to the next of another key. At one
// key a change behind another goes along in its round, and reads that no change is among share one.
//
// Between keys the next command begins when the one before has ended, because each key is a register of
// its own and programs rely on the order: whoever sees SET flag has to see the SET x before it, also
// if the process crashed between the two, and GET flag, GET x must not be answered from after and
// before. A command that is answered by TRYAGAIN may still take effect after those that follow.
//
// A client that does not need the order says so: for some keys by MSET, MGET, DEL and EXISTS, whose keys are
// all under way together; for all it sends by PAXON.ORDER KEY. Then its commands are as if each key
// had a connection of its own, though still answered in order: those of one key keep their order, of others
// nothing is known. A command with several keys or none, such as PING, takes effect behind all before it
// and ahead of all after it. So redis-cli --pipe is faster with PAXON.ORDER KEY as its first line.
//
// # SCAN
//
// A cursor is a place in an order of all keys that is the same at all processes and never changes (package
// kv/registers), so no server keeps anything for it: an iteration may go on at any other process, after
// a crash, and while processes are added and removed. A key that is there from the beginning to the end
// of it is returned; one that comes or goes meanwhile may be. A call asks a quorum of copies for
// about COUNT keys (10 unless given, 10,000 at most), reads those of which the copies do not agree
// whether they exist, and costs in proportion to that, not to the keys there are. It returns fewer, or
// none, with a cursor to go on with, where much was deleted lately, where keys are so long that they
// exceed 1 MiB together, and where MATCH or TYPE leave few, as Redis does.
// KEYS and DBSIZE are such iterations: DBSIZE takes time in proportion to the number of keys.
//
// Departures from Redis, and why:
//
//   - Commands on several keys (MGET, MSET, DEL, EXISTS, FLUSHALL, KEYS, DBSIZE) are one operation
//     for each key, not atomic together: each key is a register of its own. A client may see some
//     of an MSET, and of one that fails some may be done.
//   - EXPIREAT, PEXPIREAT, SET with EXAT or PXAT, and EXPIRE with GT or LT are refused, because
//     they compare clocks of different machines. Package kv says how items expire. A change that
//     keeps a TTL writes what is left by the clock of the process asked. The longest TTL is
//     kv.MaxTTL.
//   - There is one database, 0, and strings only.
//   - PAXON.CAS, like SET, takes a TTL away.
//   - An argument that is too long is answered by an error, and the connection goes on.
//   - HELLO 3 is refused: only RESP2 is spoken. Clients fall back to it.
//
// The connections are our own, and not those of redcon.Server, whose reader (v1.6.4) ends the
// process on lengths such as $9223372036854775807 or, in ReadNextCommand, $-2, and doubles its buffer
// for as long as a client leaves a command unfinished.
package redis
