package cluster

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseCrash(t *testing.T) {
	c, err := ParseCrash("2@12.5")
	require.NoError(t, err)
	assert.Equal(t, Crash{2, 12.5}, c)
	for _, bad := range []string{
		"", "1", "@", "1@", "@30", "x@30", "-1@30", "1@x", "1@-1", "1@101", "1@NaN", "1@+Inf",
		"4294967296@5", "1@30@40",
	} {
		_, err := ParseCrash(bad)
		var wrong *CrashError
		require.ErrorAs(t, err, &wrong, bad)
	}
}

func TestCheckCrashes(t *testing.T) {
	crashes := []Crash{{1, 60}, {2, 30}, {1, 10}}
	require.NoError(t, CheckCrashes(crashes, 3, true))
	assert.Equal(t, []Crash{{1, 10}, {2, 30}, {1, 60}}, crashes, "in the order they are due")

	require.ErrorContains(t, CheckCrashes([]Crash{{4, 1}}, 3, true), "process 4 of 3")
	require.ErrorContains(t, CheckCrashes([]Crash{{0, 1}}, 3, true), "process 0 of 3")
	require.ErrorContains(t, CheckCrashes(crashes, 5, false), "process 1 twice")
	require.ErrorContains(t, CheckCrashes([]Crash{{1, 1}, {2, 1}}, 3, false), "majority")
	require.NoError(t, CheckCrashes([]Crash{{1, 1}, {2, 1}}, 5, false))
	require.ErrorContains(t, CheckCrashes([]Crash{{1, 1}}, 2, false), "at most 0")
}
