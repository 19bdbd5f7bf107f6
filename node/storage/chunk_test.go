package storage

import (
	"bytes"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

// newLogWriter is record.NewLogWriter for a number whose type Pebble does not export.
func newLogWriter[T ~uint64](
	construct func(io.Writer, T, record.LogWriterConfig) *record.LogWriter,
	w io.Writer, number uint32, config record.LogWriterConfig,
) *record.LogWriter {
	return construct(w, T(number), config)
}

// The bytes are the same as those of Pebble's own writer.
func TestChunksAreThoseOfPebble(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	sizes := []int{
		0, 1, blockBytes, blockBytes - headerBytes, 100, blockBytes - 119 - headerBytes*2, 0,
		3 << 20, 17,
	}
	for range 500 {
		sizes = append(sizes, rng.IntN(1<<rng.IntN(18)))
	}
	var theirs bytes.Buffer
	theirWriter := newLogWriter(record.NewLogWriter, &theirs, 77, record.LogWriterConfig{
		WriteWALSyncOffsets: func() bool { return true },
	})
	fs := vfs.NewMem()
	file, err := fs.Create("log", category)
	require.NoError(t, err)
	ours := chunkWriter{file: file, number: 77}
	for i, size := range sizes {
		p := patterned(size, byte(i))
		end, err := theirWriter.WriteRecord(p)
		require.NoError(t, err)
		ours.begin()
		half := rng.IntN(size + 1)
		_, _ = ours.Write(p[:half])
		_, _ = ours.Write(p[half:])
		ours.end()
		require.Equal(t, end, ours.position())
		if rng.IntN(3) == 0 {
			ours.flush()
		}
	}
	ours.flush()
	require.NoError(t, ours.err)
	require.NoError(t, theirWriter.Close())
	data, err := fs.UnsafeGetFileDataBuffer("log")
	require.NoError(t, err)
	require.True(t, bytes.Equal(theirs.Bytes()[:ours.position()], data))

	i := 0
	end, err := readRecords(bytes.NewReader(data), 77, math.MaxInt64, func(_ int64, p []byte) error {
		require.True(t, bytes.Equal(patterned(sizes[i], byte(i)), p), "record %d", i)
		i++
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, len(sizes), i)
	require.Equal(t, ours.position(), end)
}
