package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
)

// A composition can have the simulated host that it runs on.
func TestHostOf(t *testing.T) {
	v := seasons.Paxos()
	sound, built := v.Registers, 0
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		built++
		require.Equal(t, h.Incarnation, sim.HostOf(h).Incarnation())
		require.Equal(t, h.Net.Self(), sim.HostOf(h).Net().Self())
		return sound(h, net, c)
	}
	require.Nil(t, sim.Run(sim.DefaultConfig(v, 3), 1, nil).Violation)
	require.GreaterOrEqual(t, built, 3)
	require.Panics(t, func() { sim.HostOf(seasons.Host{}) })
}
