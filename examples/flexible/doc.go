// Package flexible is an example of a register of one's own: its reads and writes wait for quorums
// of one's choice, where the paper waits for majorities (H. Howard et al., "Flexible Paxos").
//
//	Implements   the rule for when an operation has enough answers, of register.Config
//	Uses         register.Array: that of the variant
//
// Properties: those of package register. Assumptions: every read quorum meets every write quorum;
// a quorum of each kind is correct; with Fall, every two write quorums meet.
package flexible
