package bench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestPace has three broadcasters take turns.
func TestPace(t *testing.T) {
	const ms = time.Millisecond
	for i, want := range [][]time.Duration{{0, 30 * ms}, {10 * ms, 40 * ms}, {20 * ms, 50 * ms}} {
		p := paceOf(100, i, 3)
		for n, due := range want {
			require.Equal(t, due, p.due(uint64(n)))
			require.EqualValues(t, n+1, p.by(due))
			require.EqualValues(t, n, p.by(due-1))
		}
	}
}

// TestPaceRounds wants what is due to be due by then at odd rates too.
func TestPaceRounds(t *testing.T) {
	for _, rate := range []float64{0.7, 3, 1e3 / 7, 333_333, MaxRate} {
		p := paceOf(rate, 0, 1)
		for n := uint64(1); n < 1e9; n = n*7 + 1 {
			require.Greater(t, p.by(p.due(n)), n, "%g", rate)
		}
	}
}
