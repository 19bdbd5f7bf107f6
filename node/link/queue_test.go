package link

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/register"
	"paxon/retransmit"
)

// written is a packet with a WRITE of a value of some bytes.
func written(seq uint64, size int) retransmit.Packet {
	return retransmit.Packet{From: 1, Seq: seq, Body: register.Write{
		Instance: register.Instance(seq), Value: bytes.Repeat([]byte{byte(seq)}, size),
	}}
}

// TestQueueKeepsOrder has frames with values that are copied, and that are not, come out as they
// went in, wherever a write ends.
func TestQueueKeepsOrder(t *testing.T) {
	c := newCodec(t)
	var packets []retransmit.Packet
	for i, size := range []int{1, apartBytes, 10, 3 * apartBytes, apartBytes - 1, 2 * apartBytes} {
		packets = append(packets, written(uint64(i+1), size))
	}
	whole := frames(t, c, packets...)
	for n := 0; n <= len(whole); n += 97 {
		var q queue
		for _, p := range packets {
			_, err := q.add(c, p, math.MaxInt, math.MaxInt)
			require.NoError(t, err)
		}
		rest := after(q.pieces(nil), n)
		require.Equal(t, whole[n:], bytes.Join(rest, []byte{}))
	}
	got, size, err := readAll(newFrameReader(bytes.NewReader(whole), c, 1<<20))
	require.Error(t, err)
	require.Equal(t, len(whole), size)
	require.Equal(t, packets, got)
}

// TestValuesStay reads many frames whose values share the reader's buffers, and finds each as it
// was sent after all are read.
func TestValuesStay(t *testing.T) {
	c := newCodec(t)
	var packets []retransmit.Packet
	for i := range uint64(200) {
		packets = append(packets, written(i+1, int(i*i)))
	}
	whole := frames(t, c, packets...)
	got, _, err := readAll(newFrameReader(bytes.NewReader(whole), c, 1<<20))
	require.Error(t, err)
	require.Len(t, got, len(packets))
	for i, p := range got {
		require.Equal(t, len(packets[i].Body.(register.Write).Value),
			len(p.Body.(register.Write).Value))
		require.Equal(t, packets[i].Body.(register.Write).String(), p.Body.(register.Write).String())
		for _, b := range p.Body.(register.Write).Value {
			require.Equal(t, byte(i+1), b)
		}
	}
}

// TestQueueBounds leaves out what is too large for what waits, or for ever.
func TestQueueBounds(t *testing.T) {
	c := newCodec(t)
	var q queue
	full, err := q.add(c, written(1, 5000), math.MaxInt, 4000)
	require.NoError(t, err)
	require.True(t, full)
	_, err = q.add(c, written(1, 5000), 4000, math.MaxInt)
	require.ErrorContains(t, err, "Limits.MaxFrame")
	require.Empty(t, q.pieces(nil))
}
