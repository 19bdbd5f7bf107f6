package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	wal "github.com/hashicorp/raft-wal"
	"github.com/hashicorp/raft-wal/fs"
	"github.com/hashicorp/raft-wal/segment"
	"github.com/hashicorp/raft-wal/types"
)

// hashicorpSystem is hashicorp/raft on raft-wal, forced or not, or in memory.
type hashicorpSystem struct{ memory bool }

// What hashicorp/raft is tuned with.
const (
	hashicorpAppend  = 1024 // Entries of an AppendEntries, the most that it takes.
	hashicorpCache   = 16384
	hashicorpTimeout = 10 * time.Second
)

// Name implements System.
func (h hashicorpSystem) Name() string {
	if h.memory {
		return "hashicorp-memory"
	}
	return "hashicorp"
}

// Has implements Limited. What writes nothing forces nothing.
func (h hashicorpSystem) Has(fsync bool) bool { return !h.memory || !fsync }

// Modules implements System.
func (h hashicorpSystem) Modules() []string {
	if h.memory {
		return []string{"github.com/hashicorp/raft"}
	}
	return []string{"github.com/hashicorp/raft", "github.com/hashicorp/raft-wal"}
}

// Settings implements System.
func (h hashicorpSystem) Settings(fsync bool) string {
	log := fmt.Sprintf("raft-wal, log cache of %d", hashicorpCache)
	switch {
	case h.memory:
		log = "InmemStore (nothing is written)"
	case !fsync:
		log += ", file system whose Sync does nothing (written, not forced)"
	}
	return fmt.Sprintf("%s; MaxAppendEntries %d, BatchApplyCh, BatchingFSM, TCP transport; ApplyLog, "+
		"futures collected in order", log, hashicorpAppend)
}

// Open implements System.
func (h hashicorpSystem) Open(_ context.Context, s Setup) (Member, error) {
	m := &hashicorpMember{
		self: s.Member, applied: s.Applied, waiting: make(chan hashicorpWaiting, s.Outstanding),
	}
	m.collector.Go(m.collect)
	err := m.open(s, h.memory)
	if err == nil && s.Member == 0 { // The others learn of the cluster from this one.
		var c raft.Configuration
		for i, a := range s.Addresses {
			c.Servers = append(c.Servers, raft.Server{ID: hashicorpID(i), Address: raft.ServerAddress(a)})
		}
		err = m.raft.BootstrapCluster(c).Error()
	}
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

func hashicorpID(member int) raft.ServerID {
	return raft.ServerID(fmt.Sprintf("member-%d", member+1))
}

// hashicorpMember is a Raft.
type hashicorpMember struct {
	self      int
	raft      *raft.Raft
	closers   []io.Closer
	applied   *Sequence
	copies    copies
	waiting   chan hashicorpWaiting
	collector sync.WaitGroup
}

// hashicorpWaiting is a message and what tells when it was applied.
type hashicorpWaiting struct {
	future  raft.ApplyFuture
	message *Message
}

// open makes the Raft.
func (h *hashicorpMember) open(s Setup, memory bool) error {
	log := hclog.New(&hclog.LoggerOptions{Level: hclog.Error, Output: os.Stderr})
	transport, err := raft.NewTCPTransportWithConfig(s.Addresses[s.Member], nil,
		&raft.NetworkTransportConfig{MaxPool: members, Timeout: hashicorpTimeout, Logger: log})
	if err != nil {
		return err
	}
	h.closers = append(h.closers, transport)
	config := raft.DefaultConfig()
	config.LocalID, config.Logger = hashicorpID(s.Member), log
	config.MaxAppendEntries, config.BatchApplyCh = hashicorpAppend, true
	config.NoLegacyTelemetry = true

	logs, stable, err := h.openStores(s, memory, log)
	if err != nil {
		return err
	}
	h.raft, err = raft.NewRaft(config, hashicorpMachine{s.Applied}, logs, stable,
		raft.NewInmemSnapshotStore(), transport)
	return err
}

// openStores opens what keeps the log, and what keeps term and vote.
func (h *hashicorpMember) openStores(
	s Setup, memory bool, log hclog.Logger,
) (raft.LogStore, raft.StableStore, error) {
	if memory {
		store := raft.NewInmemStore()
		return store, store, nil // A cache of what is in memory would be more work.
	}
	if err := os.Mkdir(s.Dir, 0o700); err != nil {
		return nil, nil, err
	}
	store, err := openWAL(s, log)
	if err != nil {
		return nil, nil, err
	}
	h.closers = append(h.closers, store)
	logs, err := raft.NewLogCache(hashicorpCache, store)
	return logs, store, err
}

// openWAL opens the log. Without forced writes it writes the same to the same files.
func openWAL(s Setup, log hclog.Logger) (*wal.WAL, error) {
	if s.Fsync {
		return wal.Open(s.Dir, wal.WithLogger(log))
	}
	return wal.Open(s.Dir, wal.WithLogger(log),
		wal.WithSegmentFiler(segment.NewFiler(s.Dir, unforcedWAL{fs.New()})))
}

// unforcedWAL is a file system of raft-wal on which a force does nothing.
type unforcedWAL struct{ types.VFS }

// Create implements types.VFS.
func (u unforcedWAL) Create(dir, name string, size uint64) (types.WritableFile, error) {
	return unforcedWrites(u.VFS.Create(dir, name, size))
}

// OpenWriter implements types.VFS.
func (u unforcedWAL) OpenWriter(dir, name string) (types.WritableFile, error) {
	return unforcedWrites(u.VFS.OpenWriter(dir, name))
}

// unforcedWALFile is a file of an unforcedWAL.
type unforcedWALFile struct{ types.WritableFile }

func unforcedWrites(f types.WritableFile, err error) (types.WritableFile, error) {
	if err != nil {
		return nil, err
	}
	return unforcedWALFile{f}, nil
}

// Sync implements types.WritableFile.
func (unforcedWALFile) Sync() error { return nil }

// collect tells of the messages that were applied, in their order.
func (h *hashicorpMember) collect() {
	for w := range h.waiting {
		w.message.done(w.future.Error())
	}
}

// Leader implements Member.
func (h *hashicorpMember) Leader() (int, error) {
	_, id := h.raft.LeaderWithID()
	for i := range members {
		if hashicorpID(i) != id {
			continue
		}
		if i == h.self && h.raft.State() != raft.Leader {
			return -1, nil // Not quite yet.
		}
		return i, nil
	}
	return -1, nil
}

// Submit implements Member.
func (h *hashicorpMember) Submit(messages []*Message) {
	for _, m := range messages {
		h.waiting <- hashicorpWaiting{h.raft.ApplyLog(raft.Log{Data: h.copies.of(m.Payload)}, 0), m}
	}
}

// Settle implements Member.
func (h *hashicorpMember) Settle(ctx context.Context, count uint64) error {
	return settle(ctx, h.applied, count)
}

// Close implements Member.
func (h *hashicorpMember) Close() error {
	var err error
	if h.raft != nil {
		err = h.raft.Shutdown().Error()
	}
	for _, closer := range h.closers {
		err = errors.Join(err, closer.Close())
	}
	close(h.waiting)
	h.collector.Wait()
	return err
}

// hashicorpMachine applies to a Sequence.
type hashicorpMachine struct{ applied *Sequence }

// Apply implements raft.FSM.
func (m hashicorpMachine) Apply(l *raft.Log) any {
	m.ApplyBatch([]*raft.Log{l})
	return nil
}

// ApplyBatch implements raft.BatchingFSM.
func (m hashicorpMachine) ApplyBatch(logs []*raft.Log) []any {
	for _, l := range logs {
		if l.Type == raft.LogCommand {
			m.applied.add(l.Data)
		}
	}
	m.applied.show()
	return make([]any, len(logs))
}

// Snapshot implements raft.FSM. The state is not worth keeping.
func (hashicorpMachine) Snapshot() (raft.FSMSnapshot, error) { return hashicorpSnapshot{}, nil }

// Restore implements raft.FSM.
func (m hashicorpMachine) Restore(r io.ReadCloser) error {
	m.applied.fail(errors.New("a member fell behind so far that it was sent a snapshot"))
	return r.Close()
}

// hashicorpSnapshot is a snapshot of nothing.
type hashicorpSnapshot struct{}

// Persist implements raft.FSMSnapshot.
func (hashicorpSnapshot) Persist(sink raft.SnapshotSink) error { return sink.Close() }

// Release implements raft.FSMSnapshot.
func (hashicorpSnapshot) Release() {}
