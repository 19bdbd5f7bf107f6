// Package tables measures what the paper on CASPaxos has in tables, and a comparison of its own of
// stores that speak the protocol of Redis.
//
//	Implements   Table, Run
//	Uses         caspaxos and compositions on package sim, in virtual time; the real host behind
//	             Links; redis-benchmark; a program beside this one that runs etcd (bench/etcd)
//	Requests     Run(ctx, config)
//	Indications  a Result for each table, when it is there
//
// Tables:
//
//	wan        §3.2: read-modify-write loops in three regions, by where a leader is
//	isolation  §3.3: how long clients wait when a process is isolated that is not theirs
//	kv         throughput and latencies of stores under redis-benchmark
//
// Properties:
//
//	B1 Same work    a loop reads a value, and writes one more if it is still the same; every client
//	                has a key of its own; what is isolated, and how, is the same for all
//	B2 Determinism  what is simulated depends on the program alone
//	B3 Beside       what the paper has stands beside what was measured, and is marked as such
//
// Assumptions: of the real host, that its clock and scheduler are good for a fraction of a
// millisecond. Round trips are scaled (Config.Scale), because they only add up.
package tables
