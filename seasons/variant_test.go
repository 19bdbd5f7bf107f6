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
