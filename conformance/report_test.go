package conformance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
)

func TestReport(t *testing.T) {
	var r conformance.Report
	r.Add(nil)
	require.NoError(t, r.Err())
	first := &conformance.Failure{Property: "A", Layer: "seeds", Replay: "seed 1", Detail: "x"}
	r.Add(first)
	r.Add(&conformance.Failure{Property: "A", Layer: "seeds", Replay: "seed 2", Detail: "y"})
	other := &conformance.Failure{Property: "A", Layer: "script", Replay: "one", Detail: "z"}
	r.Add(other)
	require.Equal(t, []*conformance.Failure{first, other}, r.Failures())
	require.ErrorIs(t, r.Err(), first)
	require.ErrorIs(t, r.Err(), other)
}
