package plot_test

import (
	"bytes"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/bench/plot"
)

func lines() plot.Picture {
	return plot.Picture{
		Title:      "Throughput by messages on their way",
		Conditions: "3 processes, 128 B, fsync on, median of 5 with the range",
		X:          plot.Axis{Label: "messages on their way", Log: true, Ticks: []float64{1, 64, 1024, 8192}},
		Y:          plot.Axis{Label: "messages/s", Log: true},
		Lines: []plot.Line{
			{Name: "fall+spring", Points: []plot.Point{
				{X: 1, Y: 3e3, Low: 2.9e3, High: 3.1e3},
				{X: 64, Y: 1e5, Low: 7e4, High: 1.2e5},
				plot.At(1024, 1e6), plot.At(8192, 1.9e6),
			}},
			{Name: "paxos", Dashed: true, Points: []plot.Point{plot.At(1, 2e3), plot.At(64, 7e4)}},
		},
		Levels: []plot.Level{{Name: "what the disk allows", Y: 5e5}},
	}
}

func groups() plot.Picture {
	return plot.Picture{
		Title:  "Messages/s, ours over each peer's",
		Y:      plot.Axis{Label: "ratio"},
		Groups: []string{"C = 1", "C = 64"},
		Bars: []plot.Bars{
			{Name: "etcd/raft", Values: []plot.Value{{Y: 1.3, Low: 1.2, High: 1.4}, {Y: 2.1}}},
			{Name: "dragonboat", Values: []plot.Value{{Y: 3.3}, {}}},
		},
		Levels: []plot.Level{{Name: "1.75", Y: 1.75}},
	}
}

func svg(t *testing.T, p plot.Picture) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, p.SVG(&out))
	return out.String()
}

func TestL1Determinism(t *testing.T) {
	for _, picture := range []func() plot.Picture{lines, groups} {
		require.Equal(t, svg(t, picture()), svg(t, picture()))
		var one, other bytes.Buffer
		require.NoError(t, picture().PNG(&one))
		require.NoError(t, picture().PNG(&other))
		require.Equal(t, one.Bytes(), other.Bytes())
	}
}

func TestL2Spread(t *testing.T) {
	with, without := lines(), lines()
	for i := range without.Lines[0].Points {
		p := &without.Lines[0].Points[i]
		p.Low, p.High = p.Y, p.Y
	}
	require.Greater(t, len(svg(t, with)), len(svg(t, without)))
}

func TestL3NamesAreInThePicture(t *testing.T) {
	for _, name := range []string{
		"fall+spring", "paxos", "what the disk allows", "messages/s", "8192", "Throughput by", "128 B",
	} {
		require.Contains(t, svg(t, lines()), name)
	}
	for _, name := range []string{"etcd/raft", "dragonboat", "1.75", "ratio", "C = 64"} {
		require.Contains(t, svg(t, groups()), name)
	}
}

func TestL4SaveLeavesBothFiles(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, plot.Save(dir, "throughput", lines()))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 2)
	data, err := os.ReadFile(filepath.Join(dir, "throughput.png"))
	require.NoError(t, err)
	image, err := png.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	require.Equal(t, 1600, image.Bounds().Dx())
	data, err = os.ReadFile(filepath.Join(dir, "throughput.svg"))
	require.NoError(t, err)
	require.Equal(t, svg(t, lines()), string(data))
}

func TestL4SaveLeavesNothingOfAPictureThatCannotBeDrawn(t *testing.T) {
	dir := t.TempDir()
	p := lines()
	p.Lines[0].Points[1].Y = math.NaN()
	require.Error(t, plot.Save(dir, "throughput", p))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, files)
}

func TestCheckSaysWhatCannotBeDrawn(t *testing.T) {
	for what, change := range map[string]func(*plot.Picture){
		"data":                       func(p *plot.Picture) { p.Lines = nil },
		"x of fall+spring":           func(p *plot.Picture) { p.Lines[0].Points[0].X = 0 },
		"y of fall+spring":           func(p *plot.Picture) { p.Lines[0].Points[0].High = 1 },
		"points of paxos":            func(p *plot.Picture) { p.Lines[1].Points = nil },
		"tone of paxos":              func(p *plot.Picture) { p.Lines[1].Tone = 9 },
		"level what the disk allows": func(p *plot.Picture) { p.Levels[0].Y = math.Inf(1) },
	} {
		p := lines()
		change(&p)
		var wrong *plot.PictureError
		require.ErrorAs(t, p.Check(), &wrong)
		require.Equal(t, what, wrong.What)
		require.ErrorContains(t, wrong, "expected")
	}
	p := groups()
	p.Bars[0].Values = p.Bars[0].Values[1:]
	require.ErrorContains(t, p.Check(), "values of etcd/raft")
}

func TestOnePointCanBeDrawn(t *testing.T) {
	for _, log := range []bool{false, true} {
		svg(t, plot.Picture{
			X: plot.Axis{Log: log}, Y: plot.Axis{Log: log},
			Lines: []plot.Line{{Points: []plot.Point{plot.At(3, 5)}}},
		})
	}
	svg(t, plot.Picture{Lines: []plot.Line{{Points: []plot.Point{plot.At(0, 0)}}}})
}
