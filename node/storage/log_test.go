package storage

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"
)

// A segment keeps its name until the header that no longer lists it is durable: else a crash
// would leave a header that lists a segment which is gone.
func TestSegmentsOutliveTheirListing(t *testing.T) {
	var headerForced atomic.Bool
	recycled := 0
	fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		switch {
		case !strings.HasSuffix(op.Path, segmentSuffix):
		case op.Kind == errorfs.OpFileWriteAt && op.Offset == 0:
			headerForced.Store(false)
		case op.Kind == errorfs.OpFileSyncData:
			headerForced.Store(true)
		case op.Kind == errorfs.OpRename, op.Kind == errorfs.OpRemove:
			require.True(t, headerForced.Load(), "%s is used again too early", op.Path)
			recycled++
		}
		return nil
	}))
	require.NoError(t, fs.MkdirAll("log", 0o755))
	begun := uint32(0)
	l, err := openLog(fs, "log", Options{SegmentBytes: 1 << 10}.withDefaults(), 0,
		func(number uint32) {
			require.True(t, headerForced.Load())
			begun = number
		})
	require.NoError(t, err)
	require.NoError(t, l.begin(0))
	for i := range 200 {
		forceEntries(t, l, entry{kind: kindPut, key: 1, value: patterned(100, byte(i))})
		require.Equal(t, begun, l.newest.number)
	}
	require.Greater(t, recycled, 10)
	require.NoError(t, l.Close())
}

// forceEntries adds entries to a log and has them durable.
func forceEntries(t *testing.T, l *forcedLog, entries ...entry) {
	t.Helper()
	for _, e := range entries {
		_, _, err := l.add(&e)
		require.NoError(t, err)
	}
	require.NoError(t, l.sync())
}

// TestPreparedFilesAreFilledOnce makes files ahead, and none where there are some already.
func TestPreparedFilesAreFilledOnce(t *testing.T) {
	fs := vfs.NewMem()
	id := Identity{Cluster: "c", Process: 1, Variant: "v"}
	opts := Options{FS: fs, SegmentBytes: 1 << 16, Spares: 3, Prepared: 9}
	for range 3 {
		s, err := Open("dir", id, opts)
		require.NoError(t, err)
		names, err := fs.List("dir/log")
		require.NoError(t, err)
		spare := 0
		for _, name := range names {
			if strings.HasSuffix(name, zeroSuffix) || strings.HasSuffix(name, spareSuffix) {
				info, err := fs.Stat(fs.PathJoin("dir/log", name))
				require.NoError(t, err)
				require.EqualValues(t, opts.SegmentBytes, info.Size())
				spare++
			}
		}
		require.Equal(t, opts.Spares, spare, names)
		for i := range uint64(10) {
			s.Put(1, i, make([]byte, 20_000))
			forced, err := s.ForceNow()
			require.NoError(t, err)
			require.True(t, forced)
		}
		s.Forget(1, 10)
		require.NoError(t, s.Close())
	}
}

// A roll adds no force to those of what was put, and what it replaces or renames is replaced and renamed
// beside them.
func TestRollsAddNoForce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forces := 0
		fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
			if op.Kind == errorfs.OpFileSyncData && strings.HasSuffix(op.Path, segmentSuffix) {
				forces++
			}
			return nil
		}))
		s, err := Open(testDir, testIdentity, Options{FS: fs, SegmentBytes: 1 << 12})
		require.NoError(t, err)
		first := s.forcer.log.newest.number
		for i := range 1000 {
			before := forces
			s.Put(1, 1, patterned(100, byte(i)))
			forced, err := s.ForceNow()
			require.NoError(t, err)
			require.True(t, forced)
			require.Equal(t, before+1, forces)
			synctest.Wait()
			newest := s.forcer.log.newest.number
			if s.forcer.log.w.synced == 0 {
				newest-- // It is begun, and not yet durable.
			}
			require.Equal(t, newest, toldNewest(t, fs))
		}
		require.Greater(t, s.forcer.log.newest.number, first+20)
		require.NoError(t, s.Close())
	})
}

// A segment of which the header takes more than half does not get its successor ready before what else
// is in the directory is tidied up: that would be taken for a spare file.
func TestNothingIsGotReadyWhileOpenTidies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := vfs.NewCrashableMem()
		opts := testOptions(errorfs.Wrap(fs, errorfs.InjectorFunc(func(op errorfs.Op) error {
			if op.Kind == errorfs.OpList && strings.HasSuffix(op.Path, logName) {
				synctest.Wait() // All that goes on beside is done before.
			}
			return nil
		})))
		opts.SegmentBytes = 1 << 10
		for l := 1; l <= 400; {
			s, err := Open(testDir, testIdentity, opts)
			require.NoError(t, err)
			for range 100 {
				s.History.Append(patterned(300, byte(l)), false)
				require.NoError(t, forceHistory(s.History))
				l++
			}
			after := fs.CrashClone(vfs.CrashCloneCfg{})
			require.NoError(t, s.Close())
			s = openTest(t, after)
			_, next := s.History.Bounds()
			require.EqualValues(t, l, next)
			require.NoError(t, s.Close())
		}
	})
}

// The file of the newest segment tells of one before the first force of the next one is done, however slow
// that file is.
func TestNewestIsOneSegmentBehindAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		write, over := make(chan struct{}), make(chan struct{})
		var opened atomic.Bool
		var writes atomic.Int64
		fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
			if opened.Load() && op.Kind == errorfs.OpFileWriteAt && strings.HasSuffix(op.Path, newestName) {
				select {
				case <-write:
				case <-over:
				}
			}
			return nil
		}))
		s, err := Open(testDir, testIdentity, Options{FS: fs, SegmentBytes: 1 << 12})
		require.NoError(t, err)
		opened.Store(true)
		go func() {
			for {
				synctest.Wait() // Until a force waits for the write.
				select {
				case write <- struct{}{}:
					writes.Add(1)
				case <-over:
					return
				}
			}
		}()
		defer func() { require.NoError(t, s.Close()) }()
		defer close(over)
		for i := range 500 {
			s.Put(1, 1, patterned(100, byte(i)))
			forced, err := s.ForceNow()
			require.NoError(t, err)
			require.True(t, forced)
			newest := s.forcer.log.newest.number
			require.LessOrEqual(t, newest, toldNewest(t, fs)+2, "one is begun, and one durable")
		}
		require.Greater(t, writes.Load(), int64(10))
	})
}
