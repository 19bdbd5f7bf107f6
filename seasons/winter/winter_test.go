package winter_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/seasons/spring"
	"paxon/seasons/winter"
	"paxon/sim"
)

func compose(t *testing.T, all ...seasons.Season) seasons.Variant {
	t.Helper()
	v, err := seasons.Compose(all...)
	require.NoError(t, err)
	return v
}

func TestRuns(t *testing.T) {
	for n, faulty := range map[int]int{1: 0, 3: winter.Most, 4: 1, 5: 2, 6: 1, 7: 2} {
		for _, others := range [][]seasons.Season{
			{}, {spring.Season()}, {fall.Season()}, {fall.Season(), spring.Season()},
		} {
			v := compose(t, append(others, winter.Season(faulty))...)
			t.Run(fmt.Sprintf("%s of %d", v.Name, n), func(t *testing.T) {
				t.Parallel()
				require.NoError(t, v.Check(n))
				for seed := range uint64(100) {
					require.Nil(t, sim.Run(sim.DefaultConfig(v, n), seed, nil).Violation, "seed %d", seed)
				}
			})
		}
	}
}

// What is outside the assumption that more processes never crash than are faulty is refused.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		faulty, processes int
		refused           string
	}{
		{0, 1, ""},
		{1, 3, ""},
		{2, 5, ""},
		{winter.Most, 1, ""},
		{winter.Most, 2, ""},
		{winter.Most, 6, ""},
		{
			2, 4, "winter of 4 processes with 2 faulty: at most 2 never crash, but more than 2 must; " +
				"expected at least 5 processes, or 0 to 1 faulty",
		},
		{
			1, 1, "winter of 1 processes with 1 faulty: at most 0 never crash, but more than 1 must; " +
				"expected at least 3 processes, or 0 to 0 faulty",
		},
		{
			0, 0, "winter of 0 processes with 0 faulty: at most 0 never crash, but more than 0 must; " +
				"expected at least 1 processes, or 0 to 0 faulty",
		},
		{-2, 3, "winter of 3 processes with -2 faulty: expected 0 to 1 faulty"},
	} {
		err := compose(t, winter.Season(c.faulty), spring.Season()).Check(c.processes)
		if c.refused == "" {
			require.NoError(t, err)
			continue
		}
		var refusal *winter.FaultyError
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, winter.FaultyError{Faulty: c.faulty, Processes: c.processes}, *refusal)
		require.EqualError(t, err, c.refused)
	}
}

// What the variant needs of its host, and how many may crash: all but n_f + 1.
func TestVariant(t *testing.T) {
	v := compose(t, winter.Season(1), fall.Season())
	require.Equal(t, "fall+winter", v.Name)
	require.True(t, v.Recovers)
	require.Equal(t, seasons.None, v.Storage)
	require.Equal(t, 3, v.Crashes(5))
	require.Equal(t, 4, v.Correct(5))
	require.Equal(t, 2, compose(t, winter.Season(winter.Most)).Crashes(5))
}

func TestNoSummerInWinter(t *testing.T) {
	summer := seasons.Season{
		Name: "summer", Assumes: "disks",
		Apply: func(v seasons.Variant) seasons.Variant { return v },
	}
	_, err := seasons.Compose(winter.Season(1), summer)
	require.EqualError(t, err, "summer and winter cannot be combined: summer assumes disks; winter "+
		"assumes that at most 1 of the processes are faulty and more than that never crash, and "+
		"that memory is all they have")
	_, err = seasons.Compose(winter.Season(winter.Most), summer)
	require.ErrorContains(t, err, "that less than half of the processes are faulty")
}
