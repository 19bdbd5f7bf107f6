package stage

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
)

// A tape plays what it has recorded, and a run without a tape is the run of its seed.
func TestTape(t *testing.T) {
	draw := func(random *rand.Rand, tape *tape) (all []int) {
		all = append(all, random.IntN(1000))
		for range tape.length(5) {
			tape.next()
			all = append(all, random.IntN(7), random.IntN(100))
		}
		tape.end()
		return append(all, random.IntN(3))
	}
	plain := draw(rand.New(rand.NewPCG(4, 1)), nil)
	recorded := recording(4)
	require.Equal(t, plain, draw(rand.New(recorded), recorded))
	again := playing(recorded.drawing)
	require.Equal(t, plain, draw(rand.New(again), again))

	less := recorded.drawing
	less.steps = append(append([][]uint64(nil), less.steps[:1]...), less.steps[3:]...)
	without := playing(less)
	require.Equal(t, append(append(plain[:3:3], plain[7:11]...), plain[11:]...),
		draw(rand.New(without), without), "what is left out changes the rest")
}

// What is reported is the run without the steps that the violation does not need.
func TestShortest(t *testing.T) {
	flawed := idle(func(a *Attempt) { a.Done = true; a.Committed = true; a.Value = nil })
	flawed.Inspect = func(s *Stage) {
		if len(s.invoked[1]) > 0 {
			s.Fail(Progress, "something was begun in L1")
		}
	}
	for seed := range uint64(20) {
		o := Hunt(flawed, conformance.CrashRecovery(), seed, false)
		if o.Violation == nil || o.Violation.Property != Progress {
			continue
		}
		require.Contains(t, o.Log, "(0 of the run's ", "the end of the run alone shows it")
		require.Equal(t, o, Hunt(flawed, conformance.CrashRecovery(), seed, false))
		return
	}
	require.Fail(t, "nothing fell")
}
