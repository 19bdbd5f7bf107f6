package seasons_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/tob"
)

// Codecs number the types by their place in these lists.
func TestMessagesAndRecords(t *testing.T) {
	types := map[reflect.Type]bool{}
	for _, m := range seasons.Messages() {
		types[reflect.TypeOf(m)] = true
	}
	require.Len(t, types, 11)
	require.Len(t, seasons.Messages(), 11)
	require.Equal(t, []process.Record{register.Copy{}, tob.Checkpoint{}}, seasons.Records())
}

// Registers and leader election need a correct majority, unless a season says otherwise.
func TestCorrect(t *testing.T) {
	quarter := func(processes int) int { return processes / 4 }
	for name, c := range map[string]struct {
		variant seasons.Variant
		want    []int // Of 1 to 5 processes.
	}{
		"crash-stop":              {seasons.CrashStop(), []int{1, 2, 2, 3, 3}},
		"paxos":                   {seasons.Paxos(), []int{1, 2, 2, 3, 3}},
		"disks":                   {seasons.Variant{Disks: true}, []int{1, 1, 1, 1, 1}},
		"disks, majority leads":   {seasons.Variant{Disks: true, MajorityLeads: true}, []int{1, 2, 2, 3, 3}},
		"majority leads":          {seasons.Variant{MajorityLeads: true}, []int{1, 2, 2, 3, 3}},
		"a quarter may be faulty": {seasons.Variant{Faulty: quarter}, []int{1, 2, 3, 3, 4}},
	} {
		for i, want := range c.want {
			require.Equal(t, want, c.variant.Correct(i+1), "%s of %d", name, i+1)
		}
	}
}

// Of those that may not recover a minority may crash; of the others all may.
func TestCrashes(t *testing.T) {
	for i, want := range []int{0, 0, 1, 1, 2} {
		require.Equal(t, want, seasons.CrashStop().Crashes(i+1))
	}
	require.Nil(t, seasons.Paxos().Crashes)
}

// What the others must have the same is compared when processes greet each other.
func TestAgreed(t *testing.T) {
	require.Equal(t, "window=16 client-idle=1048576 clients=65536", seasons.DefaultOptions().Agreed())
}
