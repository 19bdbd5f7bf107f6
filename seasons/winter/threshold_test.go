package winter

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
)

func ids(n int) []process.ID {
	var all []process.ID
	for p := range n {
		all = append(all, process.ID(p+1))
	}
	return all
}

// Fig. 15, lines 12 and 23: max(n_f + 1, n − n_f − |R|).
func TestFig15Threshold(t *testing.T) {
	for _, c := range []struct{ processes, faulty, recovered, want int }{
		{1, 0, 0, 1},
		{3, 0, 0, 3},
		{3, 0, 1, 2},
		{3, 1, 0, 2},
		{3, 1, 1, 2},
		{5, 1, 0, 4},
		{5, 1, 1, 3},
		{5, 1, 2, 2},
		{5, 1, 3, 2},
		{7, 2, 1, 4},
		{7, Most, 0, 4},
		{7, Most, 3, 4},
	} {
		rule := threshold{faulty: c.faulty, recovered: map[process.ID]bool{}}
		members := ids(c.processes)
		for _, p := range members[c.processes-c.recovered:] {
			require.True(t, rule.restarted(p))
			require.False(t, rule.restarted(p), "R has grown already")
		}
		rule.restarted(99) // It is no member.
		for _, reading := range []bool{true, false} {
			require.False(t, rule.enough(reading, members, members[:c.want-1]), "%+v", c)
			require.True(t, rule.enough(reading, members, members[:c.want]), "%+v", c)
		}
	}
}

// The claim of the type's comment, over all sizes: two sets that each have the threshold meet, if
// the earlier one is outside R and has lost only processes that crashed after its attempt began.
func TestThresholdsMeet(t *testing.T) {
	for n := 1; n <= 9; n++ {
		for faulty := 0; faulty < n; faulty++ {
			for crashed := range n + 1 {
				for known := range crashed + 1 {
					earlier := needed(n, faulty, known) - (crashed - known)
					// R of the later one can be as large as all that crashed.
					later := needed(n, faulty, crashed)
					if later <= n-crashed {
						require.Greater(t, earlier+later, n-crashed,
							"n=%d n_f=%d crashed=%d |R|=%d", n, faulty, crashed, known)
					}
				}
			}
		}
	}
}

// needed finds the threshold of the rule.
func needed(n, faulty, recovered int) int {
	rule := threshold{faulty: faulty, recovered: map[process.ID]bool{}}
	for p := range recovered {
		rule.restarted(process.ID(p + 1))
	}
	for size := 1; ; size++ {
		if rule.enough(true, ids(n), ids(size)) {
			return size
		}
	}
}
