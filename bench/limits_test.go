package bench

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProber(t *testing.T) {
	dir := t.TempDir()
	p, err := NewProber(dir, 128)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, p.Measure(t.Context()))
	}
	require.Len(t, p.forcedWrite, 2)
	l := p.Limits()
	for _, s := range []Spread{l.ForcedWrite, l.ForcedPage, l.RoundTrip} {
		require.Positive(t, s.Min)
		require.LessOrEqual(t, s.Min, s.Median)
		require.LessOrEqual(t, s.Median, s.Max)
	}

	next := int64(limitFileBytes - 128)
	for range 2 {
		require.NoError(t, p.force(make([]byte, 128), &next))
	}
	require.EqualValues(t, 128, next, "it goes round")
	info, err := os.Stat(filepath.Join(dir, "limits"))
	require.NoError(t, err)
	require.EqualValues(t, limitFileBytes, info.Size(), "the file must not grow")

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(os.ErrProcessDone)
	require.ErrorIs(t, p.Measure(ctx), os.ErrProcessDone)
	require.NoError(t, p.Close())
	require.Error(t, p.Measure(t.Context()), "a file that is closed")
}

func TestProberWithoutDirectory(t *testing.T) {
	_, err := NewProber(filepath.Join(t.TempDir(), "missing"), 128)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestTripBringsBytesBack tells an echo from another answer.
func TestTripBringsBytesBack(t *testing.T) {
	p, err := NewProber(t.TempDir(), 3)
	require.NoError(t, err)
	b := []byte("abc")
	require.NoError(t, p.trip(b))
	require.Equal(t, "abc", string(b))
	require.NoError(t, p.Close())
}
