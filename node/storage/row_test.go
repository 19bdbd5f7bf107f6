package storage

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

func FuzzRows(f *testing.F) {
	f.Add(rowsRecord{3, []row{{1, 2, 3, 4}, {}}}.append(nil))
	f.Add(row{1, 2, 3, 4}.append(nil))
	f.Fuzz(func(t *testing.T, p []byte) {
		if r, err := decodeRow(p); err == nil {
			again, err := decodeRow(r.append(nil))
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
		if r, err := decodeRows(p); err == nil {
			again, err := decodeRows(r.append(nil))
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
	})
}

// FuzzReadBack reads at any place of a segment with any bytes.
func FuzzReadBack(f *testing.F) {
	f.Add([]byte("garbage"), int64(19), uint32(12), uint32(3))
	f.Add([]byte{kindBatch, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 'a', 'b'}, int64(19), uint32(11), uint32(2))
	f.Fuzz(func(t *testing.T, payload []byte, at int64, skip, length uint32) {
		fs := vfs.NewMem()
		file, err := fs.Create("000001"+segmentSuffix, category)
		require.NoError(t, err)
		w := chunkWriter{file: file, number: 1}
		w.begin()
		_, _ = w.Write(payload)
		w.end()
		w.flush()
		require.NoError(t, file.Close())
		files := &handles{fs: fs}
		r := segmentReader{handles: files}
		where := row{1, at, skip % (1 << 16), length % (1 << 16)}
		batch, err := r.batch(1, where, make([]byte, where.skip+where.length))
		r.close()
		require.NoError(t, files.Close())
		var found *damage
		if err != nil {
			require.ErrorAs(t, err, &found)
		} else {
			require.Len(t, batch, int(where.length))
		}
	})
}
