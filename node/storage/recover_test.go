package storage

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

// sample is a log of several segments, closed.
type sample struct {
	fs          *vfs.MemFS
	newest      uint32
	older       []sealed
	start, end  int64    // of the last force, in the newest segment
	full, short []string // what it holds with and without the last force
}

// describe returns the live records of a log in fs.
func describe(t *testing.T, fs vfs.FS, x *index) []string {
	t.Helper()
	var all []string
	r := segmentReader{handles: &handles{fs: fs, dir: "log"}}
	defer r.close()
	sorted := x.sorted()
	for _, space := range slices.Sorted(maps.Keys(sorted)) {
		for _, f := range sorted[space] {
			rec, err := r.record(f)
			require.NoError(t, err)
			all = append(all, fmt.Sprintf("%d/%d=%s", space, f.key, rec))
		}
	}
	return all
}

// newSample makes a log in segments of the given size, with end bytes or a little more in the
// newest one.
func newSample(t *testing.T, size, end int64, segments int) sample {
	t.Helper()
	s := sample{fs: vfs.NewCrashableMem()}
	require.NoError(t, s.fs.MkdirAll("log", 0o755))
	opts := Options{SegmentBytes: size}.withDefaults()
	l, err := openLog(s.fs, "log", opts, 0, func(uint32) {})
	require.NoError(t, err)
	require.NoError(t, l.begin(0))
	for i := uint64(0); len(l.older) < segments-1 || l.w.position() < end; i++ {
		s.start, s.short = l.w.position(), describe(t, s.fs, l.live)
		forceEntries(
			t, l,
			entry{kind: kindPut, space: 1, key: i, value: patterned(20, byte('a'+i%20))},
			entry{kind: kindForget, space: 1, key: 2},
		)
	}
	s.newest, s.end, s.full = l.newest.number, l.w.position(), describe(t, s.fs, l.live)
	s.older = l.header().older
	require.NoError(t, l.Close())
	return s
}

func (s sample) path(number uint32) string {
	return "log/" + fileName(number, segmentSuffix)
}

// flip flips one bit, recovers, and flips it back. It returns what was recovered.
func (s sample) flip(t *testing.T, number uint32, bit int64) ([]string, error) {
	t.Helper()
	invert := func(b []byte) { b[bit/8] ^= 1 << (bit % 8) }
	change(t, s.fs, s.path(number), invert)
	defer change(t, s.fs, s.path(number), invert)
	r, err := recoverLog(s.fs, "log", s.newest, nil)
	if err != nil {
		return nil, err
	}
	return describe(t, s.fs, r.live), nil
}

// requireDetected flips one bit and requires what doc.go says of it. It returns whether the
// flip did no harm.
func (s sample) requireDetected(t *testing.T, number uint32, bit, length int64) bool {
	t.Helper()
	got, err := s.flip(t, number, bit)
	at := fmt.Sprintf("segment %d, bit %d", number, bit)
	if err != nil {
		var corrupt *CorruptError
		require.ErrorAs(t, err, &corrupt, at)
		require.Equal(t, s.path(number), corrupt.File, at)
		// What is too short for a chunk at the end of a block belongs to the next one.
		require.LessOrEqual(t, corrupt.Offset, nextChunk(bit/8), at)
		require.Less(t, bit/8, length, at)
		return false
	}
	if number == s.newest && bit/8 >= s.start && bit/8 < s.end {
		require.Equal(t, s.short, got, at)
		return false
	}
	require.Equal(t, s.full, got, at)
	return true
}

// Every bit of a small log.
func TestEveryFlippedBit(t *testing.T) {
	s := newSample(t, 1<<10, 600, 3)
	for _, o := range s.older {
		for bit := range o.end * 8 {
			require.False(t, s.requireDetected(t, o.number, bit, o.end), "bit %d", bit)
		}
		for bit := o.end * 8; bit < (o.end+32)*8; bit++ {
			require.True(t, s.requireDetected(t, o.number, bit, o.end), "bit %d", bit)
		}
	}
	for bit := range s.end * 8 {
		require.False(t, s.requireDetected(t, s.newest, bit, s.start), "bit %d", bit)
	}
	for bit := s.end * 8; bit < (s.end+32)*8; bit++ {
		require.True(t, s.requireDetected(t, s.newest, bit, s.start), "bit %d", bit)
	}
}

// Many bits of a log whose segments are longer than a block: only the up to 6 bytes at the end
// of a block that no chunk begins in are never looked at.
func TestFlippedBitsInLongSegments(t *testing.T) {
	s := newSample(t, 40<<10, 36<<10, 2)
	require.NotEmpty(t, s.older)
	for i, o := range append(slices.Clone(s.older), sealed{number: s.newest, end: s.start}) {
		harmless := map[int64]bool{}
		for at := int64(i); at < o.end; at += 31 {
			if s.requireDetected(t, o.number, at*8+at%8, o.end) {
				harmless[at] = true
			}
		}
		for at := int64(blockBytes - headerBytes); at < blockBytes; at++ {
			if s.requireDetected(t, o.number, at*8, o.end) {
				harmless[at] = true
			}
		}
		for at := range harmless {
			require.GreaterOrEqual(t, at, int64(blockBytes-headerBytes))
			require.Less(t, at, int64(blockBytes))
		}
	}
}

// Whatever is cut off the end of the newest segment, the log is a prefix or an error, and a
// newest segment that is all gone is an error.
func TestTruncatedSegments(t *testing.T) {
	s := newSample(t, 2<<10, 600, 3)
	for _, number := range []uint32{s.newest, s.older[0].number} {
		for cut := range s.end {
			fs := copyOf(s.fs)
			change(t, fs, s.path(number), func(b []byte) { clear(b[s.end-cut:]) })
			r, err := recoverLog(fs, "log", s.newest, nil)
			var corrupt *CorruptError
			switch {
			case errors.As(err, &corrupt):
			case number == s.newest && cut == 0:
				require.Equal(t, s.full, describe(t, fs, r.live))
			default:
				require.NoError(t, err)
				require.Equal(t, s.newest, number)
				require.Subset(t, s.full, describe(t, fs, r.live))
			}
		}
	}
	fs := copyOf(s.fs)
	change(t, fs, s.path(s.newest), func(b []byte) { clear(b) })
	_, err := recoverLog(fs, "log", s.newest, nil)
	var corrupt *CorruptError
	require.ErrorAs(t, err, &corrupt)
	require.Equal(t, s.path(s.newest), corrupt.File)
}

// A segment that was being begun when the process crashed is no damage; remains of an earlier
// segment in its file are not taken for data.
func TestSegmentBeingBegun(t *testing.T) {
	s := newSample(t, 2<<10, 600, 3)
	remains, err := s.fs.UnsafeGetFileDataBuffer(s.path(s.older[0].number))
	require.NoError(t, err)
	for _, content := range [][]byte{nil, make([]byte, 2<<10), remains} {
		fs := copyOf(s.fs)
		f, err := fs.Create(s.path(s.newest+1), category)
		require.NoError(t, err)
		_, err = f.Write(bytes.Clone(content))
		require.NoError(t, closeAfter(err, f))
		r, err := recoverLog(fs, "log", s.newest, nil)
		require.NoError(t, err)
		require.Equal(t, s.full, describe(t, fs, r.live))
		require.Equal(t, s.newest+1, r.last)
	}
}

func FuzzSegment(f *testing.F) {
	f.Add([]byte{}, []byte{kindPut, 1, 2, 3})
	f.Add([]byte("garbage"), header{number: 1, older: []sealed{{3, 4, 5, true}}}.encode())
	f.Fuzz(func(t *testing.T, raw, payload []byte) {
		// As it is, and as the payload of valid chunks behind a valid header.
		fs := vfs.NewMem()
		require.NoError(t, fs.MkdirAll("log", 0o755))
		file, err := fs.Create("log/000001.seg", category)
		require.NoError(t, err)
		w := chunkWriter{file: file, number: 1}
		for _, p := range [][]byte{header{number: 1}.encode(), payload} {
			w.begin()
			_, _ = w.Write(p)
			w.end()
		}
		w.flush()
		_, err = file.WriteAt(raw, w.position())
		require.NoError(t, closeAfter(err, file))
		requireNoSurprise(t, fs)

		file, err = fs.Create("log/000001.seg", category)
		require.NoError(t, err)
		_, err = file.Write(raw)
		require.NoError(t, closeAfter(err, file))
		requireNoSurprise(t, fs)
		_, _ = decodeHeader(payload)
	})
}

func requireNoSurprise(t *testing.T, fs vfs.FS) {
	t.Helper()
	if _, err := recoverLog(fs, "log", 1, nil); err != nil {
		var corrupt *CorruptError
		require.ErrorAs(t, err, &corrupt)
	}
}
