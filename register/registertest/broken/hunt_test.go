package broken_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/register/registertest"
	"paxon/register/registertest/broken"
)

// TestHunt shows that whole random runs see every broken part. The worst took 2515 of them.
func TestHunt(t *testing.T) {
	for _, part := range broken.Parts() {
		t.Run(part.Name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(30_000) {
				o := registertest.Hunt(part.Factory, part.Assumptions, seed, false)
				if o.Violation != nil {
					require.NotEmpty(t, o.Log)
					return
				}
			}
			t.Error("survives")
		})
	}
}
