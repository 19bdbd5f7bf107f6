package node

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/register"
	"paxon/tob"
)

// TestRetentionKeepsWhatItSays delivers batches of any size while a process that is behind lets go
// now and then: what is kept is at least what it says and, where nobody is behind, not much more.
func TestRetentionKeepsWhatItSays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const keep = 10_000
	for _, behind := range []bool{false, true} {
		p := retention{keep: keep}
		first, sizes := register.Instance(1), []int{0}
		for l := register.Instance(1); l < 20_000; l++ {
			size := r.IntN(500)
			sizes = append(sizes, size)
			p.delivered(l, size)
			if below := p.due(); below > first && (!behind || l%1000 == 0) {
				first = below
			}
			p.dropped(first)
			kept := 0
			for _, s := range sizes[first:] {
				kept += s
			}
			require.GreaterOrEqual(t, kept+1, min(keep, int(p.total)))
			if !behind {
				require.LessOrEqual(t, kept, keep+keep/marksKept+1000)
			}
			require.LessOrEqual(t, len(p.marks), 2*marksKept+1)
		}
		require.Greater(t, first, register.Instance(10_000))
	}
}

func TestRetentionOfEverything(t *testing.T) {
	var p retention
	p.delivered(1, 1<<30)
	require.Zero(t, p.due())
	require.Empty(t, p.marks)
}

// TestHistoryIsRetained has three processes drop their history by themselves, and reuse its files.
func TestHistoryIsRetained(t *testing.T) {
	const keep = 1 << 20
	c := newCluster(t, 3, "paxos", func(c *Config) {
		c.RetainBytes = keep
		c.Storage.SegmentBytes = 1 << 20
		c.Options.Limits.CheckpointBytes = 1 << 18
	})
	c.open()
	n := c.nodes[1]
	payload := make([]byte, 32<<10)
	first := register.Instance(1)
	for i := 0; first == 1 || i < 200; i++ {
		_, err := n.Broadcast(c.ctx, payload)
		require.NoError(t, err)
		first, _ = n.Bounds()
	}
	_, err := n.Cursor(tob.Position{}).Next()
	var truncated *TruncatedError
	require.ErrorAs(t, err, &truncated)
	// Nothing is broadcast any more, but what was may still become durable and make room: a reader
	// goes on where the error says.
	deliveries, err := n.Cursor(tob.Position{Instance: first}).Next()
	for errors.As(err, &truncated) {
		require.Greater(t, truncated.First, first, "it is there, and is called truncated")
		first = truncated.First
		deliveries, err = n.Cursor(tob.Position{Instance: first}).Next()
	}
	require.NoError(t, err)
	require.NotEmpty(t, deliveries)
	segments, err := filepath.Glob(filepath.Join(c.configs[1].Dir, "log", "*"))
	require.NoError(t, err)
	size := int64(0)
	for _, s := range segments {
		info, err := os.Stat(s)
		require.NoError(t, err)
		size += info.Size()
	}
	require.Less(t, size, int64(12*keep), "200 messages of 32 KiB were broadcast, and more")
}
