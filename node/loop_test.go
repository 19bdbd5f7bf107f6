package node

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/tob"
)

// TestMuchThatComesTogetherIsTakenInParts hands a process far more instances at a time than it has room for
// beyond the first that it has not delivered. They are in order, and none of them comes again.
func TestMuchThatComesTogetherIsTakenInParts(t *testing.T) {
	c := newCluster(t, 3, "fall+spring", nil)
	c.open(3)
	n := c.nodes[3]
	count := register.Instance(10 * n.options.Limits.Ahead)
	round := register.Round{Number: 1, Process: 1, Incarnation: 1}
	client := tob.Client{Process: 1, Incarnation: 1, Born: 1}
	var packets []retransmit.Packet
	for l := register.Instance(1); l <= count; l++ {
		batch := tob.AppendFrame(nil, tob.Broadcast{
			Client: client, Sequence: uint64(l), Payload: fmt.Append(nil, l),
		})
		packets = append(packets,
			retransmit.Packet{From: 1, Seq: uint64(l), Base: 1, Body: register.Write{
				Instance: l, Round: round, Value: batch,
			}},
			retransmit.Packet{From: 1, Body: tob.Decision{Instance: l, Round: round}})
	}
	n.loop.arrived(process.ID(1), packets)
	var next register.Instance
	for range 2 { // A turn takes its packets after the calls.
		var err error
		next, err = ask(c.ctx, n.running, func() register.Instance {
			return n.loop.parts.TOB().Next()
		})
		require.NoError(t, err)
	}
	require.Equal(t, count+1, next)
}
