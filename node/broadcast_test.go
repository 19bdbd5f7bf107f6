package node

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/tob"
)

// lonely is a process without a majority: it takes broadcasts and delivers none.
func lonely(t *testing.T, change func(c *Config)) (*cluster, *Node) {
	t.Helper()
	c := newCluster(t, 3, "paxos", change)
	c.open(1)
	c.nodes[1].drain = time.Millisecond
	return c, c.nodes[1]
}

func TestABroadcastEndsWithItsContext(t *testing.T) {
	c, n := lonely(t, nil)
	ctx, cancel := context.WithCancelCause(c.ctx)
	why := errors.New("the caller has lost interest")
	go func() {
		for {
			s, err := n.Status(c.ctx)
			if err != nil || s.Pending == 1 {
				cancel(why)
				return
			}
		}
	}()
	_, err := n.Broadcast(ctx, []byte("a"))
	require.ErrorIs(t, err, why)
}

func TestSubmitWaitsForRoom(t *testing.T) {
	c, n := lonely(t, func(c *Config) { c.Options.Limits.Pending = 2 })
	none := func(tob.Outcome) {}
	require.NoError(t, n.Submit(c.ctx, tob.Broadcast{Payload: []byte("a")}, none))
	require.NoError(t, n.Submit(c.ctx, tob.Broadcast{Payload: []byte("b")}, none))
	ctx, cancel := context.WithTimeout(c.ctx, 10*time.Millisecond)
	defer cancel()
	err := n.Submit(ctx, tob.Broadcast{Payload: []byte("c")}, none)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	waiting := make(chan error)
	go func() { waiting <- n.Submit(c.ctx, tob.Broadcast{Payload: []byte("d")}, none) }()
	c.open(2, 3)
	require.NoError(t, <-waiting, "room is given back by what is delivered")
	require.Equal(t, []string{"a", "b", "d"}, payloads(c.requireSame(3)))
}

func TestRoomIsNeverMoreThanThePartsHold(t *testing.T) {
	c := newCluster(t, 3, "paxos", func(c *Config) {
		c.Options.Limits.Pending, c.Options.Limits.PendingBytes = 8, 1<<10
		c.Options.Limits.Payload = 4 << 10
	})
	c.open()
	var all sync.WaitGroup
	sizes := []int{1, 100, 1000, 4000}
	for _, n := range c.nodes {
		for g := range 8 {
			all.Go(func() {
				for i := range 10 {
					_, err := n.Broadcast(c.ctx, make([]byte, sizes[(g+i)%len(sizes)]))
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	all.Wait()
	for id := range c.nodes {
		require.Len(t, c.delivered(id, 240), 240)
	}
}

func TestAPayloadThatIsTooLarge(t *testing.T) {
	c := newCluster(t, 1, "paxos", func(c *Config) { c.Options.Limits.Payload = 4 })
	c.open()
	c.broadcast(1, "1234")
	_, err := c.nodes[1].Broadcast(c.ctx, []byte("12345"))
	var large *TooLargeError
	require.ErrorAs(t, err, &large)
	require.Equal(t, TooLargeError{Size: 5, Limit: 4}, *large)
}

func TestAClientThatIsForgottenHasExpired(t *testing.T) {
	c := newCluster(t, 1, "paxos", func(c *Config) {
		l := &c.Options.Limits
		l.Window, l.Ahead, l.ClientIdle = 1, 2, 5
	})
	c.open()
	client, err := c.nodes[1].NewClient(c.ctx)
	require.NoError(t, err)
	c.broadcast(1, "1", "2", "3", "4", "5", "6", "7", "8")
	_, err = c.nodes[1].BroadcastAs(c.ctx, tob.Broadcast{Client: client, Sequence: 1})
	require.ErrorIs(t, err, ErrExpired)
}

func TestClientsAreOfTheirOwn(t *testing.T) {
	c := newCluster(t, 2, "paxos", nil)
	c.open()
	seen := map[tob.Client]bool{}
	for range 2 {
		for _, id := range c.ids() {
			for range 3 {
				client, err := c.nodes[id].NewClient(c.ctx)
				require.NoError(t, err)
				require.False(t, seen[client])
				seen[client] = true
			}
		}
		c.close()
		c.open()
	}
}

func TestCloseDeliversWhatIsPending(t *testing.T) {
	c := newCluster(t, 3, "paxos", nil)
	c.open()
	c.broadcast(1, "first")
	outcomes := make(chan tob.Outcome, 100)
	for i := range 100 {
		m := tob.Broadcast{Payload: []byte(strings.Repeat("x", i))}
		require.NoError(t, c.nodes[1].Submit(c.ctx, m, func(o tob.Outcome) { outcomes <- o }))
	}
	c.close(1)
	require.Len(t, outcomes, 100)
	for range 100 {
		require.Equal(t, tob.Delivered, (<-outcomes).Status)
	}
}

func TestNothingRunsAfterClose(t *testing.T) {
	c, n := lonely(t, nil)
	called := make(chan struct{}, 1)
	require.NoError(t, n.Submit(c.ctx, tob.Broadcast{}, func(tob.Outcome) { called <- struct{}{} }))
	waiting := make(chan error, 1)
	go func() {
		_, err := n.Broadcast(c.ctx, nil)
		waiting <- err
	}()
	require.NoError(t, n.Close())
	require.ErrorIs(t, <-waiting, ErrClosed)
	require.Empty(t, called)
	require.ErrorIs(t, n.Err(), ErrClosed)
	require.ErrorIs(t, n.Submit(c.ctx, tob.Broadcast{}, nil), ErrClosed)
	_, err := n.NewClient(c.ctx)
	require.ErrorIs(t, err, ErrClosed)
	_, err = n.Status(c.ctx)
	require.ErrorIs(t, err, ErrClosed)
	_, err = n.Truncate(c.ctx, 1)
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, n.Healthy(c.ctx), ErrClosed)
	for _, err := range n.Deliveries(c.ctx, tob.Position{}) {
		require.ErrorIs(t, err, ErrClosed)
	}
	require.NoError(t, n.Close())
}

func TestStatus(t *testing.T) {
	c := newCluster(t, 3, "paxos", nil)
	c.open()
	c.broadcast(2, "a", "b")
	c.requireSame(2)
	s, err := c.nodes[2].Status(c.ctx)
	require.NoError(t, err)
	require.Equal(t, process.ID(2), s.Process)
	require.Equal(t, process.Incarnation(1), s.Incarnation)
	require.NotZero(t, s.Leader)
	require.Equal(t, process.Incarnation(1), s.Epoch)
	require.EqualValues(t, 2, s.Delivered)
	require.Zero(t, s.Pending)
	require.True(t, s.Healthy)
	require.EqualValues(t, 1, s.FirstBatch)
	require.Greater(t, s.NextBatch, s.FirstBatch)
	require.Positive(t, s.Storage.Forces)
	require.Equal(t, []process.ID{1, 3}, []process.ID{s.Peers[0].ID, s.Peers[1].ID})
	require.True(t, s.Peers[0].Connected)
	require.NoError(t, c.nodes[2].Healthy(c.ctx))
}

// TestSubmitAll takes more messages than there is room for at a time, in their order.
func TestSubmitAll(t *testing.T) {
	c := newCluster(t, 3, "paxos", func(c *Config) { c.Options.Limits.Pending = 8 })
	c.open()
	var messages [][]byte
	var want []string
	for i := range 50 {
		want = append(want, strings.Repeat("x", i))
		messages = append(messages, []byte(want[i]))
	}
	positions := make([]tob.Position, len(messages))
	var all sync.WaitGroup
	all.Add(len(messages))
	taken, err := c.nodes[1].SubmitAll(c.ctx, messages, func(first, count int, o tob.Outcome) {
		defer all.Add(-count)
		for i := range count {
			positions[first+i] = o.After(i).Position
		}
		if o.Status != tob.Delivered {
			t.Errorf("%d messages from %d on are %v", count, first, o.Status)
		}
	})
	require.NoError(t, err)
	require.Equal(t, len(messages), taken)
	all.Wait()
	deliveries := c.requireSame(len(messages))
	require.Equal(t, want, payloads(deliveries))
	for i, d := range deliveries {
		require.Equal(t, d.Position, positions[i])
	}
}

// TestSubmitAllSaysWhatItTook ends in the midst, for want of room and because the process closes.
func TestSubmitAllSaysWhatItTook(t *testing.T) {
	c, n := lonely(t, func(c *Config) { c.Options.Limits.Pending = 8 })
	messages := make([][]byte, 20)
	ctx, cancel := context.WithTimeout(c.ctx, 10*time.Millisecond)
	defer cancel()
	taken, err := n.SubmitAll(ctx, messages, func(int, int, tob.Outcome) {})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, 8, taken)
	require.NoError(t, n.Close())
	taken, err = n.SubmitAll(c.ctx, messages, func(int, int, tob.Outcome) {})
	require.ErrorIs(t, err, ErrClosed)
	require.Zero(t, taken)
}
