package node

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimersFireOnTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := begun(always)
		start, fired := time.Now(), time.Duration(0)
		clock{in.post}.After(time.Second, func() { fired = time.Since(start) })
		var m mail
		require.True(t, in.take(&m))
		require.Zero(t, fired, "it is the loop that calls it")
		m.calls[0]()
		require.Equal(t, time.Second, fired)
	})
}

func TestACancelledTimerNeverFires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := begun(always)
		fail := func() { t.Error("it fires") }
		clock{in.post}.After(time.Second, fail)()
		late := clock{in.post}.After(time.Second, fail)
		var m mail
		require.True(t, in.take(&m))
		late() // It waits in the inbox already.
		for _, call := range m.calls {
			call()
		}
		require.Len(t, m.calls, 1)
	})
}
