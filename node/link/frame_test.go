package link

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"paxon/register"
	"paxon/retransmit"
	"paxon/wire"
)

// message is the sample body of the tests.
type message struct {
	Number uint64
	Bytes  []byte
}

func newCodec(t testing.TB, types ...any) *wire.Codec {
	t.Helper()
	c, err := wire.New(wire.Vmihailenco, append([]any{message{}, register.Write{}}, types...)...)
	require.NoError(t, err)
	return c
}

func packet(seq uint64, size int) retransmit.Packet {
	return retransmit.Packet{
		From: 1, To: 2, Seq: seq, Base: 1, Ack: 7,
		Body: message{Number: seq, Bytes: make([]byte, size)},
	}
}

// frames encodes packets as a stream.
func frames(t testing.TB, c *wire.Codec, packets ...retransmit.Packet) []byte {
	t.Helper()
	var q queue
	for _, p := range packets {
		full, err := q.add(c, p, math.MaxInt, math.MaxInt)
		require.NoError(t, err)
		require.False(t, full)
	}
	b := bytes.Join(q.pieces(nil), nil)
	require.Len(t, b, q.size)
	return b
}

// readAll reads to the end, and returns what came and the error that ended it.
func readAll(r *frameReader) (packets []retransmit.Packet, size int, err error) {
	for {
		batch, n, err := r.next()
		if err != nil {
			return packets, size, err
		}
		packets = append(packets, batch...)
		size += n
	}
}

func TestFramesAnyCut(t *testing.T) {
	c := newCodec(t)
	want := []retransmit.Packet{
		packet(1, 0), packet(2, 300_000), {From: 3}, packet(4, 100), packet(5, 600_000),
	}
	stream := frames(t, c, want...)
	for name, in := range map[string]io.Reader{
		"whole":        bytes.NewReader(stream),
		"halves":       iotest.HalfReader(bytes.NewReader(stream)),
		"bytes":        iotest.OneByteReader(bytes.NewReader(stream)),
		"error at end": iotest.DataErrReader(bytes.NewReader(stream)),
	} {
		t.Run(name, func(t *testing.T) {
			got, size, err := readAll(newFrameReader(in, c, 1<<20))
			require.Equal(t, io.EOF, err)
			require.Equal(t, want, got)
			require.Equal(t, len(stream), size)
		})
	}
}

func TestFramesBatch(t *testing.T) {
	c := newCodec(t)
	var want []retransmit.Packet
	for i := range 100 {
		want = append(want, packet(uint64(i), 10))
	}
	stream := frames(t, c, want...)
	batch, size, err := newFrameReader(bytes.NewReader(stream), c, 1<<20).next()
	require.NoError(t, err)
	require.Equal(t, want, batch)
	require.Equal(t, len(stream), size)
}

func TestFramesRefuse(t *testing.T) {
	c := newCodec(t)
	good := frames(t, c, packet(1, 10))
	const maxFrame = 1000
	largest := frames(t, c, packet(1, maxFrame-len(frames(t, c, packet(1, 300)))+300))
	require.Len(t, largest, maxFrame)
	cases := map[string][]byte{
		"half a length":  {0, 0},
		"half a frame":   good[:len(good)-1],
		"length 0":       {0, 0, 0, 0},
		"length too low": {0, 0, 0, 6, 1, 2, 3, 4, 5, 6},
		"one too large":  binary.BigEndian.AppendUint32(nil, maxFrame-frameHeader+1),
		"length of 4 GB": {0xff, 0xff, 0xff, 0xff},
		"not a packet":   {0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7},
	}
	for name, bad := range cases {
		t.Run(name, func(t *testing.T) {
			r := newFrameReader(bytes.NewReader(append(append([]byte{}, largest...), bad...)), c, maxFrame)
			got, size, err := readAll(r)
			var broken *FrameError
			require.ErrorAs(t, err, &broken)
			require.Len(t, got, 1, "the good frame before is handed over")
			require.Equal(t, maxFrame, size)
		})
	}
}

// TestFramesBounded announces the largest frame and sends little of it.
func TestFramesBounded(t *testing.T) {
	c := newCodec(t)
	b := append(binary.BigEndian.AppendUint32(nil, 1<<30), make([]byte, 1000)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := newFrameReader(bytes.NewReader(b), c, 1<<31-1).next()
	runtime.ReadMemStats(&after)
	var broken *FrameError
	require.ErrorAs(t, err, &broken)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2*readBuffer))
}

func TestFramesLetLargeBufferGo(t *testing.T) {
	c := newCodec(t)
	stream := frames(t, c, packet(1, keptBuffer+1), packet(2, 1))
	r := newFrameReader(iotest.HalfReader(bytes.NewReader(stream)), c, 1<<24)
	_, _, err := readAll(r)
	require.Equal(t, io.EOF, err)
	require.Len(t, r.buf, readBuffer)
}

// FuzzFrames feeds bytes to the reader: whatever it accepts must be frames again.
func FuzzFrames(f *testing.F) {
	c := newCodec(f)
	f.Add(frames(f, c, packet(1, 10), retransmit.Packet{From: 1}, packet(1<<40, 0)))
	f.Add(frames(f, c, packet(1, 100))[:50])
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		packets, size, err := readAll(newFrameReader(iotest.HalfReader(bytes.NewReader(b)), c, 1<<10))
		require.Error(t, err)
		require.Equal(t, b[:size], append([]byte{}, frames(t, c, packets...)...))
		if err == io.EOF { //nolint:errorlint // The reader gives it as it is.
			require.Len(t, b, size)
			return
		}
		var broken *FrameError
		require.ErrorAs(t, err, &broken)
	})
}
