package shrink_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/sim/shrink"
)

// needs makes a Play that fails if all of some elements are there.
func needs(all ...int) func(candidate []int) ([]int, bool) {
	return func(candidate []int) ([]int, bool) {
		for _, e := range all {
			if !slices.Contains(candidate, e) {
				return candidate, false
			}
		}
		return candidate, true
	}
}

func numbers(n int) []int {
	var all []int
	for i := range n {
		all = append(all, i)
	}
	return all
}

func TestLeavesOutWhatIsNotNeeded(t *testing.T) {
	for _, needed := range [][]int{nil, {0}, {999}, {3, 500, 501, 998}, {0, 1, 2, 3, 4, 5, 6}} {
		rest, report, err := shrink.Task[int]{
			Schedule: numbers(1000), Play: needs(needed...), Budget: 1000,
		}.Minimal()
		require.NoError(t, err)
		require.Equal(t, needed, append([]int(nil), rest...))
		require.True(t, report.Complete)
		require.Equal(t, 1000, report.Before)
		require.Equal(t, len(needed), report.After)
		require.Less(t, report.Plays, 250, "%v takes more plays than it used to", needed)
	}
}

// What is broken and what mends it go together or not at all.
func TestLeavesOutPairs(t *testing.T) {
	play := func(candidate []int) ([]int, bool) {
		both := slices.Contains(candidate, 10) == slices.Contains(candidate, 90)
		return candidate, both && slices.Contains(candidate, 50)
	}
	rest, _, err := shrink.Task[int]{Schedule: numbers(100), Play: play, Budget: 1000}.Minimal()
	require.NoError(t, err)
	require.Equal(t, []int{50}, rest)
}

// What had no effect goes without being tried, but for the result as a whole.
func TestEffective(t *testing.T) {
	play := func(candidate []int) ([]int, bool) {
		_, fails := needs(7)(candidate)
		return slices.DeleteFunc(slices.Clone(candidate), func(e int) bool { return e > 9 }), fails
	}
	rest, report, err := shrink.Task[int]{
		Schedule: numbers(10000), Play: play, Budget: 100,
	}.Minimal()
	require.NoError(t, err)
	require.Equal(t, []int{7}, rest)
	require.Less(t, report.Plays, 15)
}

// A play that is wrong about what had an effect does no harm: the result fails.
func TestEffectiveIsNotTrusted(t *testing.T) {
	play := func(candidate []int) ([]int, bool) {
		_, fails := needs(3, 70)(candidate)
		return candidate[:min(len(candidate), 10)], fails
	}
	rest, _, err := shrink.Task[int]{Schedule: numbers(100), Play: play, Budget: 1000}.Minimal()
	require.NoError(t, err)
	require.Equal(t, []int{3, 70}, rest)
}

func TestSimpler(t *testing.T) {
	sum := func(candidate []int) ([]int, bool) {
		total := 0
		for _, e := range candidate {
			total += e
		}
		return candidate, total >= 25
	}
	simpler := func(e int) []int {
		if e == 0 {
			return nil
		}
		return []int{e / 2, e - 1}
	}
	rest, report, err := shrink.Task[int]{
		Schedule: numbers(20), Play: sum, Simpler: simpler, Budget: 1000,
	}.Minimal()
	require.NoError(t, err)
	require.True(t, report.Complete)
	_, fails := sum(rest)
	require.True(t, fails)
	for i := range rest {
		_, fails := sum(slices.Concat(rest[:i], []int{rest[i] - 1}, rest[i+1:]))
		require.False(t, fails, "%v can be simpler", rest)
	}
}

func TestSound(t *testing.T) {
	_, report, err := shrink.Task[int]{
		Schedule: numbers(10), Play: needs(11), Budget: 100,
	}.Minimal()
	require.ErrorIs(t, err, shrink.ErrSound)
	require.Equal(t, 1, report.Plays)
}

// The result fails, whatever fails and however small the budget; and it is the same each time.
func TestResultFails(t *testing.T) {
	for seed := range uint64(200) {
		play := rough(seed)
		random := rand.New(rand.NewPCG(seed, 2))
		task := shrink.Task[int]{
			Schedule: numbers(1 + random.IntN(60)), Play: play, Budget: 1 + random.IntN(300),
		}
		played, shortest := 0, len(task.Schedule)
		task.Progress = func(p shrink.Progress) bool {
			played++
			require.Equal(t, played, p.Plays)
			require.LessOrEqual(t, p.Length, shortest)
			shortest = p.Length
			return true
		}
		rest, report, err := task.Minimal()
		require.Equal(t, played, report.Plays)
		require.LessOrEqual(t, played, task.Budget)
		if err != nil {
			continue
		}
		_, fails := play(rest)
		require.True(t, fails, "seed %d: %v", seed, rest)
		for i := range rest {
			_, fails := play(slices.Concat(rest[:i], rest[i+1:]))
			require.False(t, fails && report.Complete, "seed %d: %v without %d", seed, rest, i)
		}
		task.Progress = nil
		again, _, _ := task.Minimal()
		require.Equal(t, rest, again)
	}
}

// rough is a Play in which leaving out an element can change everything, as in real runs.
func rough(seed uint64) func(candidate []int) ([]int, bool) {
	return func(candidate []int) ([]int, bool) {
		h := seed
		for _, e := range candidate {
			h = h*31 + uint64(e)
		}
		return candidate, rand.New(rand.NewPCG(h, 3)).IntN(3) > 0
	}
}

// Whoever hears of the progress can end it.
func TestEnds(t *testing.T) {
	rest, report, err := shrink.Task[int]{
		Schedule: numbers(1000), Play: needs(3, 800), Budget: 1000,
		Progress: func(p shrink.Progress) bool { return p.Plays < 10 },
	}.Minimal()
	require.NoError(t, err)
	require.Equal(t, 10, report.Plays)
	require.False(t, report.Complete)
	_, fails := needs(3, 800)(rest)
	require.True(t, fails)
}

func TestReport(t *testing.T) {
	require.Equal(t, "3 of 100 after 40 plays", shrink.Report{40, 100, 3, true}.String())
	require.Equal(t, "9 of 100 after 40 plays, where the budget ended",
		shrink.Report{40, 100, 9, false}.String())
}
