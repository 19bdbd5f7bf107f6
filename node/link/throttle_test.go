package link

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestThrottle(t *testing.T) {
	var th throttle
	now := time.Unix(1, 0)
	held, ok := th.pass(now)
	require.True(t, ok)
	require.Zero(t, held)
	for range 3 {
		_, ok = th.pass(now.Add(time.Second - 1))
		require.False(t, ok)
	}
	held, ok = th.pass(now.Add(time.Second))
	require.True(t, ok)
	require.Equal(t, 3, held)
}
