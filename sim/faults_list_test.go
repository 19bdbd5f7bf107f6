package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/sim"
)

// What String lists, ParseFaults reads.
func TestFaultsAreListed(t *testing.T) {
	lists := append(sim.FaultNames(), "all", "none", "loss,old,disks", "duplicates,delay,crashes")
	for _, list := range lists {
		f, err := sim.ParseFaults(list)
		require.NoError(t, err)
		require.Equal(t, list, f.String())
	}
}
