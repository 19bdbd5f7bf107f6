package preferred

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/tob/tobtest"
)

// The suite that every composition of ours passes.
func TestConformance(t *testing.T) {
	v, err := seasons.Compose(Season(3, 1, 2), fall.Season())
	require.NoError(t, err)
	tobtest.Run(t, func() seasons.Variant { return v }, tobtest.Assumed(v, 3))
}
