//go:build !race

package link

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/retransmit"
)

// TestSendDoesNotAllocate is the steady state, the two buffers taking turns. (The race detector
// makes the codec's pools forget at random, so it does not run there.)
func TestSendDoesNotAllocate(t *testing.T) {
	limits := Limits{MaxFrame: 1 << 20, OutBytes: 1 << 20}
	l := &Links{config: Config{Codec: newCodec(t), Limits: limits}}
	p := newOutgoing(l, 2, "")
	p.conn, _ = net.Pipe()
	var b []byte
	message := packet(1, 256)
	perTurn := testing.AllocsPerRun(1000, func() {
		for range 10 {
			if err := p.send(message); err != nil {
				t.Fatal(err)
			}
		}
		b, _ = p.take(b[:0])
		p.wrote(len(b), 10)
	})
	require.Zero(t, perTurn)
	require.NoError(t, p.send(retransmit.Packet{}))
}
