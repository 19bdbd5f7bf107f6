package retransmittest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
	"paxon/process"
	"paxon/retransmit"
	"paxon/retransmit/retransmittest"
	"paxon/retransmit/retransmittest/broken"
)

func TestSound(t *testing.T) {
	for name, a := range map[string]conformance.Assumptions{
		"alone": {Processes: 1}, "without faults": {}, "crash-stop": conformance.CrashStop(),
		"crash-recovery": conformance.CrashRecovery(),
		"five":           {Processes: 5, Crashes: -1, Recovers: true, Loss: true, Seeds: 50},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			retransmittest.Run(t, broken.Sound, a)
		})
	}
}

// TestBroken shows that the suite catches every part of the gallery, in the property it breaks.
func TestBroken(t *testing.T) {
	for name, c := range map[string]struct {
		part     retransmittest.Factory
		property string
	}{
		"never retransmits":         {broken.GivesUp(1), retransmittest.Delivery},
		"gives up":                  {broken.GivesUp(20), retransmittest.Delivery},
		"acknowledges anything":     {broken.AcknowledgesAnything, retransmittest.Delivery},
		"is always the same":        {broken.SameIncarnation, retransmittest.Delivery},
		"never acknowledges":        {broken.NeverAcknowledges, retransmittest.Bounded},
		"invents":                   {broken.Invents, retransmittest.NoCreation},
		"misattributes":             {broken.Misattributes, retransmittest.NoCreation},
		"repeats":                   {broken.Repeats, retransmittest.Duplication},
		"ignores cancel":            {broken.IgnoresCancel, retransmittest.Cancel},
		"hides restarts":            {broken.HidesRestarts, retransmittest.Restarted},
		"hands over within a call":  {broken.Hasty, retransmittest.Asynchronous},
		"sends from a constructor":  {broken.Greets, retransmittest.Silent},
		"sends only what is s-sent": {broken.OnlyStubborn, retransmittest.NonTriviality},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := conformance.CrashRecovery()
			a.Seeds = 20
			err := retransmittest.Check(c.part, a)
			require.Contains(t, conformance.Properties(err), c.property, "%v", err)
			t.Log(err)
		})
	}
}

// TestDeterministic shows that the suite catches links whose runs differ.
func TestDeterministic(t *testing.T) {
	built := time.Duration(0)
	err := retransmittest.Check(func(
		net process.Net[retransmit.Packet], clock process.Clock, incarnation process.Incarnation,
	) retransmittest.Links {
		built++
		return retransmit.New(net, clock, incarnation, retransmit.Config{
			Interval: 10*time.Millisecond + built, MaxInterval: 80 * time.Millisecond,
			AckDelay: 3 * time.Millisecond, Burst: 4, Window: retransmittest.Window,
		})
	}, conformance.CrashRecovery())
	require.Equal(t, []string{retransmittest.Deterministic}, conformance.Properties(err))
}
