package sim_test

import (
	"testing"

	"paxon/seasons/catalog"
	"paxon/sim"
)

// BenchmarkRun does whole runs with all kinds of fault, one seed after the other.
func BenchmarkRun(b *testing.B) {
	for _, name := range []string{"paxos", "fall+spring", "winter", "summer"} {
		b.Run(name, func(b *testing.B) {
			v, err := catalog.ByName(name)
			if err != nil {
				b.Fatal(err)
			}
			c := sim.DefaultConfig(v, 3)
			events, seed := uint64(0), uint64(0)
			var memory sim.Memory
			b.ReportAllocs()
			for b.Loop() {
				r := memory.Run(c, seed, nil)
				if r.Violation != nil {
					b.Fatalf("seed %d: %v", seed, r.Violation)
				}
				events += r.Steps
				seed++
			}
			seconds := b.Elapsed().Seconds()
			b.ReportMetric(float64(seed)/seconds, "runs/s")
			b.ReportMetric(float64(events)/seconds, "events/s")
		})
	}
}
