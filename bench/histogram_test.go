package bench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHistogramPacks(t *testing.T) {
	h := NewHistogram()
	for i := range 100_000 {
		require.NoError(t, Record(h, time.Duration(i)*time.Microsecond))
	}
	require.NoError(t, Record(h, 0))
	got := NewHistogram()
	require.NoError(t, unpackHistogram(got, packHistogram(h)))
	require.True(t, h.Equals(got))
	require.Empty(t, packHistogram(NewHistogram()))
	for _, bad := range [][2]int64{{-1, 1}, {1, 0}, {1, -1}, {1 << 62, 1}} {
		require.Error(t, unpackHistogram(got, [][2]int64{bad}))
	}
}
