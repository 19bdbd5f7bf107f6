package killboard_test

import (
	"context"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos/caspaxostest"
	"paxon/conformance"
	"paxon/killboard"
	"paxon/register/registertest/stage"
	"paxon/sim/flawed"
)

// Every broken part dies; sim/flawed has the same for compositions.
func TestEverythingDies(t *testing.T) {
	for _, part := range killboard.Parts() {
		if part == killboard.Composition {
			continue
		}
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			board, err := killboard.Run(t.Context(), killboard.Config{
				Budget: killboard.Budget{Schedules: 100}, Part: part, First: true, Workers: 1,
			})
			require.NoError(t, err)
			require.NotEmpty(t, board.Rows)
			seeds := stage.Seeds
			if part == "caspaxos" {
				seeds = caspaxostest.Seeds
			}
			for _, row := range board.Rows {
				require.NotEmpty(t, row.Killers(), "%s survives: %+v", row.ID(), row.Verdicts)
				for _, layer := range []string{conformance.Seeds, conformance.Progress} {
					require.LessOrEqual(t, 10*row.Of(layer).After, seeds,
						"%s: expected ten times as many seeds by default", row.ID())
				}
			}
		})
	}
}

// A checker without a chance kills nothing, and says so.
func TestSurvivors(t *testing.T) {
	board, err := killboard.Run(t.Context(), killboard.Config{
		Budget: killboard.Budget{Seeds: 1, Schedules: 1}, Only: "register/lowest-wins",
	})
	require.NoError(t, err)
	require.Len(t, board.Survivors(), 1)
	require.Equal(t, killboard.Survived, board.Rows[0].Of("seeds").Result)
	_, found := board.Worst("seeds", false)
	require.False(t, found)
}

func TestVerdicts(t *testing.T) {
	board, err := killboard.Run(t.Context(), killboard.Config{
		Budget: killboard.Budget{Seeds: 60, Schedules: 20}, Only: "forgotten-promise",
	})
	require.NoError(t, err)
	require.Len(t, board.Rows, 1)
	row := board.Rows[0]
	require.Equal(t, "register/forgotten-promise", row.ID())
	require.Equal(t, killboard.Survived, row.Of("script").Result)
	require.Equal(t, killboard.None, row.Of("progress").Result)
	for _, checker := range []string{"seeds", "persistence"} {
		v := row.Of(checker)
		require.Equal(t, killboard.Killed, v.Result)
		require.Equal(t, "RWC Read-write-commit", v.Property)
		require.Positive(t, v.After)
		require.NotEmpty(t, v.Replay)
		require.Contains(t, row.Killers(), checker)
		worst, found := board.Worst(checker, false)
		require.True(t, found)
		require.Equal(t, row.ID(), worst.ID())
		_, found = board.Worst(checker, true)
		require.False(t, found, "another checker kills it, too")
	}
}

// A composition is searched as well.
func TestExplore(t *testing.T) {
	board, err := killboard.Run(t.Context(), killboard.Config{
		Budget: killboard.Budget{Seeds: 1}, Only: "composition/minority",
	})
	require.NoError(t, err)
	v := board.Rows[0].Of(killboard.Explore)
	require.Equal(t, killboard.Killed, v.Result)
	require.Less(t, v.After, 1000)
	require.NotEmpty(t, v.Replay)
}

func TestUnknown(t *testing.T) {
	_, err := killboard.Run(t.Context(), killboard.Config{Only: "nothing"})
	var unknown *killboard.UnknownError
	require.ErrorAs(t, err, &unknown)
	_, err = killboard.Run(t.Context(), killboard.Config{Part: "tob", Only: "forgotten-promise"})
	require.ErrorContains(t, err, `no broken part "forgotten-promise" in "tob"`)
}

func TestStopsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := killboard.Run(ctx, killboard.Config{
		Part: "leader", First: true,
		Progress: func(done, all int) {
			require.LessOrEqual(t, done, all)
			cancel()
		},
	})
	require.ErrorIs(t, err, context.Canceled)
}

func TestEntries(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range killboard.Entries() {
		require.False(t, seen[e.ID()], "%s is there twice", e.ID())
		seen[e.ID()] = true
		require.Contains(t, killboard.Parts(), e.Part)
		require.Regexp(t, `^[a-z0-9+-]+$`, e.Name)
		require.NotEmpty(t, e.Broken, e.ID())
		require.NotEmpty(t, e.Properties, e.ID())
	}
}

// Every trap that the design lists is there, and the figures that are wrong as printed.
func TestTrapsAreThere(t *testing.T) {
	sources := ""
	for _, e := range killboard.Entries() {
		sources += e.Source + "\n"
	}
	for trap := 1; trap <= 14; trap++ {
		require.Regexp(t, `\btrap `+strconv.Itoa(trap)+`\b`, sources)
	}
}

// The page has the entries that there are, and nothing survives on it.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../docs/killboard.md")
	require.NoError(t, err)
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([a-z]+/\S+) \|`).FindAllStringSubmatch(string(page), -1) {
		listed[m[1]] = true
	}
	for _, e := range killboard.Entries() {
		require.True(t, listed[e.ID()],
			"docs/killboard.md lacks %s: write it again with paxon killboard --markdown", e.ID())
		delete(listed, e.ID())
	}
	require.Empty(t, listed, "docs/killboard.md has what is there no more")
	require.Contains(t, string(page), "no survivors")
}

// slow are the compositions that need more runs than a tenth of what continuous integration does,
// and what finds them sooner.
func slow() map[string]string {
	return map[string]string{
		"winter-recount":        "a script of registertest",
		"winter-rounds-restart": "a script of consensustest, on trap 1 with stable storage",
	}
}

// Continuous integration does ten times the runs that it takes to find what is broken.
func TestBudget(t *testing.T) {
	script, err := os.ReadFile("../.ci/run")
	require.NoError(t, err)
	m := regexp.MustCompile(`(?m)^seeds=\$\{SEEDS:-(\d+)\}$`).FindSubmatch(script)
	require.NotNil(t, m, "no line seeds=${SEEDS:-…}")
	seeds, err := strconv.ParseUint(string(m[1]), 10, 64)
	require.NoError(t, err)
	require.Contains(t, string(script), "for variant in crash-stop paxos fall+spring; do")
	require.Contains(t, string(script), "$((seeds / 5))")
	for _, c := range flawed.All() {
		budget := seeds
		if strings.Contains(c.Name, "winter-") || strings.Contains(c.Name, "summer-") {
			budget /= 5 // Fall runs with Spring, as often as plain Paxos.
		}
		if _, excepted := slow()[c.Name]; excepted {
			require.Greater(t, 10*c.Seeds, budget, "%s is no exception any more", c.Name)
			continue
		}
		require.LessOrEqual(t, 10*c.Seeds, budget, "%s falls within %d runs: expected a budget of "+
			"ten times that, or a reason", c.Name, c.Seeds)
	}
}
