package registers_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/kv"
	"paxon/kv/registers"
)

// benchmarkKeys is how many keys there are.
const benchmarkKeys = 1_000_000

// BenchmarkList measures parts of a listing of three processes in one program, each of which costs as
// much as a SCAN, and then all of it. Allocations are those of all three.
func BenchmarkList(b *testing.B) {
	e := registers.New(openProcesses(b, true)[0])
	const together = 4000
	var ends []func() (kv.Item, any, error)
	item := func(kv.Item) (kv.Item, any) { return kv.Item{Exists: true, Value: []byte("value")}, nil }
	for i := range benchmarkKeys {
		ends = append(ends, e.Begin(b.Context(), fmt.Sprintf("key:%012d", i), item))
		if len(ends) == together || i+1 == benchmarkKeys {
			for _, end := range ends {
				_, _, err := end()
				require.NoError(b, err)
			}
			ends = ends[:0]
		}
	}
	for _, count := range []int{10, 1000} {
		b.Run(fmt.Sprintf("count=%d", count), func(b *testing.B) {
			b.ReportAllocs()
			cursor, keys := uint64(0), 0
			for b.Loop() {
				part, next, err := e.List(b.Context(), cursor, count)
				require.NoError(b, err)
				cursor = next
				keys += len(part)
			}
			b.ReportMetric(float64(keys)/float64(b.N), "keys/op")
		})
	}
	b.Run("all=1000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			keys, calls := 0, 0
			for cursor := uint64(0); cursor != 0 || calls == 0; calls++ {
				part, next, err := e.List(b.Context(), cursor, 1000)
				require.NoError(b, err)
				cursor = next
				keys += len(part)
			}
			require.Equal(b, benchmarkKeys, keys)
			b.ReportMetric(float64(calls), "calls/op")
		}
	})
}
