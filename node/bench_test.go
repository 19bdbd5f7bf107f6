package node

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/node/storage"
	"paxon/process"
)

// BenchmarkBroadcast measures messages of 128 bytes at three processes in one program, with
// forced logs, when so many broadcasts wait at a time at process 1.
func BenchmarkBroadcast(b *testing.B) {
	for _, outstanding := range []int{1, 64, 1024} {
		b.Run(fmt.Sprintf("C=%d", outstanding), func(b *testing.B) {
			c := newCluster(b, 3, "fall+spring", func(c *Config) { c.Storage = storage.Options{} })
			c.direct()
			c.open()
			n := c.nodes[1]
			c.broadcast(1, "first")
			var left atomic.Int64
			left.Store(int64(b.N))
			var all sync.WaitGroup
			payload := make([]byte, 128)
			b.ReportAllocs()
			b.ResetTimer()
			for range outstanding {
				all.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := n.Broadcast(c.ctx, payload); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
		})
	}
}

// direct has the processes reach each other without relays, at addresses that were free a
// moment ago, which is good enough for a measurement.
func (c *cluster) direct() {
	c.t.Helper()
	peers := map[process.ID]string{}
	for id := range c.configs {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(c.t, err)
		peers[id] = l.Addr().String()
		require.NoError(c.t, l.Close())
	}
	for id, config := range c.configs {
		config.Peers, config.Listen = peers, peers[id]
		c.configs[id] = config
	}
}
