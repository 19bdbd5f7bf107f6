package storage

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"paxon/register"
)

// forces counts what forces reach a file system.
type forces struct{ count atomic.Int64 }

func (*forces) String() string { return "counts forces" }

func (f *forces) MaybeError(op errorfs.Op) error {
	switch op.Kind {
	case errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo:
		f.count.Add(1)
	default:
	}
	return nil
}

// TestUnforced has the same work done with and without forces: no force reaches the file
// system without, what was put is there for the next start, and a crash loses it.
func TestUnforced(t *testing.T) {
	for _, without := range []bool{false, true} {
		fs, seen := vfs.NewCrashableMem(), &forces{}
		opts := testOptions(errorfs.Wrap(fs, seen))
		opts.Unforced = without
		s, err := Open(testDir, testIdentity, opts)
		require.NoError(t, err)
		for i := range uint64(100) { // More than a segment holds.
			s.Put(1, i, patterned(500, byte(i)))
			forced(t, s)
		}
		s.History.Append(register.Value("batch"), false)
		require.NoError(t, forceHistory(s.History))
		lost := fs.CrashClone(vfs.CrashCloneCfg{RNG: rand.New(rand.NewPCG(1, 1))})
		require.NoError(t, s.Close())
		if !without {
			require.Positive(t, seen.count.Load())
			require.Len(t, contents(reopened(t, lost), 1), 100)
			continue
		}
		require.Zero(t, seen.count.Load())
		require.Len(t, contents(reopened(t, fs), 1), 100)
		require.Empty(t, contents(reopened(t, lost), 1))
	}
}

// reopened is what is left in a file system.
func reopened(t *testing.T, fs vfs.FS) *Storage {
	t.Helper()
	s := openTest(t, fs)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}
