package caspaxostest_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/caspaxos/caspaxostest"
	"paxon/conformance"
	"paxon/seasons"
)

// TestOtherWaits does runs in which something was wrong once, with waits that are drawn apart: a copy
// whose process had forgotten a configuration did not ask for it when a proposer of that came; a copy
// that another process had removed was never collected when it came into use again; and what few copies
// had of a change that was not answered was listed for sure, once where a prepare quorum accepts nothing.
func TestOtherWaits(t *testing.T) {
	sound := caspaxostest.Built(seasons.Paxos())
	for seed, source := range map[uint64]uint64{51019: 77, 54563: 77, 397: 77, 142639: 78} {
		f := func(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) caspaxostest.Part {
			s.Rand = rand.New(rand.NewPCG(seed, source))
			return sound(h, o, s)
		}
		o := caspaxostest.Hunt(f, conformance.CrashRecovery(), seed, nil)
		require.Empty(t, o.Failures, "seed %d", seed)
	}
}
