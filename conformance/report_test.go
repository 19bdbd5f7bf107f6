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

// A layer counts its runs, is over when a property has fallen that it is to find, and is done only
// if it is asked for.
func TestLayers(t *testing.T) {
	r := conformance.NewReport(conformance.Assumptions{
		Layers: []string{conformance.Script, conformance.Seeds}, Until: []string{"B"},
	})
	require.True(t, r.Begin(conformance.Script))
	require.False(t, r.Begin(conformance.Hygiene))
	require.True(t, r.Begin(conformance.Seeds))
	r.Add(nil)
	r.Add(&conformance.Failure{Property: "A", Layer: conformance.Seeds})
	require.False(t, r.Over())
	r.Tried(10)
	r.Add(&conformance.Failure{Property: "B", Layer: conformance.Seeds})
	require.True(t, r.Over())
	r.Add(&conformance.Failure{Property: "B", Layer: conformance.Seeds})
	require.True(t, r.Known("B", conformance.Seeds))
	require.False(t, r.Known("B", conformance.Script))
	require.Len(t, r.Failures(), 2)
	require.Equal(t, 2, r.Failures()[0].Tried)
	require.Equal(t, 13, r.Failures()[1].Tried)

	require.True(t, r.Begin(conformance.Script))
	require.False(t, r.Over())
	r.Add(&conformance.Failure{Property: "B", Layer: conformance.Script, Tried: 7})
	require.Equal(t, 7, r.Failures()[2].Tried, "what another suite has counted")
	all := &conformance.Report{}
	require.True(t, all.Begin(conformance.Hygiene), "all layers if none is named")
}
