package broken_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos/caspaxostest"
	"paxon/caspaxos/caspaxostest/broken"
	"paxon/conformance"
)

// Everything broken is found, within a tenth of the seeds that the suite does by default.
func TestFound(t *testing.T) {
	for _, p := range broken.Parts() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			a := p.Assumptions
			a.Until, a.Seeds = p.Properties, caspaxostest.Seeds/10
			a.Layers = []string{conformance.Script, conformance.Seeds, conformance.Hygiene}
			failures := conformance.Failures(caspaxostest.Check(p.Factory, a))
			found := false
			for _, f := range failures {
				found = found || p.Breaks(f.Property)
				t.Log(f.Property, f.Tried)
			}
			require.True(t, found, "%v", failures)
		})
	}
}
