package main

import (
	"sync"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
)

// etcdStorage is a raft.Storage in memory above the log. Unlike raft.MemoryStorage, it compacts in
// place, so that a steady load makes it neither allocate nor grow. That is sound because this
// driver is done with the entries of a Ready, which lie here, before it compacts.
type etcdStorage struct {
	mu      sync.Mutex
	state   raftpb.HardState
	conf    raftpb.ConfState
	entries []raftpb.Entry // The first is the last that is compacted.
}

func newEtcdStorage(voters []uint64) *etcdStorage {
	return &etcdStorage{
		state: raftpb.HardState{Term: 1, Commit: 1}, conf: raftpb.ConfState{Voters: voters},
		entries: []raftpb.Entry{{Term: 1, Index: 1}}, // As of a snapshot.
	}
}

// InitialState implements raft.Storage.
func (s *etcdStorage) InitialState() (raftpb.HardState, raftpb.ConfState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, s.conf, nil
}

// Entries implements raft.Storage.
func (s *etcdStorage) Entries(from, to, maxSize uint64) ([]raftpb.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	compacted := s.entries[0].Index
	if from <= compacted {
		return nil, raft.ErrCompacted
	}
	if to > compacted+uint64(len(s.entries)) || len(s.entries) == 1 {
		return nil, raft.ErrUnavailable
	}
	found := s.entries[from-compacted : to-compacted : to-compacted]
	size := uint64(0)
	for i := range found {
		if size += uint64(found[i].Size()); size > maxSize && i > 0 {
			return found[:i:i], nil
		}
	}
	return found, nil
}

// Term implements raft.Storage.
func (s *etcdStorage) Term(index uint64) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	compacted := s.entries[0].Index
	if index < compacted {
		return 0, raft.ErrCompacted
	}
	if index-compacted >= uint64(len(s.entries)) {
		return 0, raft.ErrUnavailable
	}
	return s.entries[index-compacted].Term, nil
}

// LastIndex implements raft.Storage.
func (s *etcdStorage) LastIndex() (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries[len(s.entries)-1].Index, nil
}

// FirstIndex implements raft.Storage.
func (s *etcdStorage) FirstIndex() (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries[0].Index + 1, nil
}

// Snapshot implements raft.Storage. No member is ever so far behind.
func (*etcdStorage) Snapshot() (raftpb.Snapshot, error) {
	return raftpb.Snapshot{}, raft.ErrSnapshotTemporarilyUnavailable
}

// setState notes what is on the disk.
func (s *etcdStorage) setState(state raftpb.HardState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
}

// add adds entries that are on the disk, instead of those from the first of them on.
func (s *etcdStorage) add(entries []raftpb.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	compacted := s.entries[0].Index
	for len(entries) > 0 && entries[0].Index <= compacted {
		entries = entries[1:]
	}
	if len(entries) == 0 {
		return
	}
	at := entries[0].Index - compacted
	if at < uint64(len(s.entries)) { // Not in place: a message may still carry what was there.
		s.entries = s.entries[:at:at]
	}
	s.entries = append(s.entries, entries...)
}

// compact lets go of entries up to one, which is there.
func (s *etcdStorage) compact(upTo uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := copy(s.entries, s.entries[upTo-s.entries[0].Index:])
	clear(s.entries[left:])
	s.entries = s.entries[:left]
	s.entries[0].Data = nil
}
