package costs_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/leader"
	"paxon/omega"
	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim/costs"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the expected costs in testdata")

// TestCosts pins what every composition costs. The file is a table for a README.
func TestCosts(t *testing.T) {
	var b strings.Builder
	b.WriteString("| variant | n | W | broadcasts | decision | delivered there | delivered everywhere " +
		"| messages | forced logs |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, e := range catalog.Variants() {
		for _, n := range []int{3, 5} {
			for _, window := range []uint64{1, 4} {
				for _, leader := range []bool{true, false} {
					c, err := costs.Count(costs.Config{
						Variant: e.Variant, Processes: n, Window: window, Leader: leader,
					})
					require.NoError(t, err, "%s of %d, window %d, leader %v", e.Name, n, window, leader)
					who := "leader"
					if !leader {
						who = "another"
					}
					fmt.Fprintf(&b, "| `%s` | %d | %d | %s | %s | %s | %s | %g | %g |\n", e.Name, n, window,
						who, c.Decision, c.Delivery, c.Elsewhere, c.Messages, c.Forced)
				}
			}
		}
	}
	const path = "testdata/costs.md"
	if *rewrite {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	}
	expected, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(expected), b.String(), "go test ./sim/costs -rewrite accepts it")
}

func TestPath(t *testing.T) {
	require.Equal(t, "2 steps, 1 force", costs.Path{Steps: 2, Forced: 1}.String())
	require.Equal(t, "1 step, 2 forces", costs.Path{Steps: 1, Forced: 2}.String())
	require.Equal(t, "4 steps", costs.Path{Steps: 4}.String())
	require.Equal(t, "1 force, 3 reads", costs.Path{Forced: 1, Reads: 3}.String())
	require.Empty(t, costs.Path{}.String())
}

// A regular decision takes two round trips, and a fast one takes one, as the paper counts (§6.4).
// Its third and second forced log are those of the delivered log, which the registers' logs make
// needless here. On disks, a phase is a forced write and a read of each disk, as Gafni and Lamport
// count; Summer reads once more where it has not been before, or for permission.
func TestPaper(t *testing.T) {
	for name, want := range map[string]costs.Path{
		"paxos": {Steps: 4, Forced: 2}, "spring": {Steps: 4, Forced: 2},
		"fall": {Steps: 2, Forced: 1}, "fall+spring": {Steps: 2, Forced: 1},
		"crash-stop": {Steps: 4}, "winter": {Steps: 4}, "fall+winter": {Steps: 2},
		"summer": {Forced: 2, Reads: 3}, "fall+summer": {Forced: 1, Reads: 2},
	} {
		v, err := catalog.ByName(name)
		require.NoError(t, err)
		c, err := costs.Count(costs.Config{Variant: v, Processes: 3, Window: 4, Leader: true})
		require.NoError(t, err)
		require.Equal(t, want, c.Decision, name)
		require.InDelta(t, float64(3*want.Forced), c.Forced, 0, "%s: as many at each process", name)
	}
}

// What is not a stable period is not counted.
func TestNoLeader(t *testing.T) {
	v := seasons.Paxos()
	v.Leader = nobody
	_, err := costs.Count(costs.Config{Variant: v, Processes: 3, Window: 1, Leader: true})
	require.ErrorContains(t, err, "TO1 Termination is violated")
}

func nobody(seasons.Host, omega.Part) leader.Leader { return none{} }

type none struct{}

func (none) Leader() (process.ID, bool) { return 0, false }
