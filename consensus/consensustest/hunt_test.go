package consensustest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
	"paxon/consensus/consensustest"
	"paxon/register/registertest"
	"paxon/register/registertest/stage"
	"paxon/seasons"
	"paxon/seasons/catalog"
)

func hunt(v seasons.Variant, a conformance.Assumptions, seed uint64) stage.Outcome {
	return consensustest.Hunt(consensustest.Of(v), registertest.Of(v), a, seed, false)
}

// TestHunt is a small budget of whole random runs; paxon sim does larger ones.
func TestHunt(t *testing.T) {
	for _, v := range catalog.Variants() {
		for _, n := range []int{1, 2, 3, 4, 5} {
			t.Run(fmt.Sprintf("%s of %d", v.Name, n), func(t *testing.T) {
				t.Parallel()
				a := registertest.Assumptions(v.Variant, n, 3)
				for seed := range uint64(100) {
					o := hunt(v.Variant, a, seed)
					require.Nil(t, o.Violation, "seed %d: %v\n%s", seed, o.Violation, o.Log)
					again := hunt(v.Variant, a, seed)
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
				events += hunt(v.Variant, a, seed).Events
				seed++
			}
			seconds := b.Elapsed().Seconds()
			b.ReportMetric(float64(seed)/seconds, "runs/s")
			b.ReportMetric(float64(events)/seconds, "events/s")
		})
	}
}
