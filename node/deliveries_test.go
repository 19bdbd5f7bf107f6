package node

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

func TestDeliveriesBeginAnywhere(t *testing.T) {
	c := newCluster(t, 3, "paxos", nil)
	c.open()
	c.load("a", 8, 10)
	all := c.requireSame(240)
	for i, d := range all {
		for from, want := range map[tob.Position]int{d.Position: i, d.Next(): i + 1} {
			if want == len(all) {
				continue
			}
			for got, err := range c.nodes[1].Deliveries(c.ctx, from) {
				require.NoError(t, err)
				require.Equal(t, all[want], got, "from %v", from)
				break
			}
		}
	}
}

func TestDeliveriesWaitForMore(t *testing.T) {
	c := newCluster(t, 3, "paxos", nil)
	c.open()
	first := c.broadcast(1, "first")[0]
	got := make(chan string)
	go func() {
		defer close(got)
		for d, err := range c.nodes[3].Deliveries(c.ctx, Delivery{Position: first}.Next()) {
			if err != nil {
				return
			}
			got <- string(d.Payload)
		}
	}()
	for i := range 5 {
		c.broadcast(2, fmt.Sprint(i))
		require.Equal(t, fmt.Sprint(i), <-got)
	}
	c.close(3)
	_, open := <-got
	require.False(t, open)
}

func TestDeliveriesEndWithTheirContext(t *testing.T) {
	c := newCluster(t, 1, "paxos", nil)
	c.open()
	ctx, cancel := context.WithTimeout(c.ctx, time.Millisecond)
	defer cancel()
	for _, err := range c.nodes[1].Deliveries(ctx, tob.Position{}) {
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
}

func TestTruncatedDeliveriesAreRefused(t *testing.T) {
	c := newCluster(t, 3, "paxos", func(c *Config) { c.Options.Limits.CheckpointBatches = 4 })
	c.open()
	for i := range 20 {
		c.broadcast(1, fmt.Sprint(i))
	}
	c.requireSame(20)
	var first register.Instance
	for first < 4 { // Heartbeats tell how far all have forced what they delivered.
		var err error
		first, err = c.nodes[2].Truncate(c.ctx, 4)
		require.NoError(t, err)
	}
	require.EqualValues(t, 4, first)
	for _, err := range c.nodes[2].Deliveries(c.ctx, tob.Position{Instance: 3}) {
		var truncated *TruncatedError
		require.ErrorAs(t, err, &truncated)
		require.EqualValues(t, 4, truncated.First)
	}
	for d, err := range c.nodes[2].Deliveries(c.ctx, tob.Position{Instance: 4}) {
		require.NoError(t, err)
		require.False(t, d.Position.Less(tob.Position{Instance: 4}), d.Position)
		break
	}
	began, next := c.nodes[2].Bounds()
	require.EqualValues(t, 4, began)
	require.Greater(t, next, began)
}

// TestDeliverIsToldInOrder has each process told of what it delivers, as a Cursor reads it: of each
// message, and of all of an instance before these.
func TestDeliverIsToldInOrder(t *testing.T) {
	told := map[process.ID]chan Delivery{}
	c := newCluster(t, 3, "paxos", func(c *Config) {
		all := make(chan Delivery, 1000)
		told[c.Process] = all
		var batch []Delivery
		c.DeliverBatch = func(in register.Instance, messages tob.Scanner) {
			require.Empty(t, batch)
			for at := (tob.Position{Instance: in}); messages.Next(); at.Offset++ {
				batch = append(batch, Delivery{at, messages.Message()})
			}
		}
		c.Deliver = func(d Delivery) {
			require.Equal(t, batch[0], d)
			batch = batch[1:]
			all <- d
		}
	})
	c.open()
	for i := range 30 {
		c.broadcast(process.ID(i%3+1), strconv.Itoa(i))
	}
	want := c.requireSame(30)
	for _, id := range []process.ID{1, 2, 3} {
		for _, d := range want {
			require.Equal(t, d, <-told[id])
		}
	}
}
