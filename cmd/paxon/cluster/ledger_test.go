package cluster

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/client"
	"paxon/tob"
)

func TestAccount(t *testing.T) {
	sum := func(payloads ...string) string {
		a := newAccount()
		for _, p := range payloads {
			a.add([]byte(p))
		}
		return a.sum()
	}
	assert.Equal(t, sum("a", "b"), sum("a", "b"))
	for _, other := range []string{sum("ab"), sum("b", "a"), sum("a", "b", ""), sum("", "ab"), sum()} {
		assert.NotEqual(t, sum("a", "b"), other)
	}
}

// TestLedger enters sequences with one mistake each: CR2, CR3.
func TestLedger(t *testing.T) {
	name := tob.Client{Process: 1, Incarnation: 1}
	given := newAccount()
	right := make([]client.Delivery, 4)
	for i := range right {
		payload := fmt.Append(nil, "line ", i)
		given.add(payload)
		right[i] = client.Delivery{
			Broadcast: tob.Broadcast{Client: name, Sequence: uint64(i + 1), Payload: payload},
		}
	}
	altered, foreign := right[2], right[2]
	altered.Payload, foreign.Client.Number = []byte("line X"), 7
	enter := func(deliveries ...client.Delivery) error {
		l := newLedger(2, []tob.Client{name})
		for _, d := range deliveries {
			if _, err := l.add(d); err != nil {
				return err
			}
		}
		return l.check(name, given)
	}
	require.NoError(t, enter(right...))
	require.NoError(t, enter(right[0], foreign, right[1], right[2], right[3]))

	var order *OrderError
	for what, wrong := range map[string][]client.Delivery{
		"lost":        {right[0], right[2], right[3]},
		"lost first":  right[1:],
		"doubled":     {right[0], right[1], right[1], right[2], right[3]},
		"again later": {right[0], right[1], right[0], right[2], right[3]},
		"swapped":     {right[0], right[2], right[1], right[3]},
	} {
		require.ErrorAs(t, enter(wrong...), &order, what)
		assert.EqualValues(t, 2, order.Process)
	}
	var content *ContentError
	for what, wrong := range map[string][]client.Delivery{
		"lost last": right[:3],
		"nothing":   nil,
		"altered":   {right[0], right[1], altered, right[3]},
	} {
		require.ErrorAs(t, enter(wrong...), &content, what)
	}
}
