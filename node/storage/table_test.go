package storage

import (
	"cmp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"paxon/register"
)

// tabled returns a closed storage with a history of 600 batches, whose rows are in one file of
// the table, and the path of that file.
func tabled(t *testing.T) (fs *vfs.MemFS, file string) {
	t.Helper()
	fs = vfs.NewCrashableMem()
	s := openDelivering(t, fs)
	for range 600 {
		s.History.Append([]byte("batch"), false)
	}
	require.NoError(t, forceHistory(s.History))
	forced(t, s) // The rows are set when the first of the two is over.
	flushTable(t, s)
	require.NoError(t, s.Close())
	dir := testDir + "/" + historyName
	names, err := fs.List(dir)
	require.NoError(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, ".sst") {
			file = fs.PathJoin(dir, name)
		}
	}
	require.NotEmpty(t, file)
	return fs, file
}

// flushTable has the rows on the disk that were set.
func flushTable(t *testing.T, s *Storage) {
	t.Helper()
	flushed, err := s.History.table.flush()
	require.NoError(t, err)
	<-flushed
}

// readAll opens the storage and reads its history, and returns the first error.
func readAll(t *testing.T, fs vfs.FS) (batches int, err error) {
	t.Helper()
	s, err := Open(testDir, testIdentity, testOptions(fs))
	if err != nil {
		return 0, err
	}
	err = s.History.Stored(1, func(_ register.Instance, b register.Value) bool {
		require.Equal(t, "batch", string(b))
		batches++
		return true
	})
	return batches, cmp.Or(err, s.Close())
}

// A file of the table that is damaged, or missing, is an error that names it, for whoever opens
// the storage or reads the history: nobody's goroutine ends.
func TestDamageToTheTableIsAnError(t *testing.T) {
	original, file := tabled(t)
	const footer = 57 // Every byte of this, and some others.
	info, err := original.Stat(file)
	require.NoError(t, err)
	for at := int64(0); at < info.Size(); at++ {
		if at%211 > 0 && at < info.Size()-footer {
			continue
		}
		fs := copyOf(original)
		change(t, fs, file, func(b []byte) { b[at] ^= 1 })
		_, err := readAll(t, fs)
		var corrupt *CorruptError
		require.ErrorAs(t, err, &corrupt, "byte %d", at)
		require.Equal(t, file, corrupt.File, "byte %d", at)
	}
	fs := copyOf(original)
	require.NoError(t, fs.Remove(file))
	_, err = readAll(t, fs)
	var corrupt *CorruptError
	require.ErrorAs(t, err, &corrupt)
	batches, err := readAll(t, original)
	require.NoError(t, err)
	require.Equal(t, 600, batches)
}

// Anything can fail while a storage is opened, once or for good. Then Open says so, rather than wait
// for a database that has ended, and nothing is lost.
func TestAnythingCanFailInOpen(t *testing.T) {
	original, _ := tabled(t)
	failed := 0
	for at := int64(0); ; at++ {
		fs := copyOf(original)
		inject := &failFrom{only: at%2 == 0, reads: true}
		inject.left.Store(at + 1)
		batches, err := readAll(t, errorfs.Wrap(fs, inject))
		if err != nil {
			require.ErrorContains(t, err, "injected")
			failed++
			batches, err = readAll(t, copyOf(fs))
		}
		require.NoError(t, err)
		require.Equal(t, 600, batches)
		if inject.left.Load() > 0 {
			break
		}
	}
	require.Greater(t, failed, 60)
}

// Where the table fails for good while it is closed, Close does not wait for it.
func TestTheTableFailsWhileItIsClosed(t *testing.T) {
	var armed atomic.Bool
	held, hold := make(chan struct{}), make(chan struct{})
	s := openDelivering(t, errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if !strings.Contains(op.Path, "MANIFEST") || !armed.CompareAndSwap(true, false) {
			return nil
		}
		close(held)
		<-hold
		return errorfs.ErrInjected
	})))
	s.History.Append([]byte("batch"), false)
	require.NoError(t, forceHistory(s.History))
	armed.Store(true)
	_, err := s.History.table.flush()
	require.NoError(t, err)
	<-held
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	for !isClosed(s.History.table) {
		runtime.Gosched()
	}
	close(hold)
	require.NoError(t, <-closed)
	require.ErrorContains(t, s.Err(), "injected")
}

// isClosed says whether the table's database is being closed, or is.
func isClosed(t *rowTable) (closed bool) {
	defer func() { closed = recover() != nil }()
	it, err := t.db.NewIter(nil)
	if err == nil {
		_ = it.Close()
	}
	return false
}

// holdTables lets nothing of a kind be done to the files of a table until hold is closed, and has it
// fail then if err is not nil.
func holdTables(hold chan struct{}, kind errorfs.OpReadWrite, err error) errorfs.Injector {
	return errorfs.InjectorFunc(func(op errorfs.Op) error {
		if !strings.HasSuffix(op.Path, ".sst") || op.Kind.ReadOrWrite() != kind {
			return nil
		}
		<-hold
		return err
	})
}

// deliverUntil appends so many batches and forces the history each time after some, until that fails.
func deliverUntil(s *Storage, batches, atOnce int) (err error) {
	for n := 0; n < batches && err == nil; n += atOnce {
		for range atOnce {
			s.History.Append([]byte("batch"), false)
		}
		err = forceHistory(s.History)
	}
	return err
}

// Where the flush of the table fails for good while the forcer waits for it, because too many rows are
// in memory, those who wait are told, and Close does not wait.
func TestTheFlushFailsThatTheForcerWaitsFor(t *testing.T) {
	for _, atOnce := range []int{setRows, 1 << 15} {
		synctest.Test(t, func(t *testing.T) {
			hold := make(chan struct{})
			s := openDelivering(t, errorfs.Wrap(vfs.NewMem(),
				holdTables(hold, errorfs.OpIsWrite, errorfs.ErrInjected)))
			told := make(chan error)
			go func() { told <- deliverUntil(s, 1<<17, atOnce) }()
			synctest.Wait()
			close(hold)
			var failed *FailedError
			require.ErrorAs(t, <-told, &failed)
			require.ErrorIs(t, failed, errorfs.ErrInjected)
			require.NoError(t, s.Close())
		})
	}
}

// While a flush of the table takes long, only so many rows are in memory; then all goes on.
func TestTheForcerWaitsForTheFlush(t *testing.T) {
	for _, volatile := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			hold := make(chan struct{})
			opts := testOptions(errorfs.Wrap(vfs.NewMem(), holdTables(hold, errorfs.OpIsWrite, nil)))
			opts.TailBytes, opts.Volatile = 4<<10, volatile
			s, err := Open(testDir, testIdentity, opts)
			require.NoError(t, err)
			told := make(chan error, 1)
			const batches = 1 << 16
			go func() { told <- deliverUntil(s, batches, setRows) }()
			synctest.Wait()
			k := s.forcer.keeper
			waits := len(told) == 0
			rows, memory := k.set+k.older, k.table.db.Metrics().MemTable.Size
			close(hold)
			require.NoError(t, <-told)
			require.True(t, waits)
			require.InDelta(t, k.most, rows, setRows)
			require.LessOrEqual(t, memory, memTables*opts.MemTableBytes)
			batch, err := s.History.ReadAt(batches, 1)
			require.NoError(t, err)
			require.Equal(t, "batch", string(batch[0]))
			require.NoError(t, s.Close())
		})
	}
}

// Nobody waits for the table to be compacted.
func TestACompactionTakesLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		s := openDelivering(t, errorfs.Wrap(vfs.NewMem(), holdTables(hold, errorfs.OpIsRead, nil)))
		const flushes = 20
		told := make(chan error, flushes)
		waits := 0
		for range flushes {
			_, next := s.History.Bounds()
			s.History.Truncate(next) // So that the files of the table overlap.
			go func() { told <- deliverUntil(s, flushRecords, 1) }()
			synctest.Wait()
			if len(told) == 0 {
				waits++
				break
			}
			require.NoError(t, <-told)
		}
		levels := s.History.table.db.Metrics().Levels[0].Sublevels
		close(hold)
		if waits > 0 {
			require.NoError(t, <-told)
		}
		require.NoError(t, s.Close())
		require.Zero(t, waits)
		require.Greater(t, levels, int32(12), "by default the database lets nobody write then")
	})
}
