package tables

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/seasons"
	"paxon/seasons/catalog"
)

// Clients of real processes go on, with and without a leader, whoever is isolated.
func TestRealIsolation(t *testing.T) {
	for name, open := range map[string]func(ctx context.Context, l Layout) (Cluster, error){
		"CASPaxos": func(ctx context.Context, l Layout) (Cluster, error) {
			return openCASPaxos(ctx, caspaxos.DefaultOptions(), l, false)
		},
		"CASPaxos, as one change": func(ctx context.Context, l Layout) (Cluster, error) {
			return openCASPaxos(ctx, caspaxos.DefaultOptions(), l, true)
		},
		"broadcast": func(ctx context.Context, l Layout) (Cluster, error) {
			return openBroadcast(ctx, catalog.Default, seasons.DefaultOptions(), l)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := open(t.Context(), layoutOf(nil, 0, t.TempDir()))
			require.NoError(t, err)
			for _, p := range isolated() {
				longest, err := c.Unavailable(t.Context(), Isolation{Process: p, After: time.Millisecond})
				require.NoError(t, err)
				require.Positive(t, longest)
			}
			require.NoError(t, c.Close())
		})
	}
}
