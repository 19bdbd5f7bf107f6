package caspaxostest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos/caspaxostest"
	"paxon/conformance"
)

// Ours holds its properties; paxon sim --part caspaxos does more runs.
func TestOurs(t *testing.T) {
	a := conformance.CrashRecovery()
	a.Processes, a.Seeds = 5, 500
	a.Layers = []string{conformance.Script, conformance.Seeds, conformance.Hygiene}
	caspaxostest.Run(t, caspaxostest.Ours, a)
}

func BenchmarkHunt(b *testing.B) {
	a := conformance.CrashRecovery()
	a.Processes = 5
	events, seed := uint64(0), uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		o := caspaxostest.Hunt(caspaxostest.Ours, a, seed, nil)
		require.Empty(b, o.Failures)
		events += o.Events
		seed++
	}
	b.ReportMetric(float64(seed)/b.Elapsed().Seconds(), "runs/s")
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}
