package tobtest_test

import (
	"testing"

	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/tob/tobtest"
)

func TestSound(t *testing.T) {
	for _, v := range catalog.Variants() {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			a := tobtest.Assumed(v.Variant, 3)
			a.Seeds = 50
			tobtest.Run(t, func() seasons.Variant { return v.Variant }, a)
		})
	}
}
