package main

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
)

// TestEtcdStorage answers as raft.MemoryStorage does, whatever is added and compacted.
func TestEtcdStorage(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		s, want := newEtcdStorage([]uint64{1, 2, 3}), raft.NewMemoryStorage()
		require.NoError(t, want.ApplySnapshot(raftpb.Snapshot{Metadata: raftpb.SnapshotMetadata{
			ConfState: raftpb.ConfState{Voters: []uint64{1, 2, 3}}, Index: 1, Term: 1,
		}}))
		require.NoError(t, want.SetHardState(raftpb.HardState{Term: 1, Commit: 1}))
		sameEtcdStorage(t, want, s)
		for range 30 {
			first, _ := want.FirstIndex()
			last, _ := want.LastIndex()
			if rng.IntN(3) == 0 && last >= first {
				upTo := first + rng.Uint64N(last-first+1)
				require.NoError(t, want.Compact(upTo))
				s.compact(upTo)
			} else { // Maybe instead of some that are there, or from before they were compacted.
				from := max(2, first-min(first, 2)) + rng.Uint64N(last+2-max(2, first-min(first, 2)))
				added := etcdEntries(from, rng.IntN(6), 8+rng.IntN(20))
				require.NoError(t, want.Append(added))
				s.add(added)
			}
			sameEtcdStorage(t, want, s)
		}
	}
}

func sameEtcdStorage(t *testing.T, want *raft.MemoryStorage, s *etcdStorage) {
	t.Helper()
	first, _ := want.FirstIndex()
	last, _ := want.LastIndex()
	gotFirst, err := s.FirstIndex()
	require.NoError(t, err)
	gotLast, err := s.LastIndex()
	require.NoError(t, err)
	require.Equal(t, []uint64{first, last}, []uint64{gotFirst, gotLast})
	state, conf, _ := want.InitialState()
	gotState, gotConf, err := s.InitialState()
	require.NoError(t, err)
	require.Equal(t, state, gotState)
	require.Equal(t, conf, gotConf)
	for i := first - 1; i <= last+1; i++ {
		term, err := want.Term(i)
		gotTerm, gotErr := s.Term(i)
		require.Equal(t, term, gotTerm)
		require.Equal(t, err, gotErr)
		for to := i + 1; to <= last+1; to++ {
			for _, size := range []uint64{0, 60, 1 << 20} {
				entries, err := want.Entries(i, to, size)
				got, gotErr := s.Entries(i, to, size)
				require.Equal(t, err, gotErr, "%d to %d of %d to %d", i, to, first, last)
				require.Equal(t, entries, got)
			}
		}
	}
}
