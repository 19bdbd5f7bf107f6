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

func packet(seq uint64) retransmit.Packet { return retransmit.Packet{Seq: seq} }

func TestTheInboxKeepsTheOrderOfEachPeer(t *testing.T) {
	in := newInbox(always)
	in.receive(1, []retransmit.Packet{packet(1), packet(2)})
	in.receive(2, []retransmit.Packet{packet(1)})
	var m mail
	require.True(t, in.take(&m))
	require.Equal(t, []arrival{{1, packet(1)}, {1, packet(2)}, {2, packet(1)}}, m.packets)
}

func TestAPeerWaitsUntilItsPacketsAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInbox(always)
		in.receive(1, []retransmit.Packet{packet(1)})
		second := false
		go func() {
			in.receive(1, []retransmit.Packet{packet(2)})
			second = true
		}()
		in.receive(2, []retransmit.Packet{packet(1)}) // Others do not wait for it.
		synctest.Wait()
		require.False(t, second)
		var m mail
		require.True(t, in.take(&m))
		synctest.Wait()
		require.True(t, second)
		m = mail{}
		require.True(t, in.take(&m))
		require.Equal(t, []arrival{{1, packet(2)}}, m.packets)
	})
}

func TestNoPacketsAreTakenWhileTheDiskIsBehind(t *testing.T) {
	var behind atomic.Bool
	behind.Store(true)
	in := newInbox(func() bool { return !behind.Load() })
	in.receive(1, []retransmit.Packet{packet(1)})
	in.post(func() {})
	var m mail
	require.True(t, in.take(&m))
	require.Len(t, m.calls, 1)
	require.Empty(t, m.packets)
	behind.Store(false)
	in.post(func() {}) // The end of a force is a call.
	m = mail{}
	require.True(t, in.take(&m))
	require.Len(t, m.packets, 1)
}

func TestAClosedInboxHoldsNobody(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		in := newInbox(always)
		in.receive(1, []retransmit.Packet{packet(1)})
		go in.receive(1, []retransmit.Packet{packet(2)})
		taken := newInbox(always)
		go func() { require.False(t, taken.take(&mail{})) }()
		synctest.Wait()
		in.close()
		taken.close()
		synctest.Wait()
		require.False(t, in.post(func() {}))
		require.False(t, in.submit(&submission{}))
		in.receive(process.ID(1), []retransmit.Packet{packet(3)})
		require.False(t, in.take(&mail{}))
	})
}

func TestBuffersOfALargeTurnAreLetGo(t *testing.T) {
	require.Nil(t, emptied(make([]func(), keptMail+1)))
	kept := []func(){func() {}}
	require.Empty(t, emptied(kept))
	require.Nil(t, kept[0], "what was there can be collected")
}
