package conformance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
	"paxon/sim"
)

func TestTwice(t *testing.T) {
	require.Nil(t, conformance.Twice("P", 7, func(seed uint64, trace *sim.Trace) {
		trace.Event(time.Duration(seed), sim.TraceEvent{Event: "heal"})
	}))
	runs := 0
	f := conformance.Twice("P", 7, func(_ uint64, trace *sim.Trace) {
		runs++
		trace.Event(time.Duration(runs), sim.TraceEvent{Event: "heal"})
	})
	require.Equal(t, &conformance.Failure{
		Property: "P", Layer: conformance.Hygiene, Replay: "seed 7",
		Detail: "the traces of two runs differ",
	}, f)
}
