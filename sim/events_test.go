package sim

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCalendarOrders shows that events come out in the order of their times, and those of one time
// in the order in which they went in, whatever goes in between.
func TestCalendarOrders(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		var c calendar
		var model []key
		now := time.Duration(0)
		reach := []time.Duration{1, 1000, time.Millisecond, time.Second, time.Hour}
		for range 400 {
			if random.IntN(5) < 3 {
				at := now + time.Duration(random.Int64N(int64(reach[random.IntN(len(reach))])))
				ticket := c.push(at, event{kind: local, fire: func() {}})
				model = append(model, key{at, ticket.sequence, ticket.slot})
				if random.IntN(4) == 0 {
					c.cancel(ticket)
				}
				continue
			}
			slices.SortFunc(model, func(a, b key) int {
				return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.sequence, b.sequence))
			})
			at, ok := c.next()
			require.Equal(t, len(model) > 0, ok)
			if !ok {
				continue
			}
			var e event
			now, e = c.pop()
			require.Equal(t, model[0], e.key, "seed %d", seed)
			require.Equal(t, at, now)
			require.Equal(t, at, e.key.at)
			model = model[1:]
			require.Equal(t, len(model), c.count)
		}
	}
}

// TestCancelIsForOneEvent shows that what was cancelled too late is no other event of its slot.
func TestCancelIsForOneEvent(t *testing.T) {
	var c calendar
	first := c.push(1, event{fire: func() {}})
	c.pop()
	second := c.push(2, event{fire: func() {}})
	require.Equal(t, first.slot, second.slot)
	c.cancel(first)
	_, e := c.pop()
	require.NotNil(t, e.fire)
	third := c.push(3, event{fire: func() {}})
	c.cancel(third)
	_, e = c.pop()
	require.Nil(t, e.fire)
}
