//go:build !race

package link

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/register"
	"paxon/retransmit"
)

// TestSendDoesNotAllocate is the steady state, the two buffers taking turns. (The race detector
// makes the codec's pools forget at random, so it does not run there.)
func TestSendDoesNotAllocate(t *testing.T) {
	limits := Limits{MaxFrame: 1 << 20, OutBytes: 1 << 20}
	l := &Links{config: Config{Codec: newCodec(t), Limits: limits}}
	p := newOutgoing(l, 2, "")
	p.conn, _ = net.Pipe()
	message := retransmit.Packet{From: 1, Body: message{Number: 7, Bytes: make([]byte, 256)}}
	large := retransmit.Packet{From: 1, Body: register.Write{Value: make([]byte, 1<<13)}}
	perTurn := testing.AllocsPerRun(1000, func() {
		for range 10 {
			if p.send(message) != nil || p.send(large) != nil {
				t.Fatal("not sent")
			}
		}
		if !p.takeOff() {
			t.Fatal("nothing to write")
		}
		p.rest = after(p.rest, p.flight.size)
		p.landed()
	})
	require.Zero(t, perTurn)
	require.NoError(t, p.send(retransmit.Packet{}))
}
