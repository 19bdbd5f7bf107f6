package storage

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"paxon/process"
)

func TestRecordsSurvive(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := openTest(t, fs)
	require.Equal(t, process.Incarnation(1), s.Incarnation())
	require.Empty(t, contents(s, 1, 2))
	s.Put(1, 7, []byte("old"))
	s.Put(2, 9, []byte("nine"))
	s.Put(1, 7, []byte("new"))
	s.Put(1, 3, nil)
	s.Put(1, 1<<63, []byte("big"))
	forced(t, s)
	require.Panics(t, func() { contents(s, 1) })
	s.Forget(2, 9)
	s.Forget(1, 4)
	s.Put(3, 0, []byte("not forced"))
	require.NoError(t, s.Close())

	s = openTest(t, fs)
	require.Equal(t, process.Incarnation(2), s.Incarnation())
	require.Equal(t, []string{"1/3=", "1/7=new", "1/9223372036854775808=big", "2/9=nine"},
		contents(s, 1, 2, 3))
	s.Forget(1, 7)
	s.Forget(2, 10)
	forced(t, s)
	require.NoError(t, s.Close())

	s = openTest(t, fs)
	require.Equal(t, []string{"1/7=new", "1/9223372036854775808=big"}, contents(s, 1, 2, 3))
	require.Equal(t, 2, s.Stats().Records)
	require.NoError(t, s.Close())
}

// A forgotten key may be put again, and stays when the log rolls.
func TestPutBelowTheFloor(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := openTest(t, fs)
	s.Put(1, 5, []byte("five"))
	s.Forget(1, 10)
	s.Put(1, 4, []byte("four"))
	forced(t, s)
	for range 3 {
		require.NoError(t, s.Close())
		s = openTest(t, fs)
		require.Equal(t, []string{"1/4=four"}, contents(s, 1))
	}
	require.NoError(t, s.Close())
}

func TestRecordLongerThanASegment(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := openTest(t, fs)
	long := patterned(3<<20, 3)
	s.Put(1, 1, []byte("a"))
	s.Put(1, 2, long)
	s.Put(1, 3, []byte("b"))
	forced(t, s)
	require.Equal(t, 3, s.Stats().Records)
	require.NoError(t, s.Close())
	s = openTest(t, fs)
	require.Equal(t, []string{"1/1=a", "1/2=" + string(long), "1/3=b"}, contents(s, 1))
	require.NoError(t, s.Close())
}

func TestForcesAreDoneInOrder(t *testing.T) {
	s := openTest(t, vfs.NewCrashableMem())
	const n = 1000
	done := make(chan int, n)
	for i := range n {
		if i%3 > 0 {
			s.Put(1, uint64(i), patterned(100, byte(i)))
		}
		s.Force(func(err error) {
			if err == nil {
				done <- i
			}
		})
	}
	for i := range n {
		require.Equal(t, i, <-done)
	}
	require.Zero(t, s.Backlog())
	require.LessOrEqual(t, s.Stats().Forces, uint64(n))
	require.NoError(t, s.Close())
}

func TestBacklogIsWhatIsNotDurable(t *testing.T) {
	s := openTest(t, vfs.NewCrashableMem())
	s.Put(1, 1, make([]byte, 10))
	s.Put(1, 1, make([]byte, 5))
	require.Equal(t, 15, s.Backlog())
	forced(t, s)
	require.Equal(t, 0, s.Stats().Backlog)
	require.NoError(t, s.Close())
}

// The number of segments stays bounded whatever is live, and nothing live is lost.
func TestSegmentsStayBounded(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := openTest(t, fs)
	for i := range uint64(5000) {
		s.Put(1, i, patterned(100, byte(i)))
		if i%97 == 0 {
			s.Put(2, i, []byte("stays"))
		}
		if i > 50 {
			s.Forget(1, i-50)
		}
		if i%5 == 0 {
			forced(t, s)
			live := s.Stats().RecordBytes
			require.LessOrEqual(t, int64(s.Stats().Segments),
				segmentsPerLive*live/(8<<10)+segmentsBeside+3)
		}
	}
	forced(t, s)
	require.NoError(t, s.Close())
	names, err := fs.List(fs.PathJoin(testDir, logName))
	require.NoError(t, err)
	require.Less(t, len(names), 20)

	s = openTest(t, fs)
	require.Len(t, contents(s, 1), 51)
	require.Len(t, contents(s, 2), 52)
	require.NoError(t, s.Close())
}

func TestManyRestartsLeaveFewFiles(t *testing.T) {
	fs := vfs.NewCrashableMem()
	for i := range uint64(40) {
		s := openTest(t, fs)
		require.Equal(t, process.Incarnation(i+1), s.Incarnation())
		require.Len(t, contents(s, 1), int(i))
		s.Put(1, i, []byte("x"))
		forced(t, s)
		require.NoError(t, s.Close())
	}
	names, err := fs.List(fs.PathJoin(testDir, logName))
	require.NoError(t, err)
	require.Less(t, len(names), 12)
}

func TestAnotherProcessIsRefused(t *testing.T) {
	fs := vfs.NewCrashableMem()
	require.NoError(t, openTest(t, fs).Close())
	for field, id := range map[string]Identity{
		"cluster": {Cluster: "other", Process: 1, Variant: "paxos"},
		"process": {Cluster: "test", Process: 2, Variant: "paxos"},
		"variant": {Cluster: "test", Process: 1, Variant: "winter"},
	} {
		_, err := Open(testDir, id, testOptions(fs))
		var identity *IdentityError
		require.ErrorAs(t, err, &identity)
		require.Equal(t, field, identity.Field)
	}
	change(t, fs, testDir+"/"+identityName, func(b []byte) { b[len("{\n  \"format\": ")]++ })
	_, err := Open(testDir, testIdentity, testOptions(fs))
	require.EqualError(t, err, "p1 belongs to format 3, not to format 2: "+
		"give this process its own directory")
}

func TestRunningProcessKeepsOthersOut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "p1")
	s, err := Open(dir, testIdentity, Options{SegmentBytes: 1 << 20})
	require.NoError(t, err)
	_, err = Open(dir, testIdentity, Options{})
	var locked *LockedError
	require.ErrorAs(t, err, &locked)
	require.NoError(t, s.Close())
	s, err = Open(dir, testIdentity, Options{SegmentBytes: 1 << 20})
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

func TestForeignDirectoryIsUntouched(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "thesis.tex"), []byte("x"), 0o600))
	_, err := Open(dir, testIdentity, Options{})
	var foreign *ForeignError
	require.ErrorAs(t, err, &foreign)
	require.Equal(t, "thesis.tex", foreign.File)
	names, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, names, 1)
}

func TestMissingPartsAreMissed(t *testing.T) {
	full := vfs.NewCrashableMem()
	s := openTest(t, full)
	for i := range uint64(200) {
		s.Put(1, i, patterned(100, byte(i)))
		forced(t, s)
	}
	s.History.Append([]byte("batch"), false)
	require.NoError(t, forceHistory(s.History))
	newest := s.forcer.log.newest.number // Another file may be ready for the next.
	require.NoError(t, s.Close())
	names, err := full.List(testDir + "/" + logName)
	require.NoError(t, err)
	paths := []string{logName, historyName}
	for _, name := range names {
		if number, ok := segmentNumber(name); ok && number <= newest {
			paths = append(paths, logName+"/"+name)
		}
	}
	require.Greater(t, len(paths), 4)
	for _, path := range paths {
		fs := copyOf(full)
		require.NoError(t, fs.RemoveAll(testDir+"/"+path))
		before := fs.String()
		_, err := Open(testDir, testIdentity, testOptions(fs))
		var corrupt *CorruptError
		require.ErrorAs(t, err, &corrupt, path)
		require.Equal(t, testDir+"/"+path, corrupt.File)
		require.Equal(t, before, fs.String(), "something was changed")
	}
}

func TestIdentityIsChecked(t *testing.T) {
	full := vfs.NewCrashableMem()
	require.NoError(t, openTest(t, full).Close())
	path := testDir + "/" + identityName
	size := 0
	change(t, full, path, func(b []byte) { size = len(b) })
	for i := range size * 8 {
		fs := copyOf(full)
		change(t, fs, path, func(b []byte) { b[i/8] ^= 1 << (i % 8) })
		s, err := Open(testDir, testIdentity, testOptions(fs))
		var corrupt *CorruptError
		_, refused := errors.AsType[*IdentityError](err)
		if err == nil { // White space, and the case of field names, mean nothing.
			require.Equal(t, process.Incarnation(2), s.Incarnation(), "bit %d", i)
			require.NoError(t, s.Close())
		} else if !refused {
			require.ErrorAs(t, err, &corrupt, "bit %d", i)
		}
	}
}

func TestCrashStopProcessNeverComesBack(t *testing.T) {
	fs := vfs.NewCrashableMem()
	opts := testOptions(fs)
	opts.Volatile = true
	s, err := Open(testDir, testIdentity, opts)
	require.NoError(t, err)
	require.Equal(t, process.Incarnation(1), s.Incarnation())
	s.History.Append([]byte("batch"), false)
	require.NoError(t, forceHistory(s.History))
	require.Equal(t, Stats{}, s.Stats())
	require.Zero(t, s.Backlog())
	require.Panics(t, func() { s.Put(1, 1, nil) })
	require.NoError(t, s.Close())
	var again *CrashStopError
	_, err = Open(testDir, testIdentity, opts)
	require.ErrorAs(t, err, &again)
	_, err = Open(testDir, testIdentity, testOptions(fs))
	require.ErrorAs(t, err, &again)
}
