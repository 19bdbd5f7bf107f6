package node

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Two processes whose windows differ could both think that an instance is theirs to write without
// a read. They refuse each other, so that neither of two has a leader.
func TestProcessesWithOtherWindowsAreRefused(t *testing.T) {
	c := newCluster(t, 2, "fall", func(config *Config) {
		config.Options.Limits.Window = uint64(config.Process)
	})
	c.open()
	for {
		s, err := c.nodes[1].Status(c.ctx)
		require.NoError(t, err)
		if s.Links.Refused > 0 {
			require.Zero(t, s.Leader)
			return
		}
		select {
		case <-c.ctx.Done():
			t.Fatal("nobody was refused")
		case <-time.After(10 * time.Millisecond):
		}
	}
}
