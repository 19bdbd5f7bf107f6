package caspaxostest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
)

// How many messages there are in each story, each of which suffers each fate once.
func TestStories(t *testing.T) {
	counts := map[string]int{}
	for _, story := range stories() {
		failures, sent := story.run(Ours, conformance.CrashRecovery())
		require.Empty(t, failures)
		counts[story.name] = sent
	}
	require.Equal(t, map[string]int{
		"two propose": 43, "a key is deleted and collected": 67, "a process joins": 115,
	}, counts)
}

// All runs that differ from the plain one in the fate of one message.
func TestOneFate(t *testing.T) {
	for _, story := range stories() {
		_, sent := story.run(Ours, conformance.CrashRecovery())
		ones(sent, func(d deviation) bool {
			failures, _ := story.run(Ours, conformance.CrashRecovery(), d)
			require.Empty(t, failures, "%s, %v", story.name, d)
			return true
		})
	}
}
