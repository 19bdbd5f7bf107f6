package laws_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"paxon/internal/laws"
)

// protocols are the packages that are held to the laws. Their conformance suites, such as
// register/registertest, are not.
var protocols = []string{
	"paxon/process", "paxon/retransmit", "paxon/omega", "paxon/leader", "paxon/register",
	"paxon/consensus", "paxon/tob", "paxon/caspaxos", "paxon/seasons/...",
}

// load gives the packages of a pattern with syntax and types, at least one and none broken.
func load(t *testing.T, pattern string) []*packages.Package {
	t.Helper()
	found, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax}, pattern)
	require.NoError(t, err)
	require.NotEmpty(t, found, "no package matches")
	var kept []*packages.Package
	for _, p := range found {
		if strings.HasSuffix(p.PkgPath, "test") {
			continue
		}
		require.Empty(t, p.Errors)
		kept = append(kept, p)
	}
	require.NotEmpty(t, kept, "only suites match")
	return kept
}

// TestProtocolPackages holds every protocol package to the laws.
func TestProtocolPackages(t *testing.T) {
	for _, pattern := range protocols {
		t.Run(pattern, func(t *testing.T) {
			graph, err := checker.Analyze([]*analysis.Analyzer{laws.Analyzer}, load(t, pattern), nil)
			require.NoError(t, err)
			for _, action := range graph.Roots {
				require.NoError(t, action.Err)
				for _, d := range action.Diagnostics {
					assert.Fail(t, d.Message, action.Package.Fset.Position(d.Pos))
				}
			}
		})
	}
}

// TestBrowser builds the protocol packages and the simulator as a browser runs them.
func TestBrowser(t *testing.T) {
	patterns := append([]string{"paxon/sim"}, protocols...)
	for _, pattern := range patterns {
		load(t, pattern) // For go build takes a pattern without a match as done.
	}
	build := exec.CommandContext(t.Context(), "go", append([]string{"build"}, patterns...)...)
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
