// Package preferred is an example of leader election of one's own: the first process of a list
// that is up leads, say one that is near the clients.
//
//	Implements   leader.Leader
//	Uses         omega.Part: that of the variant, for what the heartbeats carry; process.Clock
//
// Properties: WL1 of package leader.
//
// Assumptions: after some time, every heartbeat of a process that is up arrives within the first
// time-out of Ω; and no process crashes and recovers for ever, which contradicts Spring.
package preferred
