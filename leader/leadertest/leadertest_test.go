package leadertest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
	"paxon/leader"
	"paxon/leader/leadertest"
	"paxon/leader/leadertest/broken"
	"paxon/omega"
	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/seasons/spring"
)

// of makes the election of a variant.
func of(v seasons.Variant) leadertest.Factory {
	return func(h seasons.Host, o omega.Part) leader.Leader { return v.Leader(h, o) }
}

func TestSound(t *testing.T) {
	for _, v := range catalog.Variants() {
		for _, n := range []int{1, 2, 3, 5} {
			a := conformance.CrashStop()
			if v.Recovers {
				a = conformance.CrashRecovery()
			}
			a.Processes, a.Seeds, a.Crashes = n, 10, min(a.Crashes, (n-1)/2)
			if v.Disks && !v.MajorityLeads {
				a.Disks = 3
			}
			t.Run(fmt.Sprintf("%s of %d", v.Name, n), func(t *testing.T) {
				t.Parallel()
				leadertest.Run(t, of(v.Variant), a)
			})
		}
	}
}

func TestSoundAtLength(t *testing.T) {
	a := conformance.CrashRecovery()
	leadertest.Run(t, func(_ seasons.Host, o omega.Part) leader.Leader { return leader.New(o) }, a)
	leadertest.Run(t, func(_ seasons.Host, o omega.Part) leader.Leader {
		return spring.Elect(o, process.Majority(3))
	}, a)
}

// TestBroken shows that the suite catches every part of the gallery, in the property it breaks.
func TestBroken(t *testing.T) {
	for _, part := range broken.Parts() {
		t.Run(part.Name, func(t *testing.T) {
			t.Parallel()
			a := conformance.CrashRecovery()
			a.Seeds = 20
			err := leadertest.Check(part.Factory, a)
			require.Equal(t, part.Properties, conformance.Properties(err), "%v", err)
			t.Log(err)
		})
	}
}
