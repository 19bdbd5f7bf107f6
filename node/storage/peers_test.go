package storage

import (
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

// TestDirectoryKeepsItsName opens a directory again, also after a crash, and another one.
func TestDirectoryKeepsItsName(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := openTest(t, fs)
	name := s.Directory()
	require.NotEmpty(t, name)
	fs = crash(fs, rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, s.Close())
	s = openTest(t, fs)
	require.Equal(t, name, s.Directory())
	require.NoError(t, s.Close())
	other := openTest(t, vfs.NewCrashableMem())
	require.NotEqual(t, name, other.Directory())
	require.NoError(t, other.Close())
}

// TestOldDirectoryGetsAName opens a directory of a build whose directories had no names.
func TestOldDirectoryGetsAName(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := openTest(t, fs)
	require.NoError(t, s.Close())
	path := s.path(identityName)
	f, err := readIdentity(fs, path)
	require.NoError(t, err)
	f.Directory = ""
	require.NoError(t, writeIdentity(fs, path, f))
	s = openTest(t, fs)
	name := s.Directory()
	require.NotEmpty(t, name)
	require.NoError(t, s.Close())
	s = openTest(t, crash(fs, rand.New(rand.NewPCG(1, 1))))
	require.Equal(t, name, s.Directory())
	require.NoError(t, s.Close())
}

// TestRecognize has peers seen, and seen again after a crash.
func TestRecognize(t *testing.T) {
	for seed := range uint64(10) {
		fs := vfs.NewCrashableMem()
		s := openTest(t, fs)
		sees := func(first, directory string) {
			t.Helper()
			known, err := s.Recognize(2, directory)
			require.NoError(t, err)
			require.Equal(t, first, known)
		}
		sees("a", "a")
		sees("a", "b")
		_, err := s.Recognize(3, "c")
		require.NoError(t, err)
		crashed := crash(fs, rand.New(rand.NewPCG(seed, 0)))
		require.NoError(t, s.Close())
		s = openTest(t, crashed)
		sees("a", "b")
		require.NoError(t, s.Close())

		change(t, crashed, s.path(peersName), func(b []byte) { b[len("{\n  \"directories\": {\n    \"")]++ })
		_, err = Open(testDir, testIdentity, testOptions(crashed))
		var corrupt *CorruptError
		require.ErrorAs(t, err, &corrupt)
		require.Equal(t, s.path(peersName), corrupt.File)
	}
}
