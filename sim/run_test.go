package sim_test

import (
	"testing"

	"paxon/seasons"
	"paxon/sim"
)

func TestRuns(t *testing.T) {
	for _, v := range seasons.Variants() {
		t.Run(v.Name, func(t *testing.T) {
			delivered := 0
			for seed := range uint64(2000) {
				r := sim.Run(sim.DefaultConfig(v, 3), seed, nil)
				if r.Violation != nil {
					t.Fatalf("seed %d: %v", seed, r.Violation)
				}
				delivered += r.Delivered
			}
			t.Log(delivered)
		})
	}
}
