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
	"paxon/sim"
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
	for name, c := range map[string]struct {
		breaks     func(v seasons.Variant) seasons.Variant
		properties []string // One of them.
	}{
		"delivers twice":          {broken.DeliversTwice, []string{tobtest.Validity}},
		"invents":                 {broken.Invents, []string{tobtest.Validity}},
		"drops":                   {broken.Drops, []string{tobtest.Validity, tobtest.TotalOrder}},
		"skips instances":         {broken.Skips, []string{tobtest.TotalOrder}},
		"reorders":                {broken.Reorders, []string{tobtest.TotalOrder}},
		"reorders alike":          {broken.ReordersAlike, []string{tobtest.ClientOrder}},
		"shifts":                  {broken.Shifts, []string{tobtest.TotalOrder}},
		"never pulls":             {broken.NeverPulls, []string{tobtest.Agreement, tobtest.Termination}},
		"never forwards":          {broken.NeverForwards, []string{tobtest.Termination}},
		"forwards once":           {broken.ForwardsOnce, []string{tobtest.Termination}},
		"leaves holes":            {broken.LeavesHoles, []string{tobtest.Agreement}},
		"forgets clients":         {broken.ForgetsClients, []string{tobtest.TotalOrder, tobtest.Validity}},
		"delivers before decided": {broken.Hasty, []string{tobtest.TotalOrder, sim.ConsensusAgreement}},
		"speaks too soon":         {broken.SpeaksTooSoon, []string{tobtest.Silent}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := conformance.CrashRecovery()
			a.Seeds = 50
			err := tobtest.Check(func() seasons.Variant { return c.breaks(seasons.Paxos()) }, a)
			failed := conformance.Properties(err)
			require.True(t, slices.ContainsFunc(c.properties, func(p string) bool {
				return slices.Contains(failed, p)
			}), "%v", err)
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
