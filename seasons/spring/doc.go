// Package spring is the season in which processes are unstable: they may crash and recover for
// ever (§6.2). It swaps leader election.
//
//	Implements   leader.Leader, by Elect (Fig. 17)
//	Uses         omega.Part
//
// Properties: WL1 of package leader, if a majority is correct, however many of the others are
// unstable.
//
// The leader is whom a majority of all processes trusts, and while no majority agrees there is
// none. A process that has just recovered and trusts itself, because it has heard too little, is
// not followed by anyone, not even by itself.
//
// Fig. 17 has each process send its Ω output around; it rides on the heartbeat, so that there
// is no extra message. Outputs of processes that Ω suspects do not count.
package spring
