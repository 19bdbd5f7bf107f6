//go:build !race

package wire

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/register"
	"paxon/retransmit"
	"paxon/tob"
)

// TestAppendDoesNotAllocate is the steady state of a link: a buffer that has grown.
// (The race detector makes pools forget at random, so it does not run there.)
func TestAppendDoesNotAllocate(t *testing.T) {
	for _, kind := range kinds() {
		c := newCodec(t, kind)
		buffer := make([]byte, 0, 1<<16)
		var message any = nested{Instance: 1 << 40, Value: make([]byte, 256)}
		perRun := testing.AllocsPerRun(1000, func() {
			if _, err := c.Append(buffer, message); err != nil {
				t.Fatal(err)
			}
		})
		require.Zero(t, perRun, kind)
	}
}

// TestDecodeAllocatesWhatComes: a message, and its bytes where they are copied.
func TestDecodeAllocatesWhatComes(t *testing.T) {
	c, err := New(Vmihailenco, register.Write{}, register.AckWrite{}, tob.Decision{}, tob.Forward{})
	require.NoError(t, err)
	value := make([]byte, 256)
	for body, most := range map[*retransmit.Packet]float64{
		{}:                                   0,
		{Body: register.Write{Value: value}}: 2,
		{Body: register.AckWrite{}}:          1,
		{Body: tob.Decision{}}:               1,
		{Body: tob.Forward{Frames: value}}:   2,
	} {
		b, err := c.AppendPacket(nil, *body)
		require.NoError(t, err)
		require.LessOrEqual(t, testing.AllocsPerRun(1000, func() {
			if _, _, err := c.DecodePacket(b, math.MaxInt); err != nil {
				t.Fatal(err)
			}
		}), most, "%T", body.Body)
	}
}
