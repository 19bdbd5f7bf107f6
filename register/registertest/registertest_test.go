package registertest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
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

// All registers of ours hold their properties.
func TestOurs(t *testing.T) {
	memory := conformance.CrashRecovery()
	memory.Storage, memory.Crashes, memory.Processes = conformance.None, 2, 4
	smaller := memory
	smaller.Crashes, smaller.Processes = 1, 3
	disks := conformance.CrashRecovery()
	disks.Storage, disks.Disks = conformance.Shared, 3
	five := conformance.CrashRecovery()
	five.Processes = 5
	for name, of := range map[string]struct {
		variant     seasons.Variant
		assumptions conformance.Assumptions
	}{
		"crash-stop":            {seasons.CrashStop(), conformance.CrashStop()},
		"paxos":                 {seasons.Paxos(), conformance.CrashRecovery()},
		"paxos, five processes": {seasons.Paxos(), five},
		"fall":                  {compose(t, fall.Season()), conformance.CrashRecovery()},
		"winter":                {compose(t, winter.Season(winter.Most)), memory},
		"winter of three":       {compose(t, winter.Season(winter.Most)), smaller},
		"fall+winter":           {compose(t, winter.Season(winter.Most), fall.Season()), memory},
		"summer":                {compose(t, summer.Season()), disks},
		"fall+summer":           {compose(t, summer.Season(), fall.Season()), disks},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.HasPrefix(name, "paxos") {
				of.assumptions.Seeds = 300
			}
			registertest.Run(t, registertest.Of(of.variant), of.assumptions)
		})
	}
}
