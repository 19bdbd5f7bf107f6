package figures

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/bench"
	"paxon/bench/figures/model"
	"paxon/bench/plot"
)

func TestByName(t *testing.T) {
	all, err := ByName("all")
	require.NoError(t, err)
	require.Len(t, all, 7)
	one, err := ByName("26b")
	require.NoError(t, err)
	require.Len(t, one, 1)
	require.Equal(t, "26b", one[0].Name)
	_, err = ByName("28")
	var unknown *UnknownError
	require.ErrorAs(t, err, &unknown)
	require.ErrorContains(t, err, "23a, 23b, 24, 25, 26a, 26b, 27")
}

// TestChartsCanBeMeasured checks all that is to be measured without measuring it.
func TestChartsCanBeMeasured(t *testing.T) {
	names := map[string]bool{}
	for _, f := range All() {
		for _, s := range []Scale{Paper, Machine} {
			for _, c := range f.charts(s) {
				name := c.name + string(s)
				require.False(t, names[name], "%s is there twice", name)
				names[name] = true
				require.True(t, strings.HasPrefix(c.name, f.Name), c.name)
				for _, l := range c.lines {
					require.Len(t, l.points, len(c.lines[0].points), "%s, %s", name, l.name)
					for i, p := range l.points {
						require.InDelta(t, c.lines[0].points[i].x, p.x, 0)
						check(t, s, p)
					}
				}
			}
		}
	}
}

func check(t *testing.T, s Scale, p point) {
	t.Helper()
	switch {
	case s == Paper:
		require.NotNil(t, p.simulated)
		loads := 0
		for _, given := range []bool{
			p.simulated.Outstanding > 0, p.simulated.Rate > 0, p.simulated.Burst > 0,
		} {
			if given {
				loads++
			}
		}
		require.Equal(t, 1, loads, "%+v", p.simulated)
	case p.recovered != nil:
		require.Positive(t, p.recovered.messages)
	default:
		require.NoError(t, p.measured.Check())
	}
}

// tiny is a figure that is measured in no time.
func tiny(points ...point) Figure {
	return Figure{Name: "1", charts: func(Scale) []chart {
		return []chart{{
			name: "1", title: "Tiny", conditions: "little", x: plot.Axis{Label: "processes"},
			y: perSecond(), lines: []line{{name: "fast", points: points}},
		}}
	}}
}

func small(processes int) point {
	return point{x: float64(processes), simulated: &model.Setting{
		Variant: fast, Processes: processes, Window: 1, Messages: 1, Size: 100, At: bench.AtAll,
		Costs: model.Paper(), Burst: 5,
	}}
}

func TestRunSimulates(t *testing.T) {
	var charts []Chart
	c := Config{
		Figures: []Figure{tiny(small(2), small(3))}, Scales: []Scale{Paper}, Seeds: 3,
		Bench: bench.Config{Dir: t.TempDir()},
	}
	reported := 0
	c.Progress = func(done, all int, _ string) {
		require.Equal(t, 6, all)
		require.GreaterOrEqual(t, done, reported)
		reported = done
	}
	collect := func(c Chart) error {
		charts = append(charts, c)
		return nil
	}
	require.NoError(t, Run(t.Context(), c, collect))
	require.NoError(t, Run(t.Context(), Config{
		Figures: c.Figures, Scales: c.Scales, Seeds: 3, Bench: c.Bench,
	}, collect))
	require.Equal(t, 6, reported)
	require.Len(t, charts, 2)
	require.Equal(t, charts[0], charts[1], "F3")
	got := charts[0]
	require.Equal(t, "figure1-paper", got.Name)
	require.Len(t, got.Lines[0].Points, 2)
	require.Len(t, got.Lines[0].Points[0].Values, 3)
	require.Positive(t, got.Lines[0].Points[0].Min)

	var out bytes.Buffer
	require.NoError(t, got.Text(&out))
	require.Contains(t, out.String(), "figure1-paper: Tiny, in messages/s")
	require.Contains(t, out.String(), "median of 3 runs")
	out.Reset()
	require.NoError(t, got.JSON(&out))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 2)
	var first map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &first))
	for _, key := range []string{
		"figure", "scale", "line", "x", "median", "min", "max", "values", "simulated", "conditions", "host",
	} {
		require.Contains(t, first, key)
	}
	dir := t.TempDir()
	require.NoError(t, got.Save(dir))
	require.FileExists(t, filepath.Join(dir, "figure1-paper.svg"))
	require.FileExists(t, filepath.Join(dir, "figure1-paper.png"))
	require.NoError(t, got.Save(""))
}

func TestRunReportsWhatFails(t *testing.T) {
	unknown := small(3)
	unknown.simulated.Variant = "autumn"
	none := func(Chart) error { return nil }
	err := Run(t.Context(), Config{Figures: []Figure{tiny(unknown)}, Scales: []Scale{Paper}, Seeds: 1}, none)
	require.ErrorContains(t, err, "figure 1, scale paper: unknown variant")
	ctx, stop := context.WithCancelCause(t.Context())
	stop(os.ErrDeadlineExceeded)
	err = Run(ctx, Config{Figures: []Figure{tiny(small(2))}, Scales: []Scale{Paper}, Seeds: 1}, none)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestRecoveryOnThisMachine(t *testing.T) {
	var got Chart
	require.NoError(t, Run(t.Context(), Config{
		Figures: []Figure{tiny(
			point{x: 20, recovered: &recovery{messages: 20}},
			point{x: 30, recovered: &recovery{messages: 30, checkpoint: 8}},
		)},
		Scales: []Scale{Machine}, Bench: bench.Config{Dir: t.TempDir(), Repeat: 1, Duration: time.Second},
	}, func(c Chart) error {
		got = c
		return nil
	}))
	require.Equal(t, "figure1-machine", got.Name)
	require.Positive(t, got.Lines[0].Points[1].Median)
}
