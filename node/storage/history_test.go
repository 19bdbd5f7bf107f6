package storage

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"paxon/register"
)

func TestHistoryKeepsBatchesInOrder(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := openTest(t, fs)
	h := s.History
	first, next := h.Bounds()
	require.Equal(t, register.Instance(1), first)
	require.Equal(t, register.Instance(1), next)
	for i := range 300 {
		h.Append(fmt.Appendf(nil, "batch %d", i+1), false)
	}
	h.Append(nil, false)
	for range 2 {
		first, next = h.Bounds()
		require.Equal(t, register.Instance(1), first)
		require.Equal(t, register.Instance(302), next)
		got, err := h.ReadAt(299, 1000)
		require.NoError(t, err)
		require.Equal(t, []string{"batch 299", "batch 300", ""}, texts(got))
		got, err = h.ReadAt(7, 1)
		require.NoError(t, err)
		require.Equal(t, []string{"batch 7"}, texts(got))
		got, err = h.ReadAt(7, 14)
		require.NoError(t, err)
		require.Equal(t, []string{"batch 7", "batch 8"}, texts(got))
		for _, out := range []register.Instance{0, 302, 1 << 63} {
			got, err = h.ReadAt(out, 1000)
			require.NoError(t, err)
			require.Empty(t, got)
		}
		read := make(chan []register.Value)
		h.Read(300, 1000, func(batches []register.Value, err error) {
			if err == nil {
				read <- batches
			}
		})
		require.Len(t, <-read, 2)
		require.NoError(t, forceHistory(h))
		require.NoError(t, s.Close())
		s = openTest(t, fs)
		h = s.History
	}
	require.NoError(t, s.Close())
}

func texts(batches []register.Value) []string {
	all := make([]string, 0, len(batches))
	for _, b := range batches {
		all = append(all, string(b))
	}
	return all
}

func TestHistoryTruncate(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := openTest(t, fs)
	for range 10 {
		s.History.Append([]byte("x"), false)
	}
	s.History.Truncate(5)
	got, err := s.History.ReadAt(4, 100)
	require.NoError(t, err)
	require.Empty(t, got)
	got, err = s.History.ReadAt(5, 100)
	require.NoError(t, err)
	require.Len(t, got, 6)
	s.History.Truncate(1000)
	first, next := s.History.Bounds()
	require.Equal(t, register.Instance(11), first)
	require.Equal(t, register.Instance(11), next)
	require.NoError(t, forceHistory(s.History))
	require.NoError(t, s.Close())

	s = openTest(t, fs)
	first, next = s.History.Bounds()
	require.Equal(t, register.Instance(11), first)
	require.Equal(t, register.Instance(11), next)
	require.NoError(t, s.Close())
}

func TestHistoryTakesLargeBatches(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := openTest(t, fs)
	large := patterned(4<<20, 9) // Many times the memory table.
	s.History.Append(large, false)
	s.History.Append([]byte("small"), false)
	require.NoError(t, forceHistory(s.History))
	require.NoError(t, s.Close())
	s = openTest(t, fs)
	got, err := s.History.ReadAt(1, 16<<20)
	require.NoError(t, err)
	require.Equal(t, []string{string(large), "small"}, texts(got))
	require.NoError(t, s.Close())
}

// After a crash the history is a prefix of what was appended, and holds what was forced.
func TestHistorySurvivesCrashes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	fs := vfs.NewCrashableMem()
	next, forced := 1, 1
	for range 30 {
		s := openTest(t, fs)
		_, n := s.History.Bounds()
		require.GreaterOrEqual(t, int(n), forced)
		require.LessOrEqual(t, int(n), next)
		next = int(n)
		require.NoError(t, s.History.Stored(1, func(l register.Instance, b register.Value) bool {
			return string(b[:8]) == fmt.Sprintf("%08d", l)
		}))
		for range rng.IntN(20) {
			s.History.Append(append(fmt.Appendf(nil, "%08d", next), make([]byte, rng.IntN(50000))...), false)
			next++
			if rng.IntN(5) == 0 {
				require.NoError(t, forceHistory(s.History))
				forced = next
			}
		}
		clone := crash(fs, rng)
		require.NoError(t, s.Close())
		fs = clone
	}
	require.Greater(t, forced, 20)
}

// forceUntilForgotten forces batches one by one. Each Force leaves a record of rows, until one
// forgets those that the table has on the disk.
func forceUntilForgotten(t *testing.T, s *Storage) {
	t.Helper()
	before := 0
	for now := 0; now >= before && before < 1<<13; now = s.Stats().Records {
		before = now
		s.History.Append([]byte("x"), false)
		require.NoError(t, forceHistory(s.History))
	}
}

// A history that lost what a force had made durable is not taken for a shorter one.
func TestHistoryBelowItsForceIsCorrupt(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := openTest(t, fs)
	s.History.Append([]byte("x"), false)
	require.NoError(t, forceHistory(s.History))
	require.NoError(t, s.Close())
	old := copyOf(fs)
	s = openTest(t, fs)
	for range flushRows + 10 { // The table is flushed, and the records of all of them forgotten.
		s.History.Append([]byte("x"), false)
	}
	forceUntilForgotten(t, s)
	require.NoError(t, s.Close())
	require.NoError(t, fs.RemoveAll(testDir+"/"+historyName))
	_, err := vfs.Clone(old, fs, testDir+"/"+historyName, testDir+"/"+historyName, vfs.CloneSync)
	require.NoError(t, err)
	_, err = Open(testDir, testIdentity, testOptions(fs))
	var corrupt *CorruptError
	require.ErrorAs(t, err, &corrupt)
	require.Regexp(t, "it holds no instance up to \\d{4}, but that was forced", corrupt.What)
}
