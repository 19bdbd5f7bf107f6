//go:build unix

package bench

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHighWater(t *testing.T) {
	peak, ok := highWater("VmPeak:\t 9 kB\nVmHWM:\t   1234 kB\nVmRSS:\t 1 kB\n")
	require.True(t, ok)
	require.EqualValues(t, 1234<<10, peak)
	for _, bad := range []string{"", "VmHWM: many kB\n"} {
		_, ok = highWater(bad)
		require.False(t, ok)
	}
	u, err := used()
	require.NoError(t, err)
	require.Positive(t, u.PeakMemory)
	require.Positive(t, u.CPU)
}
