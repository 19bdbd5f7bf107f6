package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/lni/dragonboat/v4"
	"github.com/lni/dragonboat/v4/client"
	"github.com/lni/dragonboat/v4/config"
	"github.com/lni/dragonboat/v4/logger"
	"github.com/lni/dragonboat/v4/plugin/tan"
	"github.com/lni/dragonboat/v4/statemachine"
	"github.com/lni/vfs"
)

// dragonboatSystem is dragonboat on tan.
type dragonboatSystem struct{}

// What dragonboat is tuned with.
const (
	dragonboatShard   = 1
	dragonboatTick    = 10  // Milliseconds.
	dragonboatElect   = 100 // Ticks, which is a second.
	dragonboatBeat    = 10  // Ticks.
	dragonboatTimeout = stallTime
)

// Name implements System.
func (dragonboatSystem) Name() string { return "dragonboat" }

// Modules implements System.
func (dragonboatSystem) Modules() []string { return []string{"github.com/lni/dragonboat/v4"} }

// Settings implements System.
func (dragonboatSystem) Settings(fsync bool) string {
	s := "tan log store, one shard, engine of one worker a stage, buffers of 4 MiB, built-in TCP " +
		"transport, concurrent state machine; Propose without session, results collected in order; " +
		"no snapshots"
	if !fsync {
		s += "; file system whose Sync does nothing (written, not forced)"
	}
	return s
}

// Start implements System.
func (dragonboatSystem) Start(ctx context.Context, s Setup) (Cluster, error) {
	for _, name := range []string{
		"raft", "rsm", "transport", "grpc", "dragonboat", "raftpb", "logdb", "tan", "config",
		"settings", "server", "registry",
	} {
		logger.GetLogger(name).SetLevel(logger.ERROR)
	}
	addresses, err := freeAddresses()
	if err != nil {
		return nil, err
	}
	initial := map[uint64]dragonboat.Target{}
	for i, a := range addresses {
		initial[uint64(i+1)] = a
	}
	c := &dragonboatCluster{
		applied: s.Applied, waiting: make(chan dragonboatWaiting, s.Outstanding),
	}
	c.collector.Go(c.collect)
	for i := range c.hosts {
		if c.hosts[i], err = dragonboat.NewNodeHost(dragonboatHost(i, addresses[i], s)); err == nil {
			err = c.start(i, initial)
		}
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	if err := led(ctx, c); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	leader, err := c.Leader()
	c.leader = c.hosts[max(leader, 0)]
	c.session = c.leader.GetNoOPSession(dragonboatShard)
	return c, err
}

// dragonboatHost is the configuration of a member's host.
func dragonboatHost(i int, address string, s Setup) config.NodeHostConfig {
	expert := config.GetDefaultExpertConfig()
	expert.LogDBFactory = tan.Factory
	expert.LogDB = config.GetTinyMemLogDBConfig() // Of it, tan uses the size of 16 buffers.
	expert.Engine = config.EngineConfig{
		ExecShards: 1, CommitShards: 1, ApplyShards: 1, SnapshotShards: 1, CloseShards: 1,
	}
	if !s.Fsync {
		expert.FS = unforcedVFS{vfs.Default}
	}
	return config.NodeHostConfig{
		NodeHostDir:    filepath.Join(s.Dir, fmt.Sprintf("member-%d", i+1)),
		RaftAddress:    address,
		RTTMillisecond: dragonboatTick,
		Expert:         expert,
	}
}

// dragonboatCluster is three hosts with a replica each.
type dragonboatCluster struct {
	hosts     [members]*dragonboat.NodeHost
	leader    *dragonboat.NodeHost
	session   *client.Session
	applied   [members]*Sequence
	waiting   chan dragonboatWaiting
	collector sync.WaitGroup
}

// dragonboatWaiting is a message and what tells when it was applied.
type dragonboatWaiting struct {
	state   *dragonboat.RequestState
	message *Message
}

func (c *dragonboatCluster) start(i int, initial map[uint64]dragonboat.Target) error {
	machine := func(uint64, uint64) statemachine.IConcurrentStateMachine {
		return dragonboatMachine{c.applied[i]}
	}
	return c.hosts[i].StartConcurrentReplica(initial, false, machine, config.Config{
		ReplicaID: uint64(i + 1), ShardID: dragonboatShard, CheckQuorum: true,
		ElectionRTT: dragonboatElect, HeartbeatRTT: dragonboatBeat, WaitReady: false,
	})
}

// collect tells of the messages that were applied, in their order.
func (c *dragonboatCluster) collect() {
	for w := range c.waiting {
		result := <-w.state.ResultC()
		var err error
		if !result.Completed() {
			err = fmt.Errorf("a proposal was not completed: timeout %v, terminated %v, dropped %v, "+
				"rejected %v", result.Timeout(), result.Terminated(), result.Dropped(), result.Rejected())
		}
		w.state.Release()
		w.message.Done(err)
	}
}

// Leader implements Cluster.
func (c *dragonboatCluster) Leader() (int, error) {
	leaders := [members]int{-1, -1, -1}
	for i, h := range c.hosts {
		id, _, ok, err := h.GetLeaderID(dragonboatShard)
		if err != nil {
			return 0, err
		}
		if ok {
			leaders[i] = int(id) - 1
		}
	}
	return agreed(leaders)
}

// Submit implements Cluster.
func (c *dragonboatCluster) Submit(m *Message) {
	for {
		state, err := c.leader.Propose(c.session, m.Payload, dragonboatTimeout)
		switch {
		case err == nil:
			c.waiting <- dragonboatWaiting{state, m}
			return
		case !errors.Is(err, dragonboat.ErrSystemBusy):
			m.Done(err)
			return
		}
		time.Sleep(dragonboatBusy) // Its queue is full: it asks to try again.
	}
}

// dragonboatBusy is how long to wait before a proposal is made again.
const dragonboatBusy = 100 * time.Microsecond

// Settle implements Cluster.
func (c *dragonboatCluster) Settle(ctx context.Context, count uint64) error {
	return settle(ctx, c.applied, count)
}

// Close implements Cluster.
func (c *dragonboatCluster) Close() error {
	for _, h := range c.hosts {
		if h != nil {
			h.Close()
		}
	}
	close(c.waiting)
	c.collector.Wait()
	return nil
}

// dragonboatMachine applies to a Sequence.
type dragonboatMachine struct{ applied *Sequence }

// Update implements statemachine.IConcurrentStateMachine.
func (m dragonboatMachine) Update(entries []statemachine.Entry) ([]statemachine.Entry, error) {
	for _, e := range entries {
		m.applied.add(e.Cmd)
	}
	return entries, nil
}

// Lookup implements statemachine.IConcurrentStateMachine.
func (dragonboatMachine) Lookup(any) (any, error) { return nil, nil } //nolint:nilnil // Nobody asks.

// PrepareSnapshot implements statemachine.IConcurrentStateMachine.
func (dragonboatMachine) PrepareSnapshot() (any, error) { return nil, errSnapshot }

// SaveSnapshot implements statemachine.IConcurrentStateMachine.
func (dragonboatMachine) SaveSnapshot(
	any, io.Writer, statemachine.ISnapshotFileCollection, <-chan struct{},
) error {
	return errSnapshot
}

// RecoverFromSnapshot implements statemachine.IConcurrentStateMachine.
func (dragonboatMachine) RecoverFromSnapshot(
	io.Reader, []statemachine.SnapshotFile, <-chan struct{},
) error {
	return errSnapshot
}

// Close implements statemachine.IConcurrentStateMachine.
func (dragonboatMachine) Close() error { return nil }

var errSnapshot = errors.New("a snapshot: expected none in a measurement")

// unforcedVFS is a file system of dragonboat on which a force does nothing.
type unforcedVFS struct{ vfs.FS }

// Create implements vfs.FS.
func (u unforcedVFS) Create(name string) (vfs.File, error) {
	return unforcedFile(u.FS.Create(name))
}

// Open implements vfs.FS.
func (u unforcedVFS) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	return unforcedFile(u.FS.Open(name, opts...))
}

// OpenDir implements vfs.FS.
func (u unforcedVFS) OpenDir(name string) (vfs.File, error) {
	return unforcedFile(u.FS.OpenDir(name))
}

// OpenForAppend implements vfs.FS.
func (u unforcedVFS) OpenForAppend(name string) (vfs.File, error) {
	return unforcedFile(u.FS.OpenForAppend(name))
}

// ReuseForWrite implements vfs.FS.
func (u unforcedVFS) ReuseForWrite(from, to string) (vfs.File, error) {
	return unforcedFile(u.FS.ReuseForWrite(from, to))
}

// unforcedVFSFile is a file of an unforcedVFS.
type unforcedVFSFile struct{ vfs.File }

func unforcedFile(f vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return unforcedVFSFile{f}, nil
}

// Sync implements vfs.File.
func (unforcedVFSFile) Sync() error { return nil }
