package node

import (
	"context"
	"time"

	"paxon/node/disks"
	"paxon/node/link"
	"paxon/node/storage"
	"paxon/process"
	"paxon/register"
)

// Status is what a process knows of itself and the others.
type Status struct {
	Cluster     string
	Process     process.ID
	Variant     string
	Incarnation process.Incarnation
	// Leader is 0 if there is none, and Epoch is how often it has recovered.
	Leader process.ID
	Epoch  process.Incarnation
	// FirstBatch is the oldest instance that is kept, NextBatch the first that is not delivered.
	FirstBatch, NextBatch register.Instance
	// Delivered counts the messages delivered since the start.
	Delivered uint64
	// Pending counts the process's own broadcasts that are not delivered yet.
	Pending int
	Healthy bool
	// Peers are the other processes, by id.
	Peers   []Peer
	Links   link.Stats
	Storage storage.Stats
	// Disks are the shared disks, in the order of the configuration.
	Disks  []disks.Status
	Uptime time.Duration
}

// Peer is what a process knows of another.
type Peer struct {
	ID      process.ID
	Address string
	// Next is its nextBatch as of its last heartbeat, 0 before the first.
	Next register.Instance
	// Epoch is how often it has recovered.
	Epoch process.Incarnation
	// Kept counts the messages that are kept for it.
	Kept int
	link.PeerStats
}

// Status asks the loop how it stands. The error is ctx's, ErrClosed or the failure of the process.
func (n *Node) Status(ctx context.Context) (Status, error) { return ask(ctx, n.running, n.status) }

// status runs on the loop.
func (n *Node) status() Status {
	first, next := n.storage.History.Bounds()
	s := Status{
		Cluster: n.config.Cluster, Process: n.config.Process, Variant: n.config.Variant,
		Incarnation: n.storage.Incarnation(), Leader: n.loop.leader, Epoch: n.loop.epoch(),
		FirstBatch: first, NextBatch: next,
		Delivered: n.loop.parts.TOB().Delivered(), Pending: n.loop.parts.TOB().Waiting(),
		Healthy: n.loop.store == nil || n.loop.store.healthy(),
		Links:   n.links.Stats(), Storage: n.storage.Stats(), Uptime: time.Since(n.begun),
	}
	if n.disks != nil {
		s.Disks = n.disks.Status()
	}
	for _, id := range n.config.ids() {
		if id == n.config.Process {
			continue
		}
		s.Peers = append(s.Peers, Peer{
			ID: id, Address: n.config.Peers[id], Next: n.loop.peerNext[id],
			Epoch: n.loop.parts.Epoch(id), Kept: n.loop.parts.Kept(id), PeerStats: s.Links.Peers[id],
		})
	}
	return s
}

// Healthy is nil if the loop turns, the disk makes progress, and if there are shared disks, a
// majority of them does not fail. The error is a *StalledError,
// ErrClosed or the failure of the process; ctx bounds the wait for the loop.
func (n *Node) Healthy(ctx context.Context) error {
	s, err := n.Status(ctx)
	switch {
	case err == nil && !s.Healthy:
		return &StalledError{"a forced write has not ended for seconds: look after the disk"}
	case err == nil && n.majorityFails():
		return &StalledError{noMajority}
	case err != nil && ctx.Err() != nil && n.Err() == nil:
		return &StalledError{"the loop does not answer: it is overloaded, or held up by the disk"}
	}
	return err
}
