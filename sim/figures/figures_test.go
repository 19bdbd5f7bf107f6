package figures_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/sim"
	"paxon/sim/figures"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the expected transcripts in testdata")

// TestFigures plays every figure and compares what happens with testdata.
func TestFigures(t *testing.T) {
	for _, f := range figures.All() {
		t.Run(f.Name, func(t *testing.T) {
			run, err := f.Play()
			require.NoError(t, err)
			came := strings.Join(run.Lines, "\n") + "\n"
			path := filepath.Join("testdata", f.Name+".txt")
			if *rewrite {
				require.NoError(t, os.WriteFile(path, []byte(came), 0o644))
			}
			expected, err := os.ReadFile(path)
			require.NoError(t, err, "go test ./sim/figures -rewrite writes it")
			require.Equal(t, string(expected), came, "go test ./sim/figures -rewrite accepts it")
		})
	}
}

// TestFiguresAreRepeatable plays every figure twice: the traces are the same, and readable.
func TestFiguresAreRepeatable(t *testing.T) {
	for _, f := range figures.All() {
		one, err := f.Play()
		require.NoError(t, err)
		other, err := f.Play()
		require.NoError(t, err)
		require.Equal(t, string(one.Trace), string(other.Trace), f.Name)
		for _, err := range sim.ReadTrace(bytes.NewReader(one.Trace), f.Name) {
			require.NoError(t, err)
		}
	}
}
