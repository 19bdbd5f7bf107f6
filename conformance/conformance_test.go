package conformance_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
)

func TestProperties(t *testing.T) {
	one := &conformance.Failure{Property: "B", Layer: "script", Replay: "seed 1", Detail: "x"}
	two := &conformance.Failure{Property: "A", Layer: "seeds", Replay: "seed 2", Detail: "y"}
	require.Empty(t, conformance.Properties(nil))
	require.Empty(t, conformance.Properties(errors.New("no failure")))
	require.Equal(t, []string{"B"}, conformance.Properties(fmt.Errorf("register: %w", one)))
	require.Equal(t, []string{"A", "B"},
		conformance.Properties(errors.Join(one, errors.Join(two, one), errors.New("other"))))
	require.Equal(t, "B does not hold (script, seed 1): x", one.Error())
}

func TestDefaults(t *testing.T) {
	a := conformance.Assumptions{}.WithDefaults()
	require.Equal(t, 3, a.Processes)
	require.Equal(t, 200, a.Seeds)
	require.Equal(t, 5, conformance.Assumptions{Processes: 5}.WithDefaults().Processes)
}
