package link

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/retransmit"
)

// pair starts p1 and p2 and waits until both are connected.
func pair(t testing.TB, change1, change2 func(c *Config)) (r *relays, p1, p2 *host) {
	t.Helper()
	r = newRelays(t, 2)
	p1 = start(t, r, 1, change1)
	p2 = start(t, r, 2, change2)
	p1.awaitConnected(t, 2)
	p2.awaitConnected(t, 1)
	return r, p1, p2
}

func TestPacketsGoBothWaysInOrder(t *testing.T) {
	_, p1, p2 := pair(t, nil, nil)
	const n = 1000
	for i := range uint64(n) {
		p1.Send(2, packet(i, int(i)))
		p2.Send(1, packet(i+n, 3))
		if i%100 == 99 {
			p1.Flush()
			p2.Flush()
		}
	}
	for i := range uint64(n) {
		require.Equal(t, received{1, packet(i, int(i))}, await(t, p2.received, anything))
		require.Equal(t, received{2, packet(i+n, 3)}, await(t, p1.received, anything))
	}
	p1.Close()
	p2.Close()
	s1, s2 := p1.Stats().Peers[2], p2.Stats().Peers[1]
	require.EqualValues(t, 1, s1.Connects)
	require.EqualValues(t, n, s1.PacketsSent)
	require.EqualValues(t, n, s2.PacketsReceived)
	require.Equal(t, s1.BytesSent, s2.BytesReceived)
	require.Zero(t, s1.Dropped)
	require.False(t, s1.Connected, "closed")
}

// TestLatePacketsGoWithOthersOrByThemselves sends late: without a flush it arrives after a while,
// and before what is sent after it.
func TestLatePacketsGoWithOthersOrByThemselves(t *testing.T) {
	_, p1, p2 := pair(t, nil, nil)
	for i := range uint64(20) {
		p1.SendLate(2, packet(i, 1))
		require.Equal(t, received{1, packet(i, 1)}, await(t, p2.received, anything))
	}
	forever := func(c *Config) { c.Patience = time.Hour }
	_, p1, p2 = pair(t, forever, nil)
	p1.SendLate(2, packet(1, 1))
	p1.Send(2, packet(2, 1))
	p1.Flush()
	require.Equal(t, received{1, packet(1, 1)}, await(t, p2.received, anything))
	require.Equal(t, received{1, packet(2, 1)}, await(t, p2.received, anything))
	p1.SendLate(2, packet(3, 1))
	p1.Close()
	require.Equal(t, received{1, packet(3, 1)}, await(t, p2.received, anything))
}

// TestMuchGoesWithoutAFlush has a long packet go at once, with what waits before it, and what comes
// after it wait.
func TestMuchGoesWithoutAFlush(t *testing.T) {
	_, p1, p2 := pair(t, nil, nil)
	for i, size := range []int{1, flushBytes, flushBytes, 1} {
		p1.Send(2, packet(uint64(i), size))
	}
	for i, size := range []int{1, flushBytes, flushBytes} {
		require.Equal(t, received{1, packet(uint64(i), size)}, await(t, p2.received, anything))
	}
	require.Empty(t, p2.received)
	p1.Flush()
	require.Equal(t, received{1, packet(3, 1)}, await(t, p2.received, anything))
}

func TestReconnectAfterRestart(t *testing.T) {
	r, p1, p2 := pair(t, nil, nil)
	p2.Close()
	eventually(t, func() bool { return !p1.Stats().Peers[2].Connected })

	p1.Send(2, packet(1, 1)) // It is lost.
	p1.Flush()
	require.EqualValues(t, 1, p1.Stats().Peers[2].Dropped)

	p2 = start(t, r, 2, func(c *Config) { c.Incarnation = 2 })
	p1.awaitConnected(t, 2)
	p1.Send(2, packet(2, 1))
	p1.Flush()
	require.Equal(t, received{1, packet(2, 1)}, await(t, p2.received, anything))
	require.EqualValues(t, 2, p1.Stats().Peers[2].Connects)
}

func TestReconnectAfterCut(t *testing.T) {
	r, p1, p2 := pair(t, nil, nil)
	r.cut()
	p1.awaitConnected(t, 2)
	p2.awaitConnected(t, 1)
	p1.Send(2, packet(2, 1))
	p1.Flush()
	require.Equal(t, received{1, packet(2, 1)}, await(t, p2.received, anything))
}

func TestLK3DropsWhenNotConnected(t *testing.T) {
	p1 := start(t, newRelays(t, 2), 1, nil)
	for range 3 {
		p1.Send(2, packet(1, 1))
	}
	p1.Flush()
	require.EqualValues(t, 3, p1.Stats().Peers[2].Dropped)
	require.False(t, p1.Stats().Peers[2].Connected)
}

// TestLK5OutBytes sends without a flush, so that nothing leaves.
func TestLK5OutBytes(t *testing.T) {
	small := func(c *Config) { c.Limits = Limits{MaxFrame: 1000, OutBytes: 10_000} }
	_, p1, p2 := pair(t, small, nil)
	for i := range uint64(100) {
		p1.Send(2, packet(i, 480))
	}
	dropped := p1.Stats().Peers[2].Dropped
	require.Greater(t, dropped, uint64(75))
	require.Less(t, dropped, uint64(85))
	p1.Flush()
	for i := range 100 - dropped {
		require.Equal(t, received{1, packet(i, 480)}, await(t, p2.received, anything))
	}
}

// TestBackPressure blocks Receive until the sender drops, and then lets it go on.
func TestBackPressure(t *testing.T) {
	gate, first := make(chan struct{}), make(chan struct{}, 1)
	last := make(chan struct{}, 1)
	const final = 1 << 40
	_, p1, p2 := pair(t, func(c *Config) { c.Limits = Limits{MaxFrame: 1 << 20, OutBytes: 1 << 20} },
		func(c *Config) {
			c.Receive = func(_ process.ID, batch []retransmit.Packet) {
				signal(first)
				<-gate
				if batch[len(batch)-1].Seq == final {
					signal(last)
				}
			}
		})
	for sent := uint64(0); p1.Stats().Peers[2].Dropped == 0; sent++ {
		p1.Send(2, packet(sent, 100_000))
		p1.Flush()
	}
	await(t, first, anything)
	close(gate)
	for delivered := false; !delivered; {
		p1.Send(2, packet(final, 0))
		p1.Flush()
		select {
		case <-last:
			delivered = true
		case <-p2.log:
		default:
		}
	}
}

func TestSendPanics(t *testing.T) {
	small := func(c *Config) { c.Limits = Limits{MaxFrame: 1000} }
	_, p1, p2 := pair(t, small, nil)
	require.PanicsWithValue(t, "link: a packet for p3, which is not among the peers of p1", func() {
		p1.Send(3, packet(1, 1))
	})
	require.Panics(t, func() { p1.Send(1, packet(1, 1)) }, "itself")
	require.Panics(t, func() { p1.Send(2, packet(1, 1000)) }, "too large")
	require.Panics(t, func() { p1.Send(2, retransmit.Packet{Body: "no message"}) }, "unknown type")

	p1.Send(2, packet(1, 1))
	p1.Flush()
	require.Equal(t, received{1, packet(1, 1)}, await(t, p2.received, anything))
}

func TestListenError(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer busy.Close()
	p1 := start(t, newRelays(t, 1), 1, nil)
	config := p1.config
	config.Listen = busy.Addr().String()
	_, err = Listen(config)
	var failed *ListenError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, config.Listen, failed.Address)
	require.Contains(t, err.Error(), "address already in use")
	require.Contains(t, err.Error(), "use another")
}

// TestCloseWaits closes in the middle of traffic: nothing is called afterwards.
func TestCloseWaits(t *testing.T) {
	_, p1, p2 := pair(t, nil, nil)
	for i := range uint64(1000) {
		p1.Send(2, packet(i, 1000))
		p1.Flush()
	}
	await(t, p2.received, anything)
	p2.Close()
	p1.Close()
	close(p1.received) // A later call of Receive or Connected would panic.
	close(p2.received)
	close(p1.connected)
	close(p2.connected)
	p2.Close()
}

func TestConfigErrors(t *testing.T) {
	p1 := start(t, newRelays(t, 1), 1, nil)
	for field, breakIt := range map[string]func(c *Config){
		"Self":             func(c *Config) { c.Self = 0 },
		"Incarnation":      func(c *Config) { c.Incarnation = 0 },
		"Cluster":          func(c *Config) { c.Cluster = string(make([]byte, 256)) },
		"Variant":          func(c *Config) { c.Variant = string(make([]byte, 256)) },
		"Codec":            func(c *Config) { c.Codec = nil },
		"Listen":           func(c *Config) { c.Listen = "" },
		"Log":              func(c *Config) { c.Log = nil },
		"Receive":          func(c *Config) { c.Receive = nil },
		"Connected":        func(c *Config) { c.Connected = nil },
		"Limits.MaxFrame":  func(c *Config) { c.Limits.MaxFrame = 10 },
		"Limits.OutBytes":  func(c *Config) { c.Limits.OutBytes = 1000 },
		"Limits.Greetings": func(c *Config) { c.Limits.Greetings = -1 },
		"BackoffStart":     func(c *Config) { c.BackoffStart = -1 },
		"BackoffMax":       func(c *Config) { c.BackoffMax = 1 },
		"GreetTimeout":     func(c *Config) { c.GreetTimeout = -1 },
		"WriteTimeout":     func(c *Config) { c.WriteTimeout = -1 },
		"Patience":         func(c *Config) { c.Patience = -1 },
	} {
		config := p1.config
		breakIt(&config)
		_, err := Listen(config)
		var bad *ConfigError
		require.ErrorAs(t, err, &bad, field)
		require.Equal(t, field, bad.Field)
	}
}
