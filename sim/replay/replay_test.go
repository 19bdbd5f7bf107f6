package replay

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/sim"
	"paxon/sim/flawed"
)

// file writes a schedule in which the property of a broken composition falls.
func file(t *testing.T, change func(s *sim.Schedule)) string {
	t.Helper()
	c, err := flawed.ByName("minority")
	require.NoError(t, err)
	seed := uint64(0)
	for !c.Kills(sim.Run(c.Config(), seed, nil)) {
		seed++
	}
	s, _ := sim.Record(c.Config(), seed)
	change(&s)
	var text strings.Builder
	require.NoError(t, s.Write(&text))
	name := filepath.Join(t.TempDir(), "schedule.json")
	require.NoError(t, os.WriteFile(name, []byte(text.String()), 0o600))
	return name
}

func TestBroken(t *testing.T) {
	name := file(t, func(*sim.Schedule) {})
	Falls(t, name)
	require.ErrorContains(t, holds(name), "is violated after")
}

func TestRepaired(t *testing.T) {
	name := file(t, func(s *sim.Schedule) { s.Variant = "paxos" })
	Holds(t, name)
	require.ErrorContains(t, falls(name), "nothing is violated: expected")
}

func TestAnotherProperty(t *testing.T) {
	name := file(t, func(s *sim.Schedule) { s.Property = sim.ClientOrder })
	require.ErrorContains(t, falls(name), `expected "TO5 Client order" to fall, but: `)
}

func TestErrors(t *testing.T) {
	for expected, change := range map[string]func(s *sim.Schedule){
		`unknown variant "autumn"`:                func(s *sim.Schedule) { s.Variant = "autumn" },
		`unknown broken variant "broken/nothing"`: func(s *sim.Schedule) { s.Variant = "broken/nothing" },
		"no disks: expected some":                 func(s *sim.Schedule) { s.Variant = "summer" },
		"processes 0: expected 1 to 63":           func(s *sim.Schedule) { s.Processes = 0 },
	} {
		name := file(t, change)
		require.ErrorContains(t, holds(name), "schedule.json: ")
		require.ErrorContains(t, holds(name), expected)
		require.ErrorContains(t, falls(name), expected)
	}
	require.ErrorIs(t, holds("missing"), os.ErrNotExist)
}
