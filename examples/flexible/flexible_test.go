package flexible

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/seasons/spring"
	"paxon/seasons/winter"
	"paxon/sim"
)

// grid is six processes in two rows and three columns.
func grid() System {
	return System{
		Read:  []Quorum{{1, 2, 3}, {4, 5, 6}},
		Write: []Quorum{{1, 4}, {2, 5}, {3, 6}}, Faulty: 1,
	}
}

// wheel is four processes, of which p1 is in most quorums. All quorums meet.
func wheel() System {
	quorums := []Quorum{{1, 2}, {1, 3}, {1, 4}, {2, 3, 4}}
	return System{Read: quorums, Write: quorums, Faulty: 1}
}

func compose(t *testing.T, s System, others ...seasons.Season) seasons.Variant {
	t.Helper()
	season, err := Season(s)
	require.NoError(t, err)
	v, err := seasons.Compose(append(others, season)...)
	require.NoError(t, err)
	return v
}

func TestRuns(t *testing.T) {
	for _, c := range []struct {
		variant   seasons.Variant
		processes int
	}{
		{compose(t, grid()), 6},
		{compose(t, grid(), spring.Season()), 6},
		{compose(t, wheel(), fall.Season(), spring.Season()), 4},
	} {
		require.NoError(t, c.variant.Check(c.processes))
		for seed := range uint64(300) {
			r := sim.Run(sim.DefaultConfig(c.variant, c.processes), seed, nil)
			require.Nil(t, r.Violation, "%s, seed %d", c.variant.Name, seed)
		}
	}
}

// What Season refuses is wrong: the runs find it out.
func TestRunsFindDisjointQuorums(t *testing.T) {
	apart := System{Read: []Quorum{{1}, {2}}, Write: []Quorum{{1}, {2}, {3}}}
	_, err := Season(apart)
	var disjoint *DisjointError
	require.ErrorAs(t, err, &disjoint)
	require.Equal(t, DisjointError{Quorum{1}, Quorum{2}}, *disjoint)
	require.ErrorContains(t, err, "reads by [p1] miss writes by [p2]: expected a common process")
	require.True(t, violated(apart.apply(seasons.Paxos()), 3))
}

// With Fall, writes must meet, too: else two processes get permission for one instance.
func TestFallWithWritesThatNeedNotMeet(t *testing.T) {
	season, err := Season(grid())
	require.NoError(t, err)
	_, err = seasons.Compose(season, fall.Season())
	var contradiction *seasons.ContradictionError
	require.ErrorAs(t, err, &contradiction)
	require.ErrorContains(t, err, "writes to [p1 p4] and to [p2 p5] need not meet")
}

// violated says whether some runs find a violation.
func violated(v seasons.Variant, processes int) bool {
	for seed := range uint64(1000) {
		if sim.Run(sim.DefaultConfig(v, processes), seed, nil).Violation != nil {
			return true
		}
	}
	return false
}

func TestRefused(t *testing.T) {
	_, err := Season(System{Read: []Quorum{{1}}})
	require.ErrorContains(t, err, "expected both")
	_, err = Season(System{Read: []Quorum{{}}, Write: []Quorum{{1}}})
	require.ErrorContains(t, err, "reads by [] miss")
	require.ErrorContains(t, compose(t, grid()).Check(5), "[p4 p5 p6]: expected processes from 1 to 5")
	require.Error(t, compose(t, System{Read: []Quorum{{0, 1}}, Write: []Quorum{{1}}}).Check(1))
	season, err := Season(wheel())
	require.NoError(t, err)
	_, err = seasons.Compose(season, winter.Season(winter.Most))
	require.ErrorContains(t, err, "flexible and winter cannot be combined")
}
