package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons/catalog"
	"paxon/sim/costs"
)

// listed runs paxon variants and gives what it prints.
func listed(t *testing.T, args ...string) string {
	t.Helper()
	var out, problems bytes.Buffer
	root := newRootCommand()
	root.SetOut(&out)
	root.SetErr(&problems)
	require.Zero(t, run(t.Context(), root, append([]string{"variants"}, args...)), problems.String())
	require.Empty(t, problems.String())
	return out.String()
}

func TestVariantsForPeople(t *testing.T) {
	out := listed(t)
	for _, e := range catalog.Variants() {
		require.Contains(t, out, "│ "+e.Name+" ")
	}
	require.Contains(t, out, "4 steps, 2 forces")
	require.Contains(t, out, "2 steps, 1 force ")
	require.Contains(t, out, "(default)")
}

func TestVariantsForPrograms(t *testing.T) {
	var variants []jsonVariant
	require.NoError(t, json.Unmarshal([]byte(listed(t, "--json")), &variants))
	require.Len(t, variants, len(catalog.Names()))
	for i, name := range catalog.Names() {
		require.Equal(t, name, variants[i].Name)
		require.Equal(t, name == "fall+spring", variants[i].Default)
		require.NotEmpty(t, variants[i].Assumes)
		if name == "fall" {
			require.Equal(t, costs.Costs{
				Decision:  costs.Path{Steps: 2, Forced: 1},
				Delivery:  costs.Path{Steps: 2, Forced: 1},
				Elsewhere: costs.Path{Steps: 3, Forced: 1},
				Messages:  6, Forced: 3,
			}, variants[i].Leader)
			require.InDelta(t, 7, variants[i].Another.Messages, 0)
		}
	}
}

func TestVariantsTakesNoArguments(t *testing.T) {
	root := newRootCommand()
	root.SetErr(&bytes.Buffer{})
	require.Equal(t, statusUsage, run(t.Context(), root, []string{"variants", "x"}))
}
