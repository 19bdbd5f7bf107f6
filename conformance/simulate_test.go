package conformance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
	"paxon/seasons"
	"paxon/sim"
)

func TestSimulate(t *testing.T) {
	c := conformance.Assumptions{}.Simulate()
	require.Equal(t, 3, c.Processes)
	require.Equal(t, sim.Faults{Disks: true}, c.Faults)
	require.False(t, c.Variant.Recovers)

	c = conformance.CrashRecovery().Simulate()
	require.Equal(t, sim.AllFaults(), c.Faults)
	require.True(t, c.Variant.Recovers)
	require.Nil(t, c.Variant.Crashes, "any number may crash")
	require.Equal(t, seasons.Stable, c.Variant.Storage)
	require.Equal(t, 2, c.Variant.Correct(3))

	c = conformance.Assumptions{Processes: 5, Crashes: 1, Storage: conformance.None}.Simulate()
	require.Equal(t, 1, c.Variant.Crashes(5))
	require.Equal(t, 4, c.Variant.Correct(5))
	require.Equal(t, seasons.None, c.Variant.Storage)
}
