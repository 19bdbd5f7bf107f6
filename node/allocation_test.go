//go:build !race

package node

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/tob"
)

// TestMessagesDoNotAllocateEach broadcasts many messages at a time through three processes in one
// program: what is allocated, at all three and by their readers, is for batches, not for messages.
func TestMessagesDoNotAllocateEach(t *testing.T) {
	c := newCluster(t, 3, "fall+spring", nil)
	c.open()
	c.broadcast(1, "first")
	const rounds, together = 20, 1000
	payloads := make([][]byte, together)
	for i := range payloads {
		payloads[i] = make([]byte, 128)
	}
	round := func() {
		var all sync.WaitGroup
		all.Add(together)
		_, err := c.nodes[1].SubmitAll(c.ctx, payloads, func(_, count int, _ tob.Outcome) { all.Add(-count) })
		require.NoError(t, err)
		all.Wait()
	}
	for range rounds {
		round() // Memory grows to what is in use from then on.
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		round()
	}
	runtime.ReadMemStats(&after)
	perMessage := float64(after.Mallocs-before.Mallocs) / (rounds * together)
	require.Less(t, perMessage, 0.5)
}
