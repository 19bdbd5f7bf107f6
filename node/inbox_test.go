package node

import (
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/retransmit"
)

func always() bool { return true }

// begun is an inbox whose loop has begun.
func begun(admit func() bool) *inbox {
	in := newInbox(admit)
	in.rest()
	return in
}

func packet(seq uint64) retransmit.Packet { return retransmit.Packet{Seq: seq} }

func TestTheInboxKeepsTheOrderOfEachPeer(t *testing.T) {
	in := newInbox(always)
	var m, none mail
	require.False(t, in.receive(1, []retransmit.Packet{packet(1), packet(2)}, &none))
	require.False(t, in.receive(2, []retransmit.Packet{packet(1)}, &none))
	in.rest()
	require.True(t, in.take(&m))
	require.Equal(t, []arrival{{1, packet(1)}, {1, packet(2)}, {2, packet(1)}}, m.packets)
}

func TestAPeerWaitsUntilItsPacketsAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInbox(always)
		var m, none mail
		in.receive(1, []retransmit.Packet{packet(1)}, &none)
		second := false
		go func() {
			in.receive(1, []retransmit.Packet{packet(2)}, &none)
			second = true
		}()
		in.receive(2, []retransmit.Packet{packet(1)}, &none) // Others do not wait for it.
		synctest.Wait()
		require.False(t, second)
		in.rest()
		require.True(t, in.take(&m))
		synctest.Wait()
		require.True(t, second)
		m = mail{}
		in.rest()
		require.True(t, in.take(&m))
		require.Equal(t, []arrival{{1, packet(2)}}, m.packets)
	})
}

// TestWhoReceivesMakesTheTurn has whoever brings packets take all that waits, but while a turn is
// being made.
func TestWhoReceivesMakesTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := begun(always)
		in.post(func() {})
		var mine, loops mail
		require.True(t, in.receive(1, []retransmit.Packet{packet(1)}, &mine))
		require.Len(t, mine.packets, 1)
		require.Len(t, mine.calls, 1)
		require.True(t, in.quiet())
		taken := false
		go func() {
			require.True(t, in.take(&loops))
			taken = true
		}()
		require.False(t, in.receive(1, []retransmit.Packet{packet(2)}, &mail{}), "a turn is made")
		require.False(t, in.quiet())
		synctest.Wait()
		require.False(t, taken)
		in.rest()
		synctest.Wait()
		require.True(t, taken, "the loop goes on with what came meanwhile")
		require.Equal(t, []arrival{{1, packet(2)}}, loops.packets)
	})
}

func TestNoPacketsAreTakenWhileTheDiskIsBehind(t *testing.T) {
	var behind atomic.Bool
	behind.Store(true)
	in := begun(func() bool { return !behind.Load() })
	var m mail
	require.False(t, in.receive(1, []retransmit.Packet{packet(1)}, &m))
	in.post(func() {})
	require.True(t, in.take(&m))
	require.Len(t, m.calls, 1)
	require.Empty(t, m.packets)
	in.rest()
	behind.Store(false)
	in.post(func() {}) // The end of a force is a call.
	m = mail{}
	require.True(t, in.take(&m))
	require.Len(t, m.packets, 1)
}

func TestAClosedInboxHoldsNobody(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		in := newInbox(always)
		in.receive(1, []retransmit.Packet{packet(1)}, &mail{})
		go in.receive(1, []retransmit.Packet{packet(2)}, &mail{})
		taken := begun(always)
		go func() { require.False(t, taken.take(&mail{})) }()
		synctest.Wait()
		in.close()
		taken.close()
		synctest.Wait()
		require.False(t, in.post(func() {}))
		require.False(t, in.submit(&submission{}))
		require.False(t, in.receive(process.ID(1), []retransmit.Packet{packet(3)}, &mail{}))
		in.rest()
		require.False(t, in.take(&mail{}))
	})
}

// TestTheLoopOutlastsTheLastTurn closes the inbox while somebody else makes a turn.
func TestTheLoopOutlastsTheLastTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := begun(always)
		require.True(t, in.receive(1, []retransmit.Packet{packet(1)}, &mail{}))
		ended := false
		go func() {
			require.False(t, in.take(&mail{}))
			ended = true
		}()
		in.close()
		synctest.Wait()
		require.False(t, ended)
		in.rest()
		synctest.Wait()
		require.True(t, ended)
	})
}

func TestBuffersOfALargeTurnAreLetGo(t *testing.T) {
	require.Nil(t, emptied(make([]func(), keptMail+1)))
	kept := []func(){func() {}}
	require.Empty(t, emptied(kept))
	require.Nil(t, kept[0], "what was there can be collected")
}
