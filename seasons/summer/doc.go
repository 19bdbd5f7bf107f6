// Package summer is the season in which disks fail independently of processes (§6.3, Disk Paxos).
// It swaps the register.
//
//	Implements   register.Array, by NewRegisters (Fig. 18)
//	Uses         process.Disks[Block]; Watch also process.Clock
//	Requests     those of package register, and Look()
//	Indications  done of each operation
//
// Each process owns a block on every disk for every instance: the highest round it has read with,
// and the value it wrote last with its round. An operation writes the own block on every disk and
// then, on each disk where that is durable, reads the blocks of all. It returns once that is done
// on a majority of the disks: it aborts if some block has a higher round, and a read else returns
// the value of the highest write round.
//
// Properties: RWA, RWC, RC and WC of package register. An operation that is not cancelled or
// outrun returns, if a majority of the disks works.
//
// Assumptions: one correct process, and a majority of the disks. With Spring, whose election
// counts votes, a majority of the processes.
//
// Permission (§6.4: Fall): a write of instance L permits a write of L + W without a read, if this
// process had written nothing in L before, none of the majority of disks that it completes on
// shows a value of another process in L, and none has any block of L + W. Two processes cannot
// both be permitted: on a disk that both complete on, the one that reads later sees the value of
// the other. An earlier incarnation of the same process that was permitted left its value on
// a majority, where this one has found it.
//
// Departures from the paper: own blocks are retrieved for each instance when it is first operated
// on, not all at the start; a process looks every Interval at the first instance that it does
// not know to be begun, because one that decided alone may have told nobody and be gone;
// decisions carry their values, and a process may lead that nobody else hears; blocks are
// removed once every process has delivered the instance durably, so that whoever was away, alone
// or not, still finds the decisions that it lacks.
//
// Costs of an operation: one forced write and one read on each disk, and one read more for
// permission, or when the instance is new to this process. No message.
package summer
