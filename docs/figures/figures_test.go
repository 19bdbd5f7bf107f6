// Package figures_test draws the figures of this folder from scripts that run the real parts.
package figures_test

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/draw"
	"paxon/sim"
	"paxon/sim/figures"
)

var rewrite = flag.Bool("rewrite", false, "draw the figures anew")

// picture is one way to draw a figure.
type picture struct {
	file    string
	options draw.Options
}

// pictures are what the paper shows of a figure, and but for Figure 3 the same run whole, with
// every message of the registers and every forced log.
func pictures(f figures.Figure) []picture {
	whole := draw.DefaultOptions()
	whole.Title, whole.Height = f.Title, 0
	paper := whole
	paper.Without = append(draw.DefaultWithout(), draw.Disk)
	switch f.Name {
	case "figure1":
		paper.Without = append(paper.Without, draw.Messages)
	case "figure3":
		return []picture{{f.Name + ".svg", paper}}
	default:
		paper.Without = append(paper.Without, draw.Registers)
	}
	whole.Title += ", whole"
	return []picture{{f.Name + ".svg", paper}, {f.Name + "-whole.svg", whole}}
}

// TestFigures compares the drawings in this folder with what the scripts produce.
func TestFigures(t *testing.T) {
	expected := []string{}
	for _, f := range figures.All() {
		run, err := f.Play()
		require.NoError(t, err)
		for _, p := range pictures(f) {
			pages, err := draw.Pages(sim.ReadTrace(bytes.NewReader(run.Trace), f.Name), p.options)
			require.NoError(t, err)
			require.Len(t, pages, 1)
			if *rewrite {
				require.NoError(t, os.WriteFile(p.file, pages[0], 0o644))
			}
			was, err := os.ReadFile(p.file)
			require.NoError(t, err, "go test ./docs/figures -rewrite draws it")
			require.True(t, bytes.Equal(was, pages[0]),
				"%s is not what the script produces: go test ./docs/figures -rewrite draws it", p.file)
			expected = append(expected, p.file)
		}
	}
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".svg") {
			require.True(t, slices.Contains(expected, f.Name()), "no script draws %s", f.Name())
			require.Contains(t, string(page), "("+f.Name()+")", "README.md does not show it")
		}
	}
}
