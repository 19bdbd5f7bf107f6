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
// that another process had removed was never collected when it came into use again; what few copies had of a
// change that was not answered was listed for sure, once where a prepare quorum accepts nothing; and a look
// that one copy had answered before a deletion, and the other after that was collected, showed what it
// was before; and one showed what a quorum of a new configuration held of a change that was not acknowledged,
// and was not to be, for another copy held a later one; and where a removal was broken off, those who propose
// had removed their copies, and nobody collected the others; and the versions of a key began anew below one
// that was deleted, because a collection had gone by what its tombstone was when it was tried first; and a
// proposer that had been an acceptor had its copy of then collected, again and again.
func TestOtherWaits(t *testing.T) {
	sound := caspaxostest.Built(seasons.Paxos())
	for _, run := range []struct {
		seed, source uint64 // 0 for the waits that the seed gives.
		processes    int
	}{
		{51019, 77, 0},
		{54563, 77, 0},
		{397, 77, 0},
		{142639, 78, 0},
		{79143, 78, 0},
		{118248, 3, 5},
		{9449, 78, 0},
		{136047, 0, 5},
		{511245, 0, 0},
		{647840, 0, 0},
	} {
		f := func(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) caspaxostest.Part {
			if run.source != 0 {
				s.Rand = rand.New(rand.NewPCG(run.seed, run.source))
			}
			return sound(h, o, s)
		}
		a := conformance.CrashRecovery()
		a.Processes = run.processes
		o := caspaxostest.Hunt(f, a, run.seed, nil)
		require.Empty(t, o.Failures, "seed %d", run.seed)
	}
}
