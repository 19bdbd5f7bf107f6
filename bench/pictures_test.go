package bench

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// pictured is a report of some settings, each with the throughput of its place.
func pictured(settings []Setting) Report {
	r := Report{Conditions: conditionsOf(goodConfig())}
	for i, s := range settings {
		rate := float64(i + 1)
		r.Points = append(r.Points, pointOf(s.withDefaults(), []Repetition{
			{Messages: 1, PerSecond: rate, P50: 1e-3, P99: 2e-3},
			{Messages: 1, PerSecond: 2 * rate, P50: 1e-3, P99: 3e-3},
		}, sampleLimits(), sampleBandwidths()))
	}
	return r
}

// TestPlots draws what differs, and nothing else.
func TestPlots(t *testing.T) {
	for name, c := range map[string]struct {
		dimensions Dimensions
		want       []string
	}{
		"one point": {Dimensions{Processes: []int{3}, Sizes: []int{16}, Outstandings: []int{1}}, nil},
		"names differ": {
			Dimensions{
				Processes: []int{3}, Sizes: []int{16}, At: []At{AtAll, AtOther}, Outstandings: []int{1},
			}, nil,
		},
		"loads": {
			Dimensions{
				Processes: []int{3}, Sizes: []int{16}, Fsync: []bool{true, false}, Outstandings: []int{64, 1},
				Rates: []float64{5, 5e5},
			},
			[]string{
				"latency-by-outstanding", "latency-by-rate", "throughput-by-outstanding",
				"throughput-by-rate",
			},
		},
		"many lines": {
			Dimensions{
				Processes: []int{3, 5}, Sizes: []int{16}, Outstandings: []int{1},
				At: []At{AtLeader, AtOther, AtOthers, AtAll}, Fsync: []bool{true, false},
			},
			[]string{
				"latency-by-processes-1", "latency-by-processes-2", "throughput-by-processes-1",
				"throughput-by-processes-2",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, pictured(c.dimensions.Settings()).Plots(dir))
			var names []string
			for _, suffix := range []string{".svg", ".png"} {
				files, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
				require.NoError(t, err)
				names = nil
				for _, f := range files {
					base := filepath.Base(f)
					names = append(names, base[:len(base)-len(suffix)])
				}
				require.Equal(t, c.want, names)
			}
		})
	}
	settings := Dimensions{Processes: []int{3, 5}, Sizes: []int{16}, Outstandings: []int{1}}.Settings()
	require.ErrorIs(t, pictured(settings).Plots(filepath.Join(t.TempDir(), "missing")), os.ErrNotExist)
}

func TestLinesBy(t *testing.T) {
	r := pictured(Dimensions{
		Processes: []int{3}, Variants: []string{"paxos", "fall+spring"}, Sizes: []int{16},
		At: []At{AtLeader, AtAll}, Outstandings: []int{64, 1},
	}.Settings())
	lines := r.linesBy(abscissas()[0])
	require.Len(t, lines, 4)
	require.Equal(t, "paxos, at leader", lines[0].name)
	require.Equal(t, 1, lines[0].points[0].Outstanding, "in the order of the number")
	require.Equal(t, "fall+spring, at all", lines[3].name)
	require.Equal(t, []float64{1, 64}, r.throughput(abscissas()[0], lines).X.Ticks)
	single := pictured(Dimensions{
		Processes: []int{3, 5}, Sizes: []int{16}, Outstandings: []int{1},
	}.Settings())
	require.Equal(t, "C=1", single.linesBy(abscissas()[2])[0].name)
}
