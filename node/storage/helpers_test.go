package storage

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

const testDir = "p1"

var testIdentity = Identity{Cluster: "test", Process: 1, Variant: "paxos"}

func testOptions(fs vfs.FS) Options {
	return Options{FS: fs, SegmentBytes: 8 << 10, Spares: 2, MemTableBytes: 256 << 10}
}

func openTest(t *testing.T, fs vfs.FS) *Storage {
	t.Helper()
	s, err := Open(testDir, testIdentity, testOptions(fs))
	require.NoError(t, err)
	return s
}

// forced has all that was put durable.
func forced(t *testing.T, s *Storage) {
	t.Helper()
	require.NoError(t, forceErr(s))
}

func forceErr(s *Storage) error { return wait(s.Force) }

func forceHistory(h *History) error { return wait(h.Force) }

// wait returns what a force tells.
func wait(force func(done func(error))) error {
	done := make(chan error)
	force(func(err error) { done <- err })
	return <-done
}

// contents returns what Open found, as space/key=record.
func contents(s *Storage, spaces ...byte) []string {
	all := []string{}
	for _, space := range spaces {
		s.Stored(space, func(key uint64, rec []byte) bool {
			all = append(all, fmt.Sprintf("%d/%d=%s", space, key, rec))
			return true
		})
	}
	return all
}

// crash returns what is left of fs, with a random part of what was not forced.
func crash(fs *vfs.MemFS, rng *rand.Rand) *vfs.MemFS {
	return fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(101), RNG: rng})
}

// copyOf returns a file system with the same files, all forced.
func copyOf(fs *vfs.MemFS) *vfs.MemFS {
	return fs.CrashClone(vfs.CrashCloneCfg{
		UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 1)),
	})
}

// change applies f to the bytes of a file, in place.
func change(t *testing.T, fs *vfs.MemFS, path string, f func([]byte)) {
	t.Helper()
	data, err := fs.UnsafeGetFileDataBuffer(path)
	require.NoError(t, err)
	f(data)
}

func patterned(size int, seed byte) []byte {
	return bytes.Repeat([]byte{seed, seed + 1, seed + 2, seed + 3, seed + 4}, size/5+1)[:size]
}
