package setting_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/explore"
	"paxon/explore/setting"
)

// A number of states that changes says that the behaviour of a part has changed, or the way in
// which states are told apart.
func TestTable(t *testing.T) {
	for _, row := range setting.Table() {
		if row.Large {
			continue
		}
		t.Run(fmt.Sprintf("%s %s %v%s", row.Part, row.Variant, row.Rounds, row.Changes), func(t *testing.T) {
			c, err := row.Config()
			require.NoError(t, err)
			c.Workers = 2
			r, err := explore.Run(t.Context(), c)
			require.NoError(t, err)
			require.NoError(t, row.Check(r))
			r.States++
			require.ErrorContains(t, row.Check(r), "states, ")
			r.Cut = "something"
			require.ErrorContains(t, row.Check(r), "cut at something")
		})
	}
}
