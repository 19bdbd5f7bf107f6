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

func TestByName(t *testing.T) {
	for _, name := range []string{"crash-stop", "paxos"} {
		v, err := seasons.ByName(name)
		require.NoError(t, err)
		require.Equal(t, name, v.Name)
		require.Equal(t, name == "paxos", v.Recovers)
	}
	v, err := seasons.ByName("winter")
	require.EqualError(t, err, `unknown variant "winter": expected one of ["crash-stop" "paxos"]`)
	require.Empty(t, v.Name)
}

func TestVariantsAreComplete(t *testing.T) {
	names := map[string]bool{}
	for _, v := range seasons.Variants() {
		require.NotEmpty(t, v.Name)
		require.False(t, names[v.Name], "%q is there twice", v.Name)
		names[v.Name] = true
		require.NotNil(t, v.Registers)
		require.NotNil(t, v.Consensus)
		require.NotNil(t, v.Omega)
		require.NotNil(t, v.Leader)
		require.NotNil(t, v.Broadcast)
	}
}

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
