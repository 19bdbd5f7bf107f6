package conformance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
)

func TestBreaks(t *testing.T) {
	f := conformance.Flaw{Name: "x", Properties: []string{"A", "B"}}
	require.True(t, f.Breaks("B"))
	require.False(t, f.Breaks("C"))
}
