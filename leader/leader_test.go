package leader_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/leader"
	"paxon/process"
)

type fakeOmega process.ID

func (o *fakeOmega) Trusted() (process.ID, bool) { return process.ID(*o), *o != 0 }

// Fig. 7: the leader is whom Ω trusts now.
func TestWL1LeaderIsWhomOmegaTrusts(t *testing.T) {
	var o fakeOmega
	l := leader.New(&o)
	for _, p := range []process.ID{0, 3, 1, 0} {
		o = fakeOmega(p)
		now, ok := l.Leader()
		require.Equal(t, p, now)
		require.Equal(t, p != 0, ok)
	}
}
