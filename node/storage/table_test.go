package storage

import (
	"cmp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

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
