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

// told is a test that notes its errors.
type told struct{ errors []any }

func (*told) Helper()             {}
func (t *told) Error(args ...any) { t.errors = append(t.errors, args...) }

func TestTell(t *testing.T) {
	var r conformance.Report
	var none, all told
	r.Tell(&none)
	require.Empty(t, none.errors)
	one := &conformance.Failure{Property: "A", Layer: "script"}
	two := &conformance.Failure{Property: "B", Layer: "script"}
	r.Add(one)
	r.Add(two)
	r.Tell(&all)
	require.Equal(t, []any{one, two}, all.errors)
}
