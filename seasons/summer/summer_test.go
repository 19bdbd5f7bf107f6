package summer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/seasons/spring"
	"paxon/seasons/summer"
	"paxon/sim"
)

// compositions are all that Summer is part of.
func compositions(t *testing.T) []seasons.Variant {
	t.Helper()
	var all []seasons.Variant
	for _, others := range [][]seasons.Season{
		nil, {fall.Season()}, {spring.Season()}, {fall.Season(), spring.Season()},
	} {
		v, err := seasons.Compose(append(others, summer.Season())...)
		require.NoError(t, err)
		all = append(all, v)
	}
	return all
}

func TestRuns(t *testing.T) {
	for _, v := range compositions(t) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			delivered := 0
			for seed := range uint64(300) {
				r := sim.Run(sim.DefaultConfig(v, 3), seed, nil)
				require.Nil(t, r.Violation, "seed %d", seed)
				delivered += r.Delivered
			}
			require.Greater(t, delivered, 300, "the runs deliver too little to show anything")
		})
	}
}
