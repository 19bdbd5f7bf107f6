package consensustest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
	"paxon/consensus/consensustest"
	"paxon/register/registertest"
	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/seasons/summer"
	"paxon/seasons/winter"
)

func compose(t *testing.T, parts ...seasons.Season) seasons.Variant {
	t.Helper()
	v, err := seasons.Compose(parts...)
	require.NoError(t, err)
	return v
}

// All consensus of ours holds its properties over all registers of ours.
func TestOurs(t *testing.T) {
	memory := conformance.CrashRecovery()
	memory.Storage, memory.Crashes, memory.Processes = conformance.None, 2, 4
	disks := conformance.CrashRecovery()
	disks.Storage, disks.Disks = conformance.Shared, 3
	for name, of := range map[string]struct {
		variant     seasons.Variant
		assumptions conformance.Assumptions
	}{
		"crash-stop":  {seasons.CrashStop(), conformance.CrashStop()},
		"paxos":       {seasons.Paxos(), conformance.CrashRecovery()},
		"fall":        {compose(t, fall.Season()), conformance.CrashRecovery()},
		"winter":      {compose(t, winter.Season(winter.Most)), memory},
		"fall+winter": {compose(t, winter.Season(winter.Most), fall.Season()), memory},
		"summer":      {compose(t, summer.Season()), disks},
		"fall+summer": {compose(t, summer.Season(), fall.Season()), disks},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.HasPrefix(name, "paxos") {
				of.assumptions.Seeds = 300
			}
			consensustest.RunOver(t, consensustest.Of(of.variant), registertest.Of(of.variant),
				of.assumptions)
		})
	}
}

// The registers that the suite brings along suffice.
func TestOverOurRegisters(t *testing.T) {
	recovery, stop := conformance.CrashRecovery(), conformance.CrashStop()
	recovery.Seeds, stop.Seeds = 300, 300
	consensustest.Run(t, consensustest.Of(seasons.Paxos()), recovery)
	consensustest.Run(t, consensustest.Of(compose(t, fall.Season())), stop)
}
