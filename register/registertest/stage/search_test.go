package stage

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
	"paxon/register"
)

// The search finds what one choice brings about by one that differs from the plain schedule, what
// takes two by two, and nothing that the assumptions do not allow.
func TestSearchVariesAsLittleAsItMust(t *testing.T) {
	a := conformance.CrashRecovery().WithDefaults()
	subject := idle(func(a *Attempt) { a.End(nil, true, register.Round{}) })
	for crashes := 1; crashes <= 2; crashes++ {
		subject.Inspect = func(s *Stage) {
			if len(s.crashed) == crashes {
				s.Fail("Crashes", "%d", crashes)
			}
		}
		path, _, failed := search(subject, a, plans()[0])
		require.True(t, failed)
		others := 0
		for _, choice := range path {
			if choice != 0 {
				others++
			}
		}
		require.Equal(t, crashes, others, "%v", path)
		again := schedule(subject, a, plans()[0], path, false)
		require.True(t, again.failed(), "the schedule does not show it again")
	}
	a.Crashes = 1
	_, _, failed := search(subject, a, plans()[0])
	require.False(t, failed, "two processes crashed where one may")
}
