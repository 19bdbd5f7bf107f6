package wire

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/register"
	"paxon/retransmit"
)

// sampleWrite is a packet with a WRITE of a value of n bytes.
func sampleWrite(n int) retransmit.Packet {
	return retransmit.Packet{
		From: 3, To: 4, Seq: 70_000, Base: 69_990, Ack: 70_010,
		Body: nested{
			Instance: 1_000_000,
			Round:    register.Round{Number: 12, Process: 2, Incarnation: 3},
			Value:    make([]byte, n),
		},
	}
}

func benchmark(b *testing.B, run func(b *testing.B, c *Codec, p retransmit.Packet)) {
	b.Helper()
	for _, kind := range kinds() {
		for _, n := range []int{0, 256, 65536} {
			b.Run(fmt.Sprintf("%s/%d", kind, n), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(n))
				run(b, newCodec(b, kind), sampleWrite(n))
			})
		}
	}
}

func BenchmarkAppendPacket(b *testing.B) {
	benchmark(b, func(b *testing.B, c *Codec, p retransmit.Packet) {
		b.Helper()
		var buffer []byte
		for b.Loop() {
			var err error
			if buffer, err = c.AppendPacket(buffer[:0], p); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecodePacket(b *testing.B) {
	benchmark(b, func(b *testing.B, c *Codec, p retransmit.Packet) {
		b.Helper()
		encoded, err := c.AppendPacket(nil, p)
		require.NoError(b, err)
		for b.Loop() {
			if _, _, err := c.DecodePacket(encoded, math.MaxInt); err != nil {
				b.Fatal(err)
			}
		}
	})
}
