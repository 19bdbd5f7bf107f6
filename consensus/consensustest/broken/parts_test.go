package broken_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
	"paxon/consensus/consensustest"
	"paxon/consensus/consensustest/broken"
)

// The suite fails every part in a property that it breaks.
func TestEveryPartFails(t *testing.T) {
	for _, part := range broken.Parts() {
		t.Run(part.Name, func(t *testing.T) {
			t.Parallel()
			a := part.Assumptions
			a.Until, a.Schedules = part.Properties, 300
			err := consensustest.CheckOver(part.Factory, part.Registers, a)
			found := false
			for _, f := range conformance.Failures(err) {
				if part.Breaks(f.Property) {
					found = true
					t.Logf("%s, %s, after %d: %s", f.Property, f.Layer, f.Tried, f.Replay)
				}
			}
			require.True(t, found, "expected one of %q, but it fails in %q: %v", part.Properties,
				conformance.Properties(err), err)
		})
	}
}
