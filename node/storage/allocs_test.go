//go:build !race

package storage

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/register"
)

// In the steady state, what is put, appended and forced costs no allocation for each record or
// batch, but for what the file system and the table of rows take now and then. (The race
// detector makes pools forget at random, so it does not run there.)
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	s, err := Open(t.TempDir()+"/p1", testIdentity, Options{Unforced: true})
	require.NoError(t, err)
	head, batch, tail := make([]byte, 20), patterned(8<<10, 1), make([]byte, 5)
	const batches = 16
	l := uint64(1)
	deliver := func() {
		for range batches {
			s.PutValue(BatchSpace, l, head, batch, tail)
			s.Put(1, 1, tail)
			s.History.Append(batch, true)
			l++
		}
		s.Forget(BatchSpace, l-batches)
		if now, err := s.ForceNow(); !now || err != nil {
			t.Fatal(now, err)
		}
	}
	for range 100 {
		deliver()
	}
	require.Less(t, testing.AllocsPerRun(100, deliver), float64(batches)/2)

	for _, n := range []int{1, 40} {
		from := register.Instance(l) - register.Instance(n)
		require.LessOrEqual(t, testing.AllocsPerRun(100, func() {
			got, err := s.History.ReadAt(from, 1<<20)
			if err != nil || len(got) != n {
				t.Fatal(len(got), err)
			}
		}), 1.0, "batches at the end of the history are not copied")
	}
	require.NoError(t, s.Close())
}
