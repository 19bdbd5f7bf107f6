package caspaxostest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos/caspaxostest"
	"paxon/conformance"
)

func TestOurs(t *testing.T) {
	a := conformance.CrashRecovery()
	a.Processes = 5
	for seed := range uint64(300) {
		for _, f := range caspaxostest.Hunt(caspaxostest.Ours, a, seed, nil).Failures {
			t.Error(f)
		}
	}
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
