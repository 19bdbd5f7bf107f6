// Package fall is the season in which stable periods are common (§6.4). It swaps consensus for
// fast consensus, and has the register's copies give permission.
//
//	Implements   consensus.Array, by New (Figs. 20–22)
//	Uses         consensus.Array, register.Array whose copies give permission
//
// A propose that commits in instance L with the permission of all who acknowledged its write may
// fastpropose in instance L + W: write directly, without reading, in a round of number 0, which is
// below every other. At most one process can hold permission for an instance, because two
// majorities that saw "L without a value" intersect. W is the leader's window; W = 1 is the
// paper. A fastpropose that aborts falls back to rounds above 0, and permission comes back with
// the writes that commit from then on.
//
// Properties: those of package consensus.
//
// Assumptions: none for safety beyond the register's. In a stable period with one leader each
// decision takes one round trip and one forced log per copy on its critical path.
//
// Departures from the paper: a fast write keeps its round, below all regular ones, where the
// figure stores it as round n + 1, which is p1's first regular round (trap 12); the permission of a
// write is part of the copy, so that a repeated WRITE gets the same answer (trap 13); the decision
// is a message of its own that leaves with the next write in one packet to the link, instead of
// waiting for one to ride on (trap 14).
package fall
