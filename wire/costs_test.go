package wire

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/register"
	"paxon/retransmit"
	"paxon/tob"
)

// TestBytesOfADecision pins what the messages of a decision take on a link, without the four bytes
// of each frame's length: one message of 128 bytes, with numbers as they are after a while.
func TestBytesOfADecision(t *testing.T) {
	c, err := New(Vmihailenco, register.Read{}, register.AckRead{}, register.Write{},
		register.AckWrite{}, tob.Forward{}, tob.Decision{})
	require.NoError(t, err)
	const l = 100_000
	k := register.Round{Number: 0, Process: 1, Incarnation: 1}
	batch := tob.AppendFrame(nil, tob.Broadcast{
		Client: tob.Client{Process: 1, Incarnation: 1, Born: 1}, Sequence: 1_000_000,
		Payload: make([]byte, 128),
	})
	require.Len(t, batch, 128+12, "a frame's header")
	size := func(body any) int {
		b, err := c.AppendPacket(nil, retransmit.Packet{
			From: 1, To: 1, Seq: l, Base: l - 3, Ack: l - 1, Body: body,
		})
		require.NoError(t, err)
		return len(b)
	}
	require.Equal(t, 31, size(register.Read{Instance: l, Round: k}))
	require.Equal(t, 36, size(register.AckRead{Instance: l, Round: k}))
	require.Equal(t, 33+len(batch), size(register.Write{Instance: l, Round: k, Value: batch}))
	require.Equal(t, 32, size(register.AckWrite{Instance: l, Round: k, Permitted: true}))
	require.Equal(t, 31, size(tob.Decision{Instance: l, Round: k}))
	require.Equal(t, 23+len(batch), size(tob.Forward{Frames: batch}))
}
