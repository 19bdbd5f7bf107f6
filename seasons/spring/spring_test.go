package spring_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/omega"
	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/spring"
	"paxon/sim"
)

// outputs is an Ω that has no more than the outputs of a test.
type outputs struct {
	omega.Part
	of []process.ID
}

func (o outputs) Outputs() []process.ID { return o.of }

func TestElect(t *testing.T) {
	for _, c := range []struct {
		outputs  []process.ID
		majority int
		leader   process.ID
	}{
		{nil, 1, 0},
		{[]process.ID{1}, 1, 1},
		{[]process.ID{1}, 2, 0},
		{[]process.ID{1, 2}, 2, 0},
		{[]process.ID{1, 2, 2}, 2, 2},
		{[]process.ID{0, 0, 2}, 2, 0},
		{[]process.ID{3, 1, 3, 1, 3}, 3, 3},
		{[]process.ID{3, 1, 3, 1}, 3, 0},
	} {
		leader, elected := spring.Elect(outputs{of: c.outputs}, c.majority).Leader()
		require.Equal(t, c.leader, leader, "%v", c.outputs)
		require.Equal(t, c.leader != 0, elected, "%v", c.outputs)
	}
}

func TestRuns(t *testing.T) {
	v, err := seasons.Compose(spring.Season())
	require.NoError(t, err)
	require.Equal(t, "spring", v.Name)
	for seed := range uint64(300) {
		require.Nil(t, sim.Run(sim.DefaultConfig(v, 3), seed, nil).Violation, "seed %d", seed)
	}
}
