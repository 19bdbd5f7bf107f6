package storage

import (
	"path"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"paxon/register"
)

// openedSegments notes which segments are opened.
type openedSegments struct {
	mu    sync.Mutex
	names map[string]bool
	reads int
}

func (*openedSegments) String() string { return "notes opened segments" }

func (o *openedSegments) MaybeError(op errorfs.Op) error {
	if !strings.HasSuffix(op.Path, segmentSuffix) {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch op.Kind {
	case errorfs.OpOpen:
		o.names[path.Base(op.Path)] = true
	case errorfs.OpFileRead, errorfs.OpFileReadAt:
		o.reads++
	default:
	}
	return nil
}

// A start reads those segments only that may hold live records, however long the history is.
func TestRecoveryReadsWhatIsLive(t *testing.T) {
	fs := vfs.NewMem()
	s := openDelivering(t, fs)
	var reads []int
	for _, until := range []uint64{500, 3000} {
		_, next := s.History.Bounds()
		for l := uint64(next); l < until; l++ {
			s.PutValue(BatchSpace, l, nil, batchOf(l), nil)
			s.History.Append(batchOf(l), true)
			if l%10 == 0 {
				require.NoError(t, forceHistory(s.History))
				s.Forget(BatchSpace, l)
			}
		}
		require.NoError(t, forceHistory(s.History))
		segments := s.Stats().Segments
		require.NoError(t, s.Close())
		opened := &openedSegments{names: map[string]bool{}}
		s = openDelivering(t, errorfs.Wrap(fs, opened))
		require.Greater(t, segments, int(until)/60)
		require.LessOrEqual(t, len(opened.names), 30)
		reads = append(reads, opened.reads)
		first, next := s.History.Bounds()
		require.Equal(t, register.Instance(1), first)
		require.Equal(t, register.Instance(until), next)
		for l := uint64(1); l < until; l += 7 {
			got, err := s.History.ReadAt(register.Instance(l), 1)
			require.NoError(t, err)
			require.Equal(t, string(batchOf(l)), string(got[0]))
		}
	}
	require.Less(t, reads[1], 2*reads[0]+50)
	require.NoError(t, s.Close())
}

// What was truncated is given back to the log, with the records that were in the same segments.
func TestTruncationFreesSegments(t *testing.T) {
	for _, volatile := range []bool{false, true} {
		fs := vfs.NewMem()
		opts := testOptions(fs)
		opts.TailBytes, opts.Volatile = 4<<10, volatile
		s, err := Open(testDir, testIdentity, opts)
		require.NoError(t, err)
		files := func() int {
			names, err := fs.List(testDir + "/" + logName)
			require.NoError(t, err)
			return len(names)
		}
		most := 0
		for l := uint64(1); l <= 4000; l++ {
			s.History.Append(patterned(300, byte(l)), false)
			if l%20 == 0 && l > 100 {
				s.History.Truncate(register.Instance(l - 100))
				require.NoError(t, forceHistory(s.History))
				most = max(most, files())
			}
		}
		require.Less(t, most, 45)
		got, err := s.History.ReadAt(3900, 1<<20)
		require.NoError(t, err)
		require.Len(t, got, 101)
		for i, b := range got {
			require.Equal(t, string(patterned(300, byte(3900+i))), string(b))
		}
		require.NoError(t, s.Close())
	}
}

// Records of rows keep no segment for longer than until the middle of the next: then the table is
// flushed, so that what was truncated is overwritten, and no other file is filled with zeros.
func TestFilesAreUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := vfs.NewMem()
		opts := testOptions(fs)
		opts.SegmentBytes, opts.Prepared, opts.TailBytes = 64<<10, 2, 4<<10
		s, err := Open(testDir, testIdentity, opts)
		require.NoError(t, err)
		for l := uint64(1); l <= 3000; l++ {
			s.History.Append(patterned(300, byte(l)), false)
			if l%10 != 0 || l <= 50 {
				continue
			}
			s.History.Truncate(register.Instance(l - 50))
			require.NoError(t, forceHistory(s.History))
			synctest.Wait() // The table is flushed.
			names, err := fs.List(testDir + "/" + logName)
			require.NoError(t, err)
			require.Len(t, names, 3, "the first file, and the two that were made ahead")
		}
		require.NoError(t, s.Close())
	})
}

// The tail is bounded, whatever the batches are like.
func TestTailIsBounded(t *testing.T) {
	s := openDelivering(t, vfs.NewMem())
	for l := range uint64(5000) {
		size := 0
		if l%3 == 0 {
			size = 100
		}
		s.History.Append(patterned(size, 1), false)
		if l%50 == 0 {
			forced(t, s)
			forced(t, s)
			s.History.tail.mu.Lock()
			require.Less(t, s.History.tail.bytes, 3*(4<<10)+50*150)
			s.History.tail.mu.Unlock()
		}
	}
	require.Greater(t, s.History.tail.begins(), uint64(4000))
	require.NoError(t, s.Close())
}

// However much room there is, of many small batches only so many stay.
func TestTailOfSmallBatches(t *testing.T) {
	s, err := Open(testDir, testIdentity, Options{FS: vfs.NewMem()})
	require.NoError(t, err)
	for range 100 {
		for range 20 {
			s.History.Append(patterned(10, 1), false)
		}
		forced(t, s)
		forced(t, s)
		_, next := s.History.Bounds()
		require.LessOrEqual(t, uint64(next)-s.History.tail.begins(), uint64(tailBatches+setRows+20))
	}
	require.Greater(t, s.History.tail.begins(), uint64(1000))
	require.NoError(t, s.Close())
}

// What nobody forces is written all the same, and can be read where the tail no longer has it.
func TestHistoryWithoutForces(t *testing.T) {
	for _, volatile := range []bool{false, true} {
		fs := vfs.NewMem()
		opts := testOptions(fs)
		opts.TailBytes, opts.Volatile = 4<<10, volatile
		s, err := Open(testDir, testIdentity, opts)
		require.NoError(t, err)
		next := uint64(1)
		for s.History.tail.begins() < 2000 {
			s.History.Append(batchOf(next), true) // No such put: it is written for the history.
			next++
			_, end := s.History.Bounds()
			require.EqualValues(t, next, end)
		}
		l := uint64(1)
		require.NoError(t, s.History.Stored(1, func(_ register.Instance, b register.Value) bool {
			require.Equal(t, string(batchOf(l)), string(b))
			l++
			return true
		}))
		require.Equal(t, next, l)
		require.NoError(t, forceHistory(s.History))
		require.Zero(t, s.Backlog())
		require.NoError(t, s.Close())
	}
}
