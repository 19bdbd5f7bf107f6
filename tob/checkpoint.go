package tob

import (
	"fmt"

	"paxon/register"
)

// Checkpoint is what Fig. 13 stores, apart from the history: how far this process has delivered
// durably, and what tells duplicates there.
type Checkpoint struct {
	Next    register.Instance
	Horizon register.Instance
	Clients []ClientState // Silent longest first.
}

// checkpointKey is where the one Checkpoint is on the Disk.
const checkpointKey = 0

// checkpointing is the state of taking checkpoints.
type checkpointing struct {
	stable register.Instance // All instances below are delivered durably, and forgotten.
	bytes  int               // Delivered since the last checkpoint began.
	from   register.Instance // nextBatch at that time.
	busy   bool
}

// retrieve is RETRIEVE (Fig. 13): the checkpoint, and the deliveries that the history has after
// it, which this process does not deliver again.
func (t *TOB) retrieve() {
	c := Checkpoint{Next: 1}
	if t.Disk != nil {
		t.Disk.Stored(func(_ uint64, stored Checkpoint) bool {
			c = stored
			return false
		})
	}
	first, next := t.History.Bounds()
	if next < c.Next || first > c.Next {
		panic(fmt.Sprintf("tob: the history holds instances %d to %d, but the checkpoint says "+
			"that all below %d were durable", first, next-1, c.Next))
	}
	t.clients.horizon = c.Horizon
	for _, s := range c.Clients {
		t.clients.add(s)
	}
	t.next = c.Next
	t.History.Stored(c.Next, func(l register.Instance, batch register.Value) bool {
		t.admit(l, batch)
		t.next = l + 1
		return true
	})
	t.checkpoint = checkpointing{stable: c.Next, from: c.Next}
	t.Consensus.Forget(c.Next)
	t.Consensus.Settle(t.next)
}

// checkpointIfDue takes a checkpoint once enough was delivered since the last: force the
// history, STORE, and forget the registers that are needed no more.
func (t *TOB) checkpointIfDue() {
	c := &t.checkpoint
	delivered := uint64(t.next - c.from)
	batches := max(t.Limits.CheckpointBatches, uint64(len(t.clients.known)/16)) // All of them are stored.
	if c.busy || delivered == 0 || c.bytes < t.Limits.CheckpointBytes && delivered < batches {
		return
	}
	t.sweep() // What waits in vain, because its predecessor never came, goes now.
	c.busy, c.bytes, c.from = true, 0, t.next
	record := Checkpoint{t.next, t.clients.horizon, t.clients.all()}
	stored := func() {
		c.busy, c.stable = false, record.Next
		t.Consensus.Forget(record.Next)
	}
	t.History.Force(func() {
		if t.Disk == nil {
			stored()
			return
		}
		t.Disk.Put(checkpointKey, record, stored)
	})
}

// Truncate drops the history below the instance given, or below the lowest that some process
// has not yet delivered durably, so that no process is ever behind what the others can send.
// It returns where the history begins now.
func (t *TOB) Truncate(below register.Instance) register.Instance {
	below = min(below, t.checkpoint.stable)
	for _, p := range t.Net.All() {
		if p != t.self {
			below = min(below, t.peers[p].stable)
		}
	}
	first, _ := t.History.Bounds()
	if below <= first {
		return first
	}
	t.History.Truncate(below)
	return below
}
