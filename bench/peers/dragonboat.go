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

	"github.com/lni/dragonboat/v4"
	"github.com/lni/dragonboat/v4/client"
	"github.com/lni/dragonboat/v4/config"
	"github.com/lni/dragonboat/v4/logger"
	"github.com/lni/dragonboat/v4/plugin/tan"
	"github.com/lni/dragonboat/v4/statemachine"
	"github.com/lni/vfs"
	"golang.org/x/sys/unix"
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

// Open implements System.
func (dragonboatSystem) Open(_ context.Context, s Setup) (Member, error) {
	dragonboatQuiet()
	initial := map[uint64]dragonboat.Target{}
	for i, a := range s.Addresses {
		initial[uint64(i+1)] = a
	}
	host, err := dragonboat.NewNodeHost(dragonboatHost(s))
	if err != nil {
		return nil, err
	}
	m := &dragonboatMember{
		host: host, applied: s.Applied, waiting: make(chan dragonboatWaiting, s.Outstanding),
		session: host.GetNoOPSession(dragonboatShard),
	}
	m.collector.Go(m.collect)
	machine := func(uint64, uint64) statemachine.IConcurrentStateMachine {
		return dragonboatMachine{s.Applied}
	}
	err = host.StartConcurrentReplica(initial, false, machine, config.Config{
		ReplicaID: uint64(s.Member + 1), ShardID: dragonboatShard, CheckQuorum: true,
		ElectionRTT: dragonboatElect, HeartbeatRTT: dragonboatBeat, WaitReady: false,
	})
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// dragonboatQuiet leaves out what it logs below errors. What goes wrong shows as a run that fails.
var dragonboatQuiet = sync.OnceFunc(func() { //nolint:gochecknoglobals // Its loggers are global.
	for _, name := range []string{
		"raft", "rsm", "transport", "grpc", "dragonboat", "raftpb", "logdb", "tan", "config",
		"settings", "server", "registry",
	} {
		logger.GetLogger(name).SetLevel(logger.ERROR)
	}
})

// dragonboatHost is the configuration of a member's host.
func dragonboatHost(s Setup) config.NodeHostConfig {
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
		NodeHostDir:    s.Dir,
		RaftAddress:    s.Addresses[s.Member],
		RTTMillisecond: dragonboatTick,
		Expert:         expert,
	}
}

// dragonboatMember is a host with a replica.
type dragonboatMember struct {
	host      *dragonboat.NodeHost
	session   *client.Session
	applied   *Sequence
	waiting   chan dragonboatWaiting
	collector sync.WaitGroup
}

// dragonboatWaiting is a message and what tells when it was applied.
type dragonboatWaiting struct {
	state   *dragonboat.RequestState
	message *Message
}

// collect tells of the messages that were applied, in their order.
func (d *dragonboatMember) collect() {
	for w := range d.waiting {
		result := <-w.state.ResultC()
		var err error
		if !result.Completed() {
			err = fmt.Errorf("a proposal was not completed: timeout %v, terminated %v, dropped %v, "+
				"rejected %v", result.Timeout(), result.Terminated(), result.Dropped(), result.Rejected())
		}
		w.state.Release()
		w.message.done(err)
	}
}

// Leader implements Member.
func (d *dragonboatMember) Leader() (int, error) {
	id, _, ok, err := d.host.GetLeaderID(dragonboatShard)
	if err != nil || !ok {
		return -1, err
	}
	return int(id) - 1, nil
}

// Submit implements Member.
func (d *dragonboatMember) Submit(messages []*Message) {
	for _, m := range messages {
		d.propose(m)
	}
}

func (d *dragonboatMember) propose(m *Message) {
	for {
		state, err := d.host.Propose(d.session, m.Payload, dragonboatTimeout)
		switch {
		case err == nil:
			d.waiting <- dragonboatWaiting{state, m}
			return
		case !errors.Is(err, dragonboat.ErrSystemBusy):
			m.done(err)
			return
		}
		time.Sleep(dragonboatBusy) // Its queue is full: it asks to try again.
	}
}

// dragonboatBusy is how long to wait before a proposal is made again.
const dragonboatBusy = 100 * time.Microsecond

// Settle implements Member.
func (d *dragonboatMember) Settle(ctx context.Context, count uint64) error {
	return settle(ctx, d.applied, count)
}

// Close implements Member.
func (d *dragonboatMember) Close() error {
	d.host.Close()
	close(d.waiting)
	d.collector.Wait()
	return nil
}

// dragonboatMachine applies to a Sequence.
type dragonboatMachine struct{ applied *Sequence }

// Update implements statemachine.IConcurrentStateMachine.
func (m dragonboatMachine) Update(entries []statemachine.Entry) ([]statemachine.Entry, error) {
	for _, e := range entries {
		m.applied.add(e.Cmd)
	}
	m.applied.show()
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

// Create implements vfs.FS. It reserves the space of a log as tan does, which does not recognize
// a file that is wrapped.
func (u unforcedVFS) Create(name string) (vfs.File, error) {
	f, err := u.FS.Create(name)
	if own, ok := f.(*os.File); ok && err == nil && filepath.Ext(name) == ".log" {
		err = unix.Fallocate(int(own.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, tanLogBytes)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return unforcedFile(f, err)
}

// tanLogBytes is what tan reserves for a log.
const tanLogBytes = 64<<20 + 128<<10

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
