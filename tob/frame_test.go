package tob

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// A frame is made in one piece: its header takes frameHeader bytes at most, and that much only
// where all of its numbers are of the longest form.
func TestFrameHeaderIsTheMost(t *testing.T) {
	longest := Broadcast{
		Client:   Client{math.MaxUint32, math.MaxUint64, math.MaxUint64, math.MaxUint64},
		Sequence: math.MaxUint64, Payload: make([]byte, math.MaxUint16+1),
	}
	var f frames
	frame := f.of(longest.Client, longest.Sequence, [][]byte{longest.Payload})
	require.Len(t, frame, frameHeader+payloadHeader+len(longest.Payload))
	require.Equal(t, len(frame), cap(frame))
}

// one makes the frame of a message alone.
func (f *frames) one(m Broadcast) []byte { return f.of(m.Client, m.Sequence, [][]byte{m.Payload}) }

// Frames share memory, and none reaches into another.
func TestFramesAreApart(t *testing.T) {
	var f frames
	var made [][]byte
	for i := range 2000 {
		m := Broadcast{Sequence: uint64(i), Payload: bytes.Repeat([]byte{byte(i)}, i%400)}
		made = append(made, f.one(m))
		if i%100 == 99 {
			f.taken(3000)
		}
	}
	for i, frame := range made {
		m, n, err := ParseFrame(frame)
		require.NoError(t, err)
		require.Equal(t, len(frame), n)
		require.Equal(t, uint64(i), m.Sequence)
		require.Equal(t, bytes.Repeat([]byte{byte(i)}, i%400), append([]byte{}, m.Payload...))
	}
	large := f.one(Broadcast{Payload: make([]byte, mostPiece)})
	require.LessOrEqual(t, cap(large), frameHeader+payloadHeader+mostPiece)
}

func TestFramesAllocateRarely(t *testing.T) {
	var f frames
	payload := make([]byte, 128)
	for range 1000 {
		f.one(Broadcast{Payload: payload})
	}
	require.Less(t, testing.AllocsPerRun(10000, func() { f.one(Broadcast{Payload: payload}) }), 0.01)
}

// Batches in which clients follow each other, and themselves, unpack to what ParseFrame finds.
func TestUnpackAsParseFrame(t *testing.T) {
	var batch []byte
	for i := range 300 {
		c := Client{1, 2, uint64(i / 7 % 3), 1 << (i / 50 * 8)}
		batch = AppendFrame(batch, Broadcast{c, uint64(i), bytes.Repeat([]byte{1}, i)})
	}
	rest := batch
	for m := range Unpack(batch) {
		want, n, err := ParseFrame(rest)
		require.NoError(t, err)
		require.Equal(t, want, m)
		rest = rest[n:]
	}
	require.Empty(t, rest)
}

func BenchmarkUnpack(b *testing.B) {
	var batch []byte
	for i := range 1000 {
		batch = AppendFrame(batch, Broadcast{Client{1, 1, 0, 1}, uint64(i) + 1<<20, make([]byte, 128)})
	}
	b.SetBytes(int64(len(batch)))
	for b.Loop() {
		for s := Scan(batch); s.Next(); {
			_ = s.Payload()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/message")
}

// A batch is where its frames are if they were made one after the other, and a copy of them
// otherwise; either way it has their bytes, and what is made later does not reach into it.
func TestBatchesAreWhereTheirFramesAre(t *testing.T) {
	var f frames
	payload := make([]byte, 100)
	f.size.Value = 1 << 13
	copied := 0
	for i := range 100 {
		b := batching{}
		var want []byte
		first := []byte(nil)
		for j := range i % 20 {
			payload[0] = byte(i + j)
			frame := f.one(Broadcast{Sequence: uint64(j), Payload: payload})
			if j == 0 {
				first = frame
			}
			want = append(want, frame...)
			b.add(frame)
		}
		f.taken(len(want))
		batch := b.done()
		require.Equal(t, want, append([]byte(nil), batch...))
		require.Equal(t, len(batch), cap(batch))
		if len(batch) > 0 && &batch[0] != &first[0] {
			copied++
		}
	}
	require.Less(t, copied, 10)
	b := batching{}
	x, y := f.one(Broadcast{Payload: payload}), f.one(Broadcast{Payload: payload})
	b.add(y)
	b.add(x) // Not behind y.
	require.Equal(t, append(append([]byte(nil), y...), x...), b.done())
	require.True(t, b.copied)
}

// So is a batch of several frames, up to a megabyte, once there were some of that length.
func TestLongBatchesAreWhereTheirFramesAre(t *testing.T) {
	for _, size := range []int{1 << 10, 50 << 10, 200 << 10, 256 << 10} {
		var f frames
		var b batching
		for range 8 {
			b = batching{}
			for range 4 {
				b.add(f.one(Broadcast{Payload: make([]byte, size-100)}))
			}
			f.taken(len(b.batch))
		}
		require.False(t, b.copied, "of %d bytes each", size)
	}
}
