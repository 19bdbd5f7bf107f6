package fall_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/seasons/spring"
	"paxon/sim"
)

func TestRuns(t *testing.T) {
	for _, seasonsOf := range [][]seasons.Season{
		{fall.Season()}, {fall.Season(), spring.Season()},
	} {
		v, err := seasons.Compose(seasonsOf...)
		require.NoError(t, err)
		for seed := range uint64(300) {
			require.Nil(t, sim.Run(sim.DefaultConfig(v, 3), seed, nil).Violation,
				"%s, seed %d", v.Name, seed)
		}
	}
}

func TestOrderOfSeasons(t *testing.T) {
	one, err := seasons.Compose(fall.Season(), spring.Season())
	require.NoError(t, err)
	other, err := seasons.Compose(spring.Season(), fall.Season())
	require.NoError(t, err)
	require.Equal(t, "fall+spring", one.Name)
	require.Equal(t, one.Name, other.Name)
	c, d := sim.DefaultConfig(one, 3), sim.DefaultConfig(other, 3)
	for seed := range uint64(10) {
		require.Equal(t, sim.Run(c, seed, nil), sim.Run(d, seed, nil))
	}
}
