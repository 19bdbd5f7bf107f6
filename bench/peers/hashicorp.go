package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	wal "github.com/hashicorp/raft-wal"
)

// hashicorpSystem is hashicorp/raft on raft-wal, or on its log in memory.
type hashicorpSystem struct{}

// What hashicorp/raft is tuned with.
const (
	hashicorpAppend    = 1024 // Entries of an AppendEntries, the most that it takes.
	hashicorpCache     = 16384
	hashicorpTrailing  = 1 << 16 // Entries kept after a snapshot, so that no member needs one.
	hashicorpThreshold = 1 << 17 // Entries from one snapshot to the next.
	hashicorpTimeout   = 10 * time.Second
)

// Name implements System.
func (hashicorpSystem) Name() string { return "hashicorp" }

// Modules implements System.
func (hashicorpSystem) Modules() []string {
	return []string{"github.com/hashicorp/raft", "github.com/hashicorp/raft-wal"}
}

// Settings implements System.
func (hashicorpSystem) Settings(fsync bool) string {
	log := fmt.Sprintf("raft-wal, log cache of %d", hashicorpCache)
	if !fsync {
		log = "InmemStore (nothing written)"
	}
	return fmt.Sprintf("%s; MaxAppendEntries %d, BatchApplyCh, BatchingFSM, TCP transport; ApplyLog, "+
		"futures collected in order", log, hashicorpAppend)
}

// Start implements System.
func (hashicorpSystem) Start(ctx context.Context, s Setup) (Cluster, error) {
	c := &hashicorpCluster{
		applied: s.Applied, waiting: make(chan hashicorpWaiting, s.Outstanding),
	}
	c.collector.Go(c.collect)
	var configuration raft.Configuration
	for i := range c.nodes {
		transport, err := c.open(i, s)
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		configuration.Servers = append(configuration.Servers, raft.Server{
			ID: hashicorpID(i), Address: transport.LocalAddr(),
		})
	}
	if err := c.nodes[0].BootstrapCluster(configuration).Error(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if err := led(ctx, c); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	leader, err := c.Leader()
	c.leader = c.nodes[max(leader, 0)]
	return c, err
}

func hashicorpID(member int) raft.ServerID {
	return raft.ServerID(fmt.Sprintf("member-%d", member+1))
}

// hashicorpCluster is three Rafts.
type hashicorpCluster struct {
	nodes     [members]*raft.Raft
	leader    *raft.Raft
	closers   []io.Closer
	applied   [members]*Sequence
	copies    copies
	waiting   chan hashicorpWaiting
	collector sync.WaitGroup
}

// hashicorpWaiting is a message and what tells when it was applied.
type hashicorpWaiting struct {
	future  raft.ApplyFuture
	message *Message
}

// open makes a member.
func (c *hashicorpCluster) open(i int, s Setup) (*raft.NetworkTransport, error) {
	log := hclog.New(&hclog.LoggerOptions{Level: hclog.Error, Output: os.Stderr})
	transport, err := raft.NewTCPTransportWithConfig("127.0.0.1:0", nil, &raft.NetworkTransportConfig{
		MaxPool: members, Timeout: hashicorpTimeout, Logger: log,
	})
	if err != nil {
		return nil, err
	}
	c.closers = append(c.closers, transport)
	config := raft.DefaultConfig()
	config.LocalID, config.Logger = hashicorpID(i), log
	config.MaxAppendEntries, config.BatchApplyCh = hashicorpAppend, true
	config.TrailingLogs, config.SnapshotThreshold = hashicorpTrailing, hashicorpThreshold
	config.SnapshotInterval = time.Second
	config.NoLegacyTelemetry = true

	memory := raft.NewInmemStore()
	logs, stable := raft.LogStore(memory), raft.StableStore(memory)
	snapshots := raft.SnapshotStore(raft.NewInmemSnapshotStore())
	if s.Fsync {
		dir := filepath.Join(s.Dir, string(hashicorpID(i)))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, err
		}
		store, err := wal.Open(dir, wal.WithLogger(log))
		if err != nil {
			return nil, err
		}
		c.closers = append(c.closers, store)
		if logs, err = raft.NewLogCache(hashicorpCache, store); err != nil {
			return nil, err
		}
		stable = store
		if snapshots, err = raft.NewFileSnapshotStoreWithLogger(dir, 1, log); err != nil {
			return nil, err
		}
	}
	c.nodes[i], err = raft.NewRaft(
		config, hashicorpMachine{s.Applied[i]}, logs, stable, snapshots, transport)
	return transport, err
}

// collect tells of the messages that were applied, in their order.
func (c *hashicorpCluster) collect() {
	for w := range c.waiting {
		w.message.Done(w.future.Error())
	}
}

// Leader implements Cluster.
func (c *hashicorpCluster) Leader() (int, error) {
	leaders := [members]int{-1, -1, -1}
	for i, n := range c.nodes {
		_, id := n.LeaderWithID()
		for j := range c.nodes {
			if hashicorpID(j) == id {
				leaders[i] = j
			}
		}
	}
	leader, err := agreed(leaders)
	if err == nil && c.nodes[leader].State() != raft.Leader {
		err = fmt.Errorf("member %d does not lead yet", leader+1)
	}
	return leader, err
}

// Submit implements Cluster.
func (c *hashicorpCluster) Submit(m *Message) {
	c.waiting <- hashicorpWaiting{c.leader.ApplyLog(raft.Log{Data: c.copies.of(m.Payload)}, 0), m}
}

// Settle implements Cluster.
func (c *hashicorpCluster) Settle(ctx context.Context, count uint64) error {
	return settle(ctx, c.applied, count)
}

// Close implements Cluster.
func (c *hashicorpCluster) Close() error {
	var err error
	for _, n := range c.nodes {
		if n != nil {
			err = errors.Join(err, n.Shutdown().Error())
		}
	}
	for _, closer := range c.closers {
		err = errors.Join(err, closer.Close())
	}
	close(c.waiting)
	c.collector.Wait()
	return err
}

// hashicorpMachine applies to a Sequence.
type hashicorpMachine struct{ applied *Sequence }

// Apply implements raft.FSM.
func (m hashicorpMachine) Apply(l *raft.Log) any {
	if l.Type == raft.LogCommand {
		m.applied.add(l.Data)
	}
	return nil
}

// ApplyBatch implements raft.BatchingFSM.
func (m hashicorpMachine) ApplyBatch(logs []*raft.Log) []any {
	for _, l := range logs {
		m.Apply(l)
	}
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
