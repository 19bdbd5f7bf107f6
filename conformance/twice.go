package conformance

import (
	"bytes"
	"fmt"

	"paxon/sim"
)

// Twice does the run of a seed twice. It is a failure of the property, in the layer Hygiene, if the
// traces differ, and nil if they do not.
func Twice(property string, seed uint64, run func(seed uint64, trace *sim.Trace)) *Failure {
	var traces [2]bytes.Buffer
	for i := range traces {
		run(seed, sim.NewTrace(&traces[i]))
	}
	if bytes.Equal(traces[0].Bytes(), traces[1].Bytes()) {
		return nil
	}
	return &Failure{
		Property: property, Layer: Hygiene, Replay: fmt.Sprintf("seed %d", seed),
		Detail: "the traces of two runs differ",
	}
}
