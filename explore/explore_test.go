package explore_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/draw"
	"paxon/explore"
	"paxon/explore/setting"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim"
	"paxon/sim/flawed"
)

var rewrite = flag.Bool("rewrite", false, "draw the figure anew")

const trap1 = "../docs/trap1.svg"

func variant(t *testing.T, name string) seasons.Variant {
	t.Helper()
	v, err := catalog.ByName(name)
	require.NoError(t, err)
	return v
}

// small is one propose each by two processes, a crash and a recovery.
func small() explore.Bounds {
	return explore.Bounds{
		Processes: 3, Rounds: []int{1, 1}, Instances: 1, Crashes: 1, Recoveries: 1,
	}
}

func search(t *testing.T, c explore.Config) explore.Result {
	t.Helper()
	c.Workers = 2
	r, err := explore.Run(t.Context(), c)
	require.NoError(t, err)
	return r
}

// The numbers of states of these searches are known. One that changes says that the behaviour of a
// part has changed, or the way in which states are told apart.
func TestPinned(t *testing.T) {
	for _, pinned := range []struct {
		variant             string
		states, transitions uint64
	}{
		{"crash-stop", 9421, 79078},
		{"paxos", 505528, 1859897},
		{"winter", 149736, 1621151},
		{"fall", 599789, 2227472},
	} {
		t.Run(pinned.variant, func(t *testing.T) {
			r := search(t, explore.Config{
				Model:      explore.Consensus(variant(t, pinned.variant), small()),
				Reductions: explore.AllReductions(),
			})
			require.Nil(t, r.Violation)
			require.Empty(t, r.Cut)
			require.Empty(t, r.Never)
			require.Equal(t, []uint64{pinned.states, pinned.transitions},
				[]uint64{r.States, r.Transitions})
		})
	}
}

// Two histories that are taken for one have the same future.
func TestTwins(t *testing.T) {
	b := small()
	b.Recoveries = 0
	for _, name := range []string{"crash-stop", "paxos", "winter", "fall"} {
		search(t, explore.Config{
			Model: explore.Consensus(variant(t, name), b), Reductions: explore.AllReductions(),
			Twins: true,
		})
	}
	for _, name := range []string{"paxos"} {
		search(t, explore.Config{
			Model: explore.Broadcast(variant(t, name), one(1)), Reductions: explore.AllReductions(),
			Twins: true, Depth: 12,
		})
	}
}

// Agreement falls if rounds begin anew after a recovery, as Fig. 13 of the paper prints it. The
// choices are those of the figure in docs; docs/explore.md has the command that finds them.
func TestRoundsThatBeginAnew(t *testing.T) {
	s, err := setting.ReadFile("../docs/trap1.txt")
	require.NoError(t, err)
	require.True(t, s.Setting.AsPrinted)
	require.Len(t, s.Choices, 18)
	var trace bytes.Buffer
	out := sim.NewTrace(&trace)
	violation, err := s.Replay(out)
	require.NoError(t, err)
	require.NotNil(t, violation)
	require.Equal(t, sim.ConsensusAgreement, violation.Property)
	require.Contains(t, trace.String(), `"event":"violation"`)

	options := draw.DefaultOptions()
	options.Title = s.Setting.Variant + ": " + violation.Property
	pages, err := draw.Pages(sim.ReadTrace(&trace, "trap1"), options)
	require.NoError(t, err)
	if *rewrite {
		require.NoError(t, os.WriteFile(trap1, pages[0], 0o644))
	}
	drawn, err := os.ReadFile(trap1)
	require.NoError(t, err)
	require.Equal(t, string(drawn), string(pages[0]), "go test ./explore -rewrite draws it")
}

// Symmetric processes are taken for one another on the way to a violation, and the schedule holds.
func TestScheduleUnderSymmetry(t *testing.T) {
	f, err := flawed.ByName("half")
	require.NoError(t, err)
	b := small()
	b.Processes = 4
	c := explore.Config{Model: explore.Consensus(f.Variant, b), Reductions: explore.AllReductions()}
	r := search(t, c)
	require.NotNil(t, r.Violation)
	c.Workers = 1
	again, err := explore.Replay(c, r.Schedule, nil)
	require.NoError(t, err)
	require.Equal(t, r.Violation.Property, again.Property)
}

// A search that is cut by its bound on states ends at the same states each time.
func TestCutAtTheSameStates(t *testing.T) {
	c := explore.Config{
		Model: explore.Consensus(variant(t, "paxos"), small()), Workers: 1, States: 5000,
		Reductions: explore.AllReductions(),
	}
	first, err := explore.Run(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, "5000 states", first.Cut)
	require.Less(t, first.States, uint64(6000))
	again, err := explore.Run(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, []uint64{first.States, first.Transitions}, []uint64{again.States, again.Transitions})
}
