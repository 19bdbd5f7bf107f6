package tobtest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
	"paxon/omega"
	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/tob"
	"paxon/tob/tobtest"
	"paxon/tob/tobtest/broken"
)

func TestSound(t *testing.T) {
	for _, v := range catalog.Variants() {
		for _, n := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("%s of %d", v.Name, n), func(t *testing.T) {
				t.Parallel()
				a := tobtest.Assumed(v.Variant, n)
				a.Seeds = 20
				tobtest.Run(t, func() seasons.Variant { return v.Variant }, a)
			})
		}
	}
}

func TestSoundAtLength(t *testing.T) {
	tobtest.Run(t, seasons.Paxos, conformance.CrashRecovery())
	tobtest.Run(t, seasons.CrashStop, conformance.CrashStop())
	v, err := catalog.ByName(catalog.Default)
	require.NoError(t, err)
	tobtest.Run(t, func() seasons.Variant { return v }, tobtest.Assumed(v, 5))
}

// TestAssumptions shows that crash-stop does not hold where processes recover, and Winter not where
// more crash than it assumes.
func TestAssumptions(t *testing.T) {
	require.Error(t, tobtest.Check(seasons.CrashStop, conformance.CrashRecovery()))
	winter, err := catalog.ByName("winter")
	require.NoError(t, err)
	a := tobtest.Assumed(winter, 3)
	a.Crashes = -1
	require.Error(t, tobtest.Check(func() seasons.Variant { return winter }, a))
}

// TestBroken shows that the suite catches every composition of the gallery, in a property it breaks.
func TestBroken(t *testing.T) {
	for _, part := range broken.Parts() {
		t.Run(part.Name, func(t *testing.T) {
			t.Parallel()
			a := conformance.CrashRecovery()
			a.Seeds = 50
			err := part.Check(a)
			require.True(t, slices.ContainsFunc(conformance.Properties(err), part.Breaks), "%v", err)
			t.Log(err)
		})
	}
}

// TestDeterministic shows that the suite catches a composition whose runs differ.
func TestDeterministic(t *testing.T) {
	built := time.Duration(0)
	err := tobtest.Check(func() seasons.Variant {
		v := seasons.Paxos()
		detector := v.Omega
		v.Omega = func(
			h seasons.Host, net process.Net[omega.Heartbeat], c omega.Config, hooks omega.Hooks,
		) omega.Part {
			built++
			c.Interval += built
			return detector(h, net, c, hooks)
		}
		return v
	}, conformance.Assumptions{Seeds: 1})
	require.Equal(t, []string{tobtest.Deterministic}, conformance.Properties(err))
}

// TestDeterministicStates shows that the suite catches a composition of which two searches differ.
func TestDeterministicStates(t *testing.T) {
	built := 0
	v := seasons.Paxos()
	broadcast := v.Broadcast
	v.Broadcast = func(h seasons.Host, parts tob.Parts) *tob.TOB {
		built++
		parts.SendValues = built > 10
		return broadcast(h, parts)
	}
	err := tobtest.Check(func() seasons.Variant { return v },
		conformance.Assumptions{Layers: []string{conformance.Exhaustive}})
	require.Equal(t, []string{tobtest.Deterministic}, conformance.Properties(err))
}

// TestExhaustive shows which of the gallery a search finds that has no schedule given.
func TestExhaustive(t *testing.T) {
	var found []string
	for _, part := range broken.Parts() {
		a := conformance.CrashRecovery()
		a.Layers = []string{conformance.Exhaustive}
		if slices.ContainsFunc(conformance.Properties(part.Check(a)), part.Breaks) {
			found = append(found, part.Name)
		}
	}
	require.Equal(t, []string{"delivers-twice", "invents", "drops", "shifts", "mute"}, found)
}
