package node

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"paxon/tob"
)

func TestRoomKeepsWithinBothLimits(t *testing.T) {
	r := newRoom(tob.Limits{Pending: 10, PendingBytes: 1005})
	require.EqualValues(t, 101, r.needs(0), "no more than ten fit")
	require.EqualValues(t, 500+frameBytes, r.needs(500))
	require.EqualValues(t, 1005, r.needs(5000), "a large one goes alone")
	r = newRoom(tob.Limits{Pending: 10, PendingBytes: 3})
	require.EqualValues(t, 10, r.needs(0))
}

func TestRoomEndsWithItsContextAndWithTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(tob.Limits{Pending: 1, PendingBytes: 1})
		ctx, cancel := context.WithCancelCause(t.Context())
		stop, halt := context.WithCancelCause(t.Context())
		require.NoError(t, r.take(ctx, stop, 1))
		var first, second error
		go func() { first = r.take(ctx, t.Context(), 1) }()
		go func() { second = r.take(t.Context(), stop, 1) }()
		synctest.Wait()
		why, ended := errors.New("why"), errors.New("ended")
		cancel(why)
		halt(ended)
		synctest.Wait()
		require.Equal(t, why, first)
		require.Equal(t, ended, second)
		r.give(1)
		require.NoError(t, r.drain(t.Context()))
	})
}
