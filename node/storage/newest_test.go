package storage

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

// toldNewest is what the file of the newest segment says.
func toldNewest(t *testing.T, fs vfs.FS) uint32 {
	t.Helper()
	n, err := readNewest(fs, testDir+"/"+newestName, true)
	require.NoError(t, err)
	require.NoError(t, n.Close())
	return n.number
}

// become has the file of the newest segment say a number, durably.
func become(t *testing.T, n *newest, number uint32) {
	t.Helper()
	n.becomes(number, func(err error) { t.Error(err) })
	n.beside.Wait()
}

func madeNewest(t *testing.T, fs vfs.FS) *newest {
	t.Helper()
	n, err := readNewest(fs, newestName, false)
	require.NoError(t, err)
	require.NoError(t, n.make())
	return n
}

// A crash in the midst of a write leaves the number before, and damage of one place does, too.
func TestNewestSurvivesWhatIsTorn(t *testing.T) {
	fs := vfs.NewMem()
	n := madeNewest(t, fs)
	defer func() { require.NoError(t, n.Close()) }()
	for number := uint32(1); number <= 5; number++ {
		become(t, n, number)
		whole := make([]byte, newestBytes)
		_, err := n.file.ReadAt(whole, 0)
		require.NoError(t, err)
		told, place, readable := parseNewest(whole)
		require.True(t, readable)
		require.Equal(t, number, told)
		for bit := range placeBytes * 8 {
			whole[place*placesApart+bit/8] ^= 1 << (bit % 8)
			told, _, readable := parseNewest(whole)
			require.True(t, readable)
			require.Equal(t, number-1, told)
			whole[(1-place)*placesApart] ^= 1
			_, _, readable = parseNewest(whole)
			require.False(t, readable)
			whole[(1-place)*placesApart] ^= 1
			whole[place*placesApart+bit/8] ^= 1 << (bit % 8)
		}
	}
}

func TestNewestSurvivesCrashes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	fs := vfs.NewCrashableMem()
	n := madeNewest(t, fs)
	d, err := fs.OpenDir("")
	require.NoError(t, err)
	require.NoError(t, d.Sync())
	require.NoError(t, d.Close())
	for number := uint32(1); number <= 50; number++ {
		become(t, n, number)
		after := crash(fs, rng)
		again, err := readNewest(after, newestName, true)
		require.NoError(t, err)
		require.Equal(t, number, again.number)
		become(t, again, number+7)
		require.NoError(t, again.Close())
		again, err = readNewest(after, newestName, true)
		require.NoError(t, err)
		require.Equal(t, number+7, again.number)
		require.NoError(t, again.Close())
	}
	require.NoError(t, n.Close())
}

func TestNewestThatIsUnreadable(t *testing.T) {
	fs := vfs.NewMem()
	require.NoError(t, openTest(t, fs).Close())
	path := testDir + "/" + newestName
	for content, what := range map[string]string{
		"":                               "it has 0 bytes, and should have 8192",
		"\x01\x00":                       "it has 2 bytes, and should have 8192",
		strings.Repeat("x", newestBytes): "neither of its two places is readable",
	} {
		f, err := fs.Create(path, category)
		require.NoError(t, err)
		_, err = io.WriteString(f, content)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		_, err = Open(testDir, testIdentity, testOptions(fs))
		require.ErrorContains(t, err, path+" is corrupt at offset 0: "+what)
	}
}

// A directory of an earlier build has the newest segment in its identity, and gets the file.
func TestNewestOfAnEarlierBuild(t *testing.T) {
	fs := vfs.NewMem()
	s := openTest(t, fs)
	s.Put(1, 1, []byte("kept"))
	forced(t, s)
	newest := s.forcer.log.newest.number
	require.NoError(t, s.Close())
	require.NoError(t, fs.Remove(testDir+"/"+newestName))
	_, err := Open(testDir, testIdentity, testOptions(fs))
	require.ErrorContains(t, err,
		newestName+" is corrupt at offset 0: it is missing, though the process used it")

	f, err := readIdentity(fs, testDir+"/"+identityName)
	require.NoError(t, err)
	require.Equal(t, newest, f.Segment)
	f.Newest = false
	require.NoError(t, writeIdentity(fs, testDir+"/"+identityName, f))
	s = openTest(t, fs)
	require.Equal(t, []string{"1/1=kept"}, contents(s, 1))
	require.NoError(t, s.Close())
	require.Equal(t, newest+1, toldNewest(t, fs))

	require.NoError(t, fs.Remove(testDir+"/"+logName+"/"+fileName(newest+1, segmentSuffix)))
	_, err = Open(testDir, testIdentity, testOptions(fs))
	require.ErrorContains(t, err, "it was durable, but it is missing or has no readable header")
}

func FuzzNewest(f *testing.F) {
	fs := vfs.NewMem()
	n, err := readNewest(fs, newestName, false)
	require.NoError(f, err)
	require.NoError(f, n.make())
	for range 3 {
		b := make([]byte, newestBytes)
		_, err := n.file.ReadAt(b, 0)
		require.NoError(f, err)
		f.Add(b[:placeBytes], b[placesApart:][:placeBytes])
		n.becomes(n.number+1, func(err error) { f.Error(err) })
		n.beside.Wait()
	}
	require.NoError(f, n.Close())
	f.Fuzz(func(t *testing.T, first, second []byte) {
		b := make([]byte, newestBytes)
		copy(b, first[:min(len(first), placesApart)])
		copy(b[placesApart:], second[:min(len(second), placesApart)])
		number, place, readable := parseNewest(b)
		require.True(t, readable || number == 0)
		if number > 0 {
			require.Equal(t, number, binary.LittleEndian.Uint32(b[place*placesApart:]))
		}
	})
}
