package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
)

// etcdReadySystem is etcd/raft with the driver that the library's documentation describes, a Node and one
// goroutine that does what each Ready asks for, but that what is submitted together is one proposal.
type etcdReadySystem struct{}

// Name implements System.
func (etcdReadySystem) Name() string { return "etcd-ready" }

// Modules implements System.
func (etcdReadySystem) Modules() []string { return []string{"go.etcd.io/raft/v3"} }

// Settings implements System.
func (etcdReadySystem) Settings(fsync bool) string {
	log := "one write and fdatasync for each Ready"
	if !fsync {
		log = "one write for each Ready (written, not forced)"
	}
	return fmt.Sprintf("the loop of its documentation: Node, proposals batched, MemoryStorage over a "+
		"log: %s, on zero-filled recycled files; a leader sends before it writes; MaxSizePerMsg %d, "+
		"MaxInflightMsgs %d, PreVote, CheckQuorum; plain TCP, hand-set frames", log, etcdMessage,
		etcdInflight)
}

// Open implements System. The first member campaigns once all are connected.
func (etcdReadySystem) Open(ctx context.Context, s Setup) (_ Member, err error) {
	n := &etcdReady{id: uint64(s.Member + 1), applied: s.Applied, storage: raft.NewMemoryStorage()}
	n.running, n.stop = context.WithCancelCause(context.Background())
	if err := n.storage.ApplySnapshot(raftpb.Snapshot{Metadata: raftpb.SnapshotMetadata{
		ConfState: raftpb.ConfState{Voters: etcdVoters()}, Index: 1, Term: 1,
	}}); err != nil {
		return nil, err
	}
	if n.log, err = openEtcdLog(s.Dir, s.Fsync); err != nil {
		return nil, err
	}
	if n.network, err = connect(ctx, s); err != nil {
		return nil, errors.Join(err, n.log.close())
	}
	c := etcdConfig(n.id)
	c.Storage = n.storage
	n.node = raft.RestartNode(c)
	n.goroutines.Go(n.run)
	n.network.serve(n.receive, n.fail)
	if s.Member == 0 {
		err = n.node.Campaign(n.running)
	}
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// etcdReady is one member.
type etcdReady struct {
	id         uint64
	node       raft.Node
	storage    *raft.MemoryStorage
	log        *etcdLog
	network    *etcdNetwork
	applied    *Sequence
	running    context.Context // Its cause is what failed, or errEnded.
	stop       context.CancelCauseFunc
	goroutines sync.WaitGroup

	lead   atomic.Uint64
	copies copies // Of who submits.

	mu      sync.Mutex
	pending []*Message // Proposed here and not applied yet, in order.

	// The loop's.
	index, compacted uint64 // Of what was applied last, and compacted.
}

// errEnded is why a member that was closed does not run.
var errEnded = errors.New("the member is closed")

// Leader implements Member.
func (n *etcdReady) Leader() (int, error) {
	return int(n.lead.Load()) - 1, context.Cause(n.running)
}

// Submit implements Member.
func (n *etcdReady) Submit(messages []*Message) {
	n.mu.Lock()
	n.pending = append(n.pending, messages...)
	n.mu.Unlock()
	entries := make([]raftpb.Entry, len(messages))
	for i, m := range messages {
		entries[i].Data = n.copies.of(m.Payload)
	}
	if err := n.node.Step(n.running, raftpb.Message{
		Type: raftpb.MsgProp, From: n.id, Entries: entries,
	}); err != nil {
		n.fail(err)
	}
}

// Settle implements Member.
func (n *etcdReady) Settle(ctx context.Context, count uint64) error {
	return settle(ctx, n.applied, count)
}

// Close implements Member.
func (n *etcdReady) Close() error {
	n.stop(errEnded)
	err := context.Cause(n.running)
	if errors.Is(err, errEnded) {
		err = nil
	}
	n.goroutines.Wait()
	n.node.Stop()
	return errors.Join(err, n.network.close(), n.log.close())
}

// fail stops the member because of an error, and has what was submitted fail.
func (n *etcdReady) fail(err error) {
	if n.running.Err() != nil {
		return
	}
	err = fmt.Errorf("member %d: %w", n.id, err)
	n.stop(err)
	n.mu.Lock()
	defer n.mu.Unlock()
	done(n.pending, err)
	n.pending = nil
}

// receive hands over what came from another member.
func (n *etcdReady) receive(batch []raftpb.Message) {
	for i := range batch {
		if err := n.node.Step(n.running, batch[i]); err != nil {
			n.fail(err)
			return
		}
	}
}

// run is the loop.
func (n *etcdReady) run() {
	ticker := time.NewTicker(etcdTick)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			n.node.Tick()
		case rd := <-n.node.Ready():
			if err := n.ready(&rd); err != nil {
				n.fail(err)
				return
			}
			n.node.Advance()
		case <-n.running.Done():
			return
		}
	}
}

// ready does what a Ready asks for.
func (n *etcdReady) ready(rd *raft.Ready) error {
	if rd.SoftState != nil {
		n.lead.Store(rd.Lead)
	}
	leads := n.lead.Load() == n.id
	if leads {
		n.send(rd.Messages)
	}
	if err := n.save(rd); err != nil {
		return err
	}
	if !leads {
		n.send(rd.Messages)
	}
	n.apply(rd.CommittedEntries)
	return n.compact()
}

func (n *etcdReady) send(messages []raftpb.Message) {
	for i := range messages {
		n.network.links[messages[i].To-1].add(&messages[i])
	}
	n.network.flush()
}

// save has the entries and the state of a Ready durable.
func (n *etcdReady) save(rd *raft.Ready) error {
	m := raftpb.Message{Entries: rd.Entries}
	if !raft.IsEmptyHardState(rd.HardState) {
		m.Term, m.Vote, m.Commit = rd.Term, rd.Vote, rd.Commit
		if err := n.storage.SetHardState(rd.HardState); err != nil {
			return err
		}
	}
	if err := n.log.writeAll([]raftpb.Message{m}, rd.MustSync, n.compacted); err != nil {
		return err
	}
	return n.storage.Append(rd.Entries)
}

// apply applies entries, and tells of those that were proposed here.
func (n *etcdReady) apply(entries []raftpb.Entry) {
	count := 0
	for i := range entries {
		n.index = entries[i].Index
		if len(entries[i].Data) > 0 { // Otherwise it is what a leader begins with.
			n.applied.add(entries[i].Data)
			count++
		}
	}
	n.applied.show()
	if n.lead.Load() != n.id {
		return
	}
	n.mu.Lock()
	own := n.pending[:min(count, len(n.pending))]
	n.pending = n.pending[len(own):]
	n.mu.Unlock()
	done(own, nil)
}

// compact lets go of entries that all members have, in bounds.
func (n *etcdReady) compact() error {
	if n.index < n.compacted+etcdCompact {
		return nil
	}
	below := n.index - min(n.index, etcdKept)
	if n.lead.Load() == n.id {
		below = n.index
		for _, p := range n.node.Status().Progress {
			below = min(below, p.Match)
		}
	}
	if below < n.compacted+etcdCompact {
		return nil
	}
	n.compacted = below
	return n.storage.Compact(below)
}
