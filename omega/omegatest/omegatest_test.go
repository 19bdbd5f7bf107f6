package omegatest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
	"paxon/omega"
	"paxon/omega/omegatest"
	"paxon/omega/omegatest/broken"
	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/catalog"
)

// of makes the detector of a variant.
func of(v seasons.Variant) omegatest.Factory {
	return func(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
		return v.Omega(h, net, broken.Config(), hooks)
	}
}

func TestSound(t *testing.T) {
	for _, v := range catalog.Variants() {
		for _, n := range []int{1, 2, 3, 5} {
			a := conformance.CrashStop()
			if v.Recovers {
				a = conformance.CrashRecovery()
			}
			a.Processes, a.Seeds, a.Crashes = n, 10, min(a.Crashes, (n-1)/2)
			if v.Disks {
				a.Disks = 3
			}
			t.Run(fmt.Sprintf("%s of %d", v.Name, n), func(t *testing.T) {
				t.Parallel()
				omegatest.Run(t, of(v.Variant), a)
			})
		}
	}
}

func TestSoundAtLength(t *testing.T) {
	omegatest.Run(t, broken.Sound, conformance.CrashRecovery())
}

// TestBroken shows that the suite catches every part of the gallery, in the property it breaks.
func TestBroken(t *testing.T) {
	for _, part := range broken.Parts() {
		t.Run(part.Name, func(t *testing.T) {
			t.Parallel()
			a := conformance.CrashRecovery()
			a.Seeds = 20
			err := omegatest.Check(part.Factory, a)
			require.Equal(t, part.Properties, conformance.Properties(err), "%v", err)
			t.Log(err)
		})
	}
}

// TestDeterministic shows that the suite catches a part whose runs differ.
func TestDeterministic(t *testing.T) {
	built := 0
	err := omegatest.Check(
		func(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
			built++
			c := broken.Config()
			c.Interval += time.Duration(built)
			return omega.New(net, h.Clock, h.Incarnation, c, hooks)
		}, conformance.Assumptions{Seeds: 1})
	require.Equal(t, []string{omegatest.Deterministic}, conformance.Properties(err))
}
