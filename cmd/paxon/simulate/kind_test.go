package simulate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/cmd/paxon/simulate"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim"
)

// TestPartsMakeTheirMarks shows that runs of parts alone make the marks that they must.
func TestPartsMakeTheirMarks(t *testing.T) {
	for _, v := range catalog.Variants() {
		for _, kind := range []simulate.Kind{
			simulate.Consensus(v.Variant, 3, 3), simulate.Registers(v.Variant, 3, 3),
		} {
			t.Run(v.Name+" "+string(kind.Part), func(t *testing.T) {
				t.Parallel()
				makesMarks(t, kind)
			})
		}
	}
	makesMarks(t, simulate.CASPaxos(5))
}

func makesMarks(t *testing.T, kind simulate.Kind) {
	t.Helper()
	var marks sim.Marks
	missing := sim.Sometimes(kind.Variant, kind.Part)
	require.NotEmpty(t, missing)
	for seed := uint64(0); seed < 1000 && len(missing) > 0; seed++ {
		r := kind.Do(seed, true)
		require.Nil(t, r.Violation)
		marks.Add(&r.Marks)
		missing = marks.Missing(missing)
	}
	require.Empty(t, missing)
}

// TestPartsOfVariantsDiffer shows that variants with the same registers do other runs of them.
func TestPartsOfVariantsDiffer(t *testing.T) {
	paxos := simulate.Registers(seasons.Paxos(), 3, 3)
	v, err := catalog.ByName("spring")
	require.NoError(t, err)
	spring := simulate.Registers(v, 3, 3)
	require.Equal(t, paxos.Do(7, false), paxos.Do(7, false))
	require.NotEqual(t, paxos.Do(7, false), spring.Do(7, false))
}
