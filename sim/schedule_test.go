package sim_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim"
	"paxon/sim/flawed"
	"paxon/sim/shrink"
)

// TestRecordingChangesNothing shows that a run that is recorded is the run of its seed.
func TestRecordingChangesNothing(t *testing.T) {
	for _, v := range catalog.Variants() {
		c := sim.DefaultConfig(v.Variant, 3)
		for seed := range uint64(2) {
			_, recorded := sim.Record(c, seed)
			require.Equal(t, sim.Run(c, seed, nil), recorded, "%s, seed %d", v.Name, seed)
		}
	}
}

// TestScheduleIsTheRun shows that a schedule has the trace of the run that it was recorded from, to
// the byte. Where nothing is violated the end may differ: when all is delivered is looked at only
// after every few events, and those that changed nothing are not in the schedule.
func TestScheduleIsTheRun(t *testing.T) {
	for _, v := range catalog.Variants() {
		c := sim.DefaultConfig(v.Variant, 3)
		for seed := range uint64(2) {
			s, _ := sim.Record(c, seed)
			run := traceOf(func(trace *sim.Trace) { sim.Run(c, seed, trace) })
			played := traceOf(func(trace *sim.Trace) { s.Play(v.Variant, trace) })
			n := min(len(run), len(played))
			require.Equal(t, run[:n], played[:n], "%s, seed %d", v.Name, seed)
			require.Greater(t, n, len(run)*9/10, "%s, seed %d", v.Name, seed)
		}
	}
}

// broken is a composition that is broken, and the first run in which that shows.
func broken(t *testing.T, name string) (flawed.Composition, sim.Schedule, sim.Result) {
	t.Helper()
	flaw, err := flawed.ByName(name)
	require.NoError(t, err)
	for seed := range flaw.Seeds {
		if flaw.Kills(sim.Run(flaw.Config(), seed, nil)) {
			s, r := sim.Record(flaw.Config(), seed)
			return flaw, s, r
		}
	}
	require.Fail(t, "nothing shows", name)
	return flaw, sim.Schedule{}, sim.Result{}
}

// TestScheduleHasTheViolation shows the same of runs in which a property falls.
func TestScheduleHasTheViolation(t *testing.T) {
	for _, name := range []string{
		"minority", "holes-stay", "delivered-again", "winter-nacks", "summer-one-disk",
	} {
		flaw, s, recorded := broken(t, name)
		require.Equal(t, recorded.Violation.Property, s.Property)
		require.Equal(t, recorded.Violation, s.Play(flaw.Variant, nil).Violation, name)
	}
}

// TestMinimal shows that of the many interventions of a run a handful is left, that the same
// property falls, and that none of them can be left out.
func TestMinimal(t *testing.T) {
	for name, most := range map[string]int{
		"minority": 3, "promise-lost": 8, "clients-forgotten": 10, "holes-stay": 4,
		"winter-answers": 4, "summer-one-disk": 5, "fall-minority": 4,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flaw, s, _ := broken(t, name)
			require.Greater(t, len(s.Interventions), 100)
			short, report, err := s.Minimal(flaw.Variant, 3000, nil)
			require.NoError(t, err)
			require.True(t, report.Complete)
			require.LessOrEqual(t, len(short.Interventions), most)

			r := short.Play(flaw.Variant, nil)
			require.NotNil(t, r.Violation)
			require.Equal(t, s.Property, r.Violation.Property)
			require.Equal(t, short.Detail, r.Violation.Detail)
			for n := range short.Interventions {
				without := short
				without.Interventions = slices.Delete(slices.Clone(short.Interventions), n, n+1)
				r := without.Play(flaw.Variant, nil)
				require.False(t, r.Violation != nil && r.Violation.Property == s.Property)
			}
		})
	}
}

// TestMinimalIsDeterministic shows that a schedule has one minimal schedule.
func TestMinimalIsDeterministic(t *testing.T) {
	flaw, s, _ := broken(t, "winter-nacks")
	var plays int
	first, report, err := s.Minimal(flaw.Variant, 3000, func(p shrink.Progress) bool {
		plays++
		require.Equal(t, plays, p.Plays)
		return true
	})
	require.NoError(t, err)
	require.Equal(t, plays, report.Plays)
	second, again, err := s.Minimal(flaw.Variant, 3000, nil)
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.Equal(t, report, again)
}

// TestMinimalOfSound shows that nothing is made of a schedule whose property holds.
func TestMinimalOfSound(t *testing.T) {
	s, _ := sim.Record(sim.DefaultConfig(seasons.Paxos(), 3), 1)
	s.Property = sim.Agreement
	_, _, err := s.Minimal(seasons.Paxos(), 100, nil)
	require.ErrorIs(t, err, shrink.ErrSound)
}

// TestCalm shows that a run without interventions delivers nothing and violates nothing.
func TestCalm(t *testing.T) {
	s, _ := sim.Record(sim.DefaultConfig(seasons.Paxos(), 3), 1)
	s.Interventions = nil
	r := s.Play(seasons.Paxos(), nil)
	require.Nil(t, r.Violation)
	require.Zero(t, r.Delivered)
}

func traceOf(run func(trace *sim.Trace)) string {
	var out bytes.Buffer
	run(sim.NewTrace(&out))
	return out.String()
}
