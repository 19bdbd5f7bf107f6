package flexible

import (
	"testing"

	"paxon/conformance"
	"paxon/register/registertest"
	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/tob/tobtest"
)

// The suites that every register and every composition of ours passes.
func TestConformance(t *testing.T) {
	v := compose(t, wheel(), fall.Season())
	assumptions := conformance.CrashRecovery()
	assumptions.Processes = 4
	t.Run("register", func(t *testing.T) { registertest.Run(t, registertest.Of(v), assumptions) })
	t.Run("broadcast", func(t *testing.T) {
		tobtest.Run(t, func() seasons.Variant { return v }, tobtest.Assumed(v, 4))
	})
}
