package bench

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBandwidths(t *testing.T) {
	dir := t.TempDir()
	p, err := NewBandwidthProber(dir, 2)
	require.NoError(t, err)
	require.NoError(t, p.Measure(t.Context()))
	b := p.Bandwidths()
	require.Equal(t, 2, b.Logs)
	for _, s := range []Spread{b.ForcedOne, b.ForcedEach, b.Loopback, b.Copy, b.CRC32C, b.XXH3} {
		require.Positive(t, s.Median)
		require.Equal(t, s.Min, s.Max)
	}
	p.next[0] = logBytes - ForcedBlock
	_, err = p.forceOnce(0)
	require.NoError(t, err)
	require.Zero(t, p.next[0], "it goes round")
	info, err := os.Stat(filepath.Join(dir, "limits-log1"))
	require.NoError(t, err)
	require.EqualValues(t, logBytes, info.Size(), "the file must not grow")

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(os.ErrProcessDone)
	require.ErrorIs(t, p.Measure(ctx), os.ErrProcessDone)
	require.NoError(t, p.Close())
	require.Error(t, p.Measure(t.Context()), "a file that is closed")
	_, err = NewBandwidthProber(filepath.Join(dir, "missing"), 1)
	require.ErrorIs(t, err, os.ErrNotExist)
}
