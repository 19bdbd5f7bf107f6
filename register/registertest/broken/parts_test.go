package broken_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
	"paxon/register/registertest"
	"paxon/register/registertest/broken"
)

// The suite fails every part in a property that it breaks.
func TestEveryPartFails(t *testing.T) {
	for _, part := range broken.Parts() {
		t.Run(part.Name, func(t *testing.T) {
			t.Parallel()
			a := part.Assumptions
			a.Until, a.Schedules = part.Properties, 300
			err := registertest.Check(part.Factory, a)
			require.Error(t, err, "it survives")
			var failure *conformance.Failure
			require.ErrorAs(t, err, &failure)
			failed := conformance.Properties(err)
			require.True(t, slices.ContainsFunc(failed, func(property string) bool {
				return slices.Contains(part.Properties, property)
			}), "expected one of %q, but it fails in %q: %v", part.Properties, failed, err)
			for _, f := range conformance.Failures(err) {
				if slices.Contains(part.Properties, f.Property) {
					t.Logf("%s, %s: %s", f.Property, f.Layer, f.Replay)
				}
			}
		})
	}
}
