package link

import (
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/retransmit"
)

// direct starts p1 and p2 without relays between them.
func direct(b *testing.B, change1, change2 func(c *Config)) (p1, p2 *host) {
	b.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	require.NoError(b, free.Close())
	r := newRelays(b, 2)
	p2 = start(b, r, 2, func(c *Config) {
		change2(c)
		c.Peers[1] = free.Addr().String()
	})
	p1 = start(b, r, 1, func(c *Config) {
		change1(c)
		c.Listen = free.Addr().String()
		c.Peers[2] = p2.Addr().String()
	})
	p1.awaitConnected(b, 2)
	p2.awaitConnected(b, 1)
	return p1, p2
}

// BenchmarkThroughput sends packets of 256 bytes over loopback, 64 in a turn and at most 8192
// ahead of the receiver.
func BenchmarkThroughput(b *testing.B) {
	const turn, ahead = 64, 8192
	var count atomic.Uint64
	progress := make(chan struct{}, 1)
	p1, _ := direct(b, func(*Config) {}, func(c *Config) {
		c.Receive = func(_ process.ID, batch []retransmit.Packet) {
			count.Add(uint64(len(batch)))
			signal(progress)
		}
	})
	p := packet(1, 256)
	var sent uint64
	b.ReportAllocs()
	for b.Loop() {
		p1.Send(2, p)
		if sent++; sent%turn == 0 {
			p1.Flush()
		}
		for sent-count.Load() > ahead {
			<-progress
		}
	}
	p1.Flush()
	for count.Load() < sent {
		<-progress
	}
	b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "packets/s")
}

// BenchmarkRoundTrip sends a packet there and back, one at a time.
func BenchmarkRoundTrip(b *testing.B) {
	back := make(chan struct{}, 1)
	var p2 atomic.Pointer[host]
	p1, answering := direct(b, func(c *Config) {
		c.Receive = func(process.ID, []retransmit.Packet) { signal(back) }
	}, func(c *Config) {
		c.Receive = func(_ process.ID, batch []retransmit.Packet) {
			p2.Load().Send(1, batch[0])
			p2.Load().Flush()
		}
	})
	p2.Store(answering)
	p := packet(1, 256)
	b.ReportAllocs()
	for b.Loop() {
		p1.Send(2, p)
		p1.Flush()
		<-back
	}
}
