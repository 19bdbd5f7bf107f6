package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBenchFigure(t *testing.T) {
	dir := t.TempDir()
	lines := filepath.Join(dir, "lines.ndjson")
	r := paxon(t, "", "bench", "--figure", "27", "--scale", "paper", "--seeds", "1", "--plots", dir,
		"--json", lines)
	require.Zero(t, r.status, r.stderr)
	assert.Empty(t, r.stderr, "no bar without a terminal")
	assert.Contains(t, r.stdout, "figure27-paper: Recovery time")
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	assert.Equal(t, []string{"figure27-paper.png", "figure27-paper.svg", "lines.ndjson"}, names)
}

func TestBenchFigureMistakes(t *testing.T) {
	for want, args := range map[string][]string{
		`--figure "28": expected all or one of 23a`:       {"--figure", "28"},
		`--scale "mine": expected paper, machine or both`: {"--figure", "23a", "--scale", "mine"},
		"--seeds 0: expected 1 or more":                   {"--figure", "23a", "--seeds", "0"},
		"--figure and --size: expected one of them":       {"--figure", "23a", "--size", "7"},
		"--duration 0s: expected more than 0":             {"--figure", "23a", "--duration", "0s"},
		"--plots nowhere: expected an existing directory": {"--figure", "23a", "--plots", "nowhere"},
	} {
		r := paxon(t, "", append([]string{"bench"}, args...)...)
		assert.Equal(t, 2, r.status, "%v", args)
		assert.Contains(t, r.stderr, want)
		assert.Empty(t, r.stdout)
	}
}
