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
	for _, part := range broken.Parts() {
		t.Run(part.Name, func(t *testing.T) {
			t.Parallel()
			a := conformance.CrashRecovery()
			a.Seeds = 20
			err := retransmittest.Check(part.Factory, a)
			require.Subset(t, conformance.Properties(err), part.Properties, "%v", err)
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
