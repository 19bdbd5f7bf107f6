// Package redis serves the Redis protocol (RESP2) over an engine of package kv.
//
//	Implements   the commands below, with the answers and error texts of Redis 7.0
//	Uses         kv.Engine, kv.Expiry; github.com/tidwall/redcon, for the encoding of answers
//	Requests     Listen(config), Addr, Close
//	Indications  answers, on the connection that asked
//
// Properties:
//
//	KR1 Order      commands of one connection are carried out and answered one by one, in order
//	KR2 As Redis   answers are those of redis-server, byte for byte, but for the departures below
//	KR3 Honest     a change whose outcome is unknown is answered by TRYAGAIN, never by success
//	KR4 Bounded    a connection holds one request of at most Limits.Request bytes and answers of
//	               at most Limits.Answer, whatever its client sends and however slowly it reads
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
//
// Every command on one key is linearizable, across all processes. A version stands for a value:
// a key that is deleted and put again goes on with higher versions.
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
