package storage

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"paxon/node/durable"
)

// toldNewest is what the file of the newest segment says.
func toldNewest(t *testing.T, fs vfs.FS) uint32 {
	t.Helper()
	n, err := readNewest(fs, testDir+"/"+newestName)
	require.NoError(t, err)
	require.NoError(t, n.Close())
	return n.number
}

// become has the file of the newest segment say a number, durably.
func become(t testing.TB, n *newest, number uint32) {
	t.Helper()
	n.becomes(number, func(err error) { t.Error(err) })
	n.beside.Wait()
}

func madeNewest(t testing.TB, fs vfs.FS) *newest {
	t.Helper()
	n, err := readNewest(fs, newestName)
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
	require.NoError(t, durable.SyncDir(fs, ""))
	for number := uint32(1); number <= 50; number++ {
		become(t, n, number)
		after := crash(fs, rng)
		again, err := readNewest(after, newestName)
		require.NoError(t, err)
		require.Equal(t, number, again.number)
		become(t, again, number+7)
		require.NoError(t, again.Close())
		again, err = readNewest(after, newestName)
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

// A directory without the file, as earlier builds leave it, gets it. What an earlier build knows of the
// segments is in identity.json, where this build leaves what that can read.
func TestNewestOfAnEarlierBuild(t *testing.T) {
	fs := vfs.NewMem()
	s := openTest(t, fs)
	s.Put(1, 1, []byte("kept"))
	forced(t, s)
	newest := s.forcer.log.newest.number
	require.NoError(t, s.Close())
	f, err := readIdentity(fs, testDir+"/"+identityName)
	require.NoError(t, err)
	require.Equal(t, newest, f.Segment)
	require.NoError(t, fs.Remove(testDir+"/"+newestName))

	s = openTest(t, fs)
	require.Equal(t, []string{"1/1=kept"}, contents(s, 1))
	require.NoError(t, s.Close())
	require.Equal(t, newest+1, toldNewest(t, fs))

	require.NoError(t, fs.Remove(testDir+"/"+newestName))
	require.NoError(t, fs.Remove(testDir+"/"+logName+"/"+fileName(newest+1, segmentSuffix)))
	_, err = Open(testDir, testIdentity, testOptions(fs))
	require.ErrorContains(t, err, "it was durable, but it is missing or has no readable header")
	_, err = fs.Stat(testDir + "/" + newestName)
	require.ErrorIs(t, err, os.ErrNotExist, "something was changed")
}

// halfFS has writes to the file of the newest segment fail half way, while it is armed.
type halfFS struct {
	vfs.FS
	armed *atomic.Bool
}

func (h halfFS) OpenReadWrite(
	name string, c vfs.DiskWriteCategory, opts ...vfs.OpenOption,
) (vfs.File, error) {
	f, err := h.FS.OpenReadWrite(name, c, opts...)
	if err == nil && strings.HasSuffix(name, newestName) {
		return halfFile{f, h.armed}, nil
	}
	return f, err
}

type halfFile struct {
	vfs.File
	armed *atomic.Bool
}

func (h halfFile) WriteAt(p []byte, at int64) (int, error) {
	if !h.armed.Load() {
		return h.File.WriteAt(p, at)
	}
	n, err := h.File.WriteAt(p[:len(p)/2], at)
	return n, errors.Join(err, errorfs.ErrInjected)
}

// Several segments may be begun before anybody looks whether the number of the first could be written.
func TestNewestSurvivesWritesThatFail(t *testing.T) {
	fs, armed := vfs.NewMem(), &atomic.Bool{}
	s, err := Open(testDir, testIdentity, testOptions(halfFS{fs, armed}))
	require.NoError(t, err)
	for i := range uint64(40) { // Both places are in use.
		s.Put(1, i, patterned(500, byte(i)))
		forced(t, s)
	}
	s.newest.beside.Wait()
	armed.Store(true)
	for i := range uint64(100) {
		s.Put(1, i, patterned(500, byte(i)))
	}
	require.ErrorIs(t, forceErr(s), errorfs.ErrInjected)
	require.NoError(t, s.Close())
	s = openTest(t, fs)
	require.Len(t, contents(s, 1), 100)
	require.NoError(t, s.Close())
}

// A first Open ends at one of its writes, the machine crashes at one of those of a second, and a third finds
// nothing amiss.
func TestOpenIsCrashedAfterOneThatEnded(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	isOurs := func(op errorfs.Op) bool {
		return op.Kind.ReadOrWrite() == errorfs.OpIsWrite && !strings.Contains(op.Path, historyName)
	}
	for ends := int64(1); ; ends++ {
		inject := &failFrom{}
		inject.left.Store(ends + 1)
		fs := vfs.NewCrashableMem()
		s, err := Open(testDir, testIdentity, testOptions(errorfs.Wrap(fs, errorfs.InjectorFunc(
			func(op errorfs.Op) error {
				if isOurs(op) {
					return inject.MaybeError(op)
				}
				return nil
			}))))
		if err == nil {
			inject.left.Store(1000)
			require.NoError(t, s.Close())
			require.Greater(t, ends, int64(20))
			return
		}
		var mu sync.Mutex
		var crashed []*vfs.MemFS
		s, err = Open(testDir, testIdentity, testOptions(errorfs.Wrap(fs, errorfs.InjectorFunc(
			func(op errorfs.Op) error {
				mu.Lock()
				defer mu.Unlock()
				for i := 0; isOurs(op) && i < 4; i++ {
					crashed = append(crashed, crash(fs, rng))
				}
				return nil
			}))))
		require.NoError(t, err, "the first ended at write %d", ends)
		require.NoError(t, s.Close())
		for _, after := range crashed {
			s, err := Open(testDir, testIdentity, testOptions(after))
			require.NoError(t, err, "the first ended at write %d", ends)
			require.NoError(t, s.Close())
		}
	}
}

func FuzzNewest(f *testing.F) {
	fs := vfs.NewMem()
	n := madeNewest(f, fs)
	for range 3 {
		b := make([]byte, newestBytes)
		_, err := n.file.ReadAt(b, 0)
		require.NoError(f, err)
		f.Add(b[:placeBytes], b[placesApart:][:placeBytes])
		become(f, n, n.number+1)
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
