package node

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/tob"
)

func TestAllProcessesDeliverTheSame(t *testing.T) {
	for _, variant := range []string{"paxos", "crash-stop", "spring+fall"} {
		t.Run(variant, func(t *testing.T) {
			c := newCluster(t, 3, variant, nil)
			c.open()
			sent := c.load("a", 8, 25)
			c.requireSame(sent)
		})
	}
}

func TestOneProcessIsACluster(t *testing.T) {
	c := newCluster(t, 1, "paxos", nil)
	c.open()
	at := c.broadcast(1, "a", "b")
	require.True(t, at[0].Less(at[1]))
	require.Equal(t, []string{"a", "b"}, payloads(c.requireSame(2)))
}

func TestBroadcastReturnsWhereItIsDelivered(t *testing.T) {
	c := newCluster(t, 3, "paxos", nil)
	c.open()
	for id := range c.nodes {
		at := c.broadcast(id, id.String())[0]
		for reader := range c.nodes {
			for d, err := range c.nodes[reader].Deliveries(c.ctx, at) {
				require.NoError(t, err)
				require.Equal(t, at, d.Position)
				require.Equal(t, id.String(), string(d.Payload))
				break
			}
		}
	}
}

func TestNothingIsLostOrReorderedWhenAllAreReopened(t *testing.T) {
	c := newCluster(t, 3, "paxos", nil)
	c.open()
	sent := c.load("a", 4, 25)
	before := c.requireSame(sent)
	c.close()
	c.open()
	sent += c.load("b", 4, 25)
	after := c.requireSame(sent)
	require.Equal(t, before, after[:len(before)])
	require.Equal(t, 2, int(c.nodes[1].storage.Incarnation()))
}

func TestAMessageHandedToTwoProcessesIsDeliveredOnce(t *testing.T) {
	c := newCluster(t, 3, "paxos", nil)
	c.open()
	client, err := c.nodes[1].NewClient(c.ctx)
	require.NoError(t, err)
	m := tob.Broadcast{Client: client, Sequence: 1, Payload: []byte("once")}
	type result struct {
		at  tob.Position
		err error
	}
	results := make(chan result, 2)
	for _, n := range []*Node{c.nodes[2], c.nodes[3]} {
		go func() {
			at, err := n.BroadcastAs(c.ctx, m)
			results <- result{at, err}
		}()
	}
	first, second := <-results, <-results
	require.NoError(t, first.err)
	require.Equal(t, first, second)
	c.broadcast(3, "after")
	require.Equal(t, []string{"once", "after"}, payloads(c.requireSame(2)))

	at, err := c.nodes[1].BroadcastAs(c.ctx, m)
	require.NoError(t, err)
	require.Equal(t, first.at, at, "a retry long after is told where it was delivered")
	m.Sequence, m.Payload = 2, []byte("later")
	_, err = c.nodes[1].BroadcastAs(c.ctx, m)
	require.NoError(t, err)
	m.Sequence = 1
	_, err = c.nodes[1].BroadcastAs(c.ctx, m)
	require.ErrorIs(t, err, ErrForgotten)
}
