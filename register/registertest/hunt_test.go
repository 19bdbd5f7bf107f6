package registertest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/register/registertest"
	"paxon/seasons/catalog"
)

// TestHunt is a small budget of whole random runs; paxon sim does larger ones.
func TestHunt(t *testing.T) {
	for _, v := range catalog.Variants() {
		for _, n := range []int{1, 2, 3, 4, 5} {
			t.Run(fmt.Sprintf("%s of %d", v.Name, n), func(t *testing.T) {
				t.Parallel()
				a := registertest.Assumptions(v.Variant, n, 3)
				for seed := range uint64(100) {
					o := registertest.Hunt(registertest.Of(v.Variant), a, seed, false)
					require.Nil(t, o.Violation, "seed %d: %v\n%s", seed, o.Violation, o.Log)
					again := registertest.Hunt(registertest.Of(v.Variant), a, seed, false)
					require.Equal(t, o, again, "a seed determines the run")
				}
			})
		}
	}
}

func BenchmarkHunt(b *testing.B) {
	for _, v := range catalog.Variants() {
		b.Run(v.Name, func(b *testing.B) {
			a := registertest.Assumptions(v.Variant, 3, 3)
			events, seed := uint64(0), uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				events += registertest.Hunt(registertest.Of(v.Variant), a, seed, false).Events
				seed++
			}
			seconds := b.Elapsed().Seconds()
			b.ReportMetric(float64(seed)/seconds, "runs/s")
			b.ReportMetric(float64(events)/seconds, "events/s")
		})
	}
}
