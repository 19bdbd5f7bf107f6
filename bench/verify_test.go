package bench

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/client"
	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

func clientOf(id process.ID) tob.Client { return tob.Client{Process: id, Incarnation: 1, Born: 1} }

func delivery(l register.Instance, offset uint32, c tob.Client, sequence uint64) client.Delivery {
	return client.Delivery{
		Position:  tob.Position{Instance: l, Offset: offset},
		Broadcast: tob.Broadcast{Client: c, Sequence: sequence, Payload: []byte("x")},
	}
}

// observe has a new observer take deliveries.
func observe(id process.ID, given map[tob.Client]uint64, seen ...client.Delivery) (*observer, error) {
	o := newObserver(id, nil, []byte("x"))
	for _, d := range seen {
		if err := o.take(d, given); err != nil {
			return o, err
		}
	}
	return o, nil
}

// TestObserver gives each violation its error: B3.
func TestObserver(t *testing.T) {
	a, b := clientOf(1), clientOf(2)
	given := map[tob.Client]uint64{a: 2, b: 1}
	altered := delivery(1, 0, a, 1)
	altered.Payload = []byte("y")
	for want, seen := range map[string][]client.Delivery{
		"p7 delivered message 2 of client p1.1.0.1 at 1/0, expected message 1": {delivery(1, 0, a, 2)},
		"expected message 2":          {delivery(1, 0, a, 1), delivery(1, 1, a, 1)},
		"expected none before 1/1":    {delivery(1, 0, a, 1), delivery(1, 0, b, 1)},
		"expected none after message": {delivery(1, 0, b, 1), delivery(2, 0, b, 2)},
		"another payload":             {altered},
	} {
		_, err := observe(7, given, seen...)
		var wrong *DeliveryError
		require.ErrorAs(t, err, &wrong, want)
		require.ErrorContains(t, err, want)
	}
	stranger := delivery(2, 0, clientOf(3), 9)
	o, err := observe(7, given, delivery(1, 0, a, 1), stranger, delivery(3, 4, b, 1))
	require.NoError(t, err)
	require.EqualValues(t, 2, o.count)
	require.Equal(t, tob.Position{Instance: 3, Offset: 5}, o.next)
}

// TestCompare tells sequences apart that differ in their order or their positions alone.
func TestCompare(t *testing.T) {
	a, b := clientOf(1), clientOf(2)
	given := map[tob.Client]uint64{a: 1, b: 1}
	first, err := observe(1, given, delivery(1, 0, a, 1), delivery(1, 1, b, 1))
	require.NoError(t, err)
	same, err := observe(2, given, delivery(1, 0, a, 1), delivery(1, 1, b, 1))
	require.NoError(t, err)
	require.NoError(t, compare([]*observer{first, same}))
	require.Equal(t, first.digest(), first.digest(), "asking must not change it")
	for name, seen := range map[string][]client.Delivery{
		"order":    {delivery(1, 0, b, 1), delivery(1, 1, a, 1)},
		"instance": {delivery(1, 0, a, 1), delivery(2, 1, b, 1)},
		"offset":   {delivery(1, 0, a, 1), delivery(1, 2, b, 1)},
		"less":     {delivery(1, 0, a, 1)},
	} {
		other, err := observe(3, given, seen...)
		require.NoError(t, err)
		var different *DigestError
		require.ErrorAs(t, compare([]*observer{first, same, other}), &different, name)
		require.EqualValues(t, 3, different.Process)
		require.True(t, strings.HasSuffix(different.Error(), first.digest()+" as p1"))
	}
}
