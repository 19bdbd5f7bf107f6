package wait_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/internal/wait"
)

func TestFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		require.NoError(t, wait.For(t.Context(), time.Second))
		require.Equal(t, time.Second, time.Since(begun))

		why := errors.New("why")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, why)
		defer cancel()
		require.ErrorIs(t, wait.For(ctx, time.Hour), why)
		require.Equal(t, 2*time.Second, time.Since(begun))
	})
}
