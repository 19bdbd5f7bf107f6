package tob

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
)

func client(number uint64, born register.Instance) Client { return Client{1, 1, number, born} }

// deliverOne decides whether a message alone is delivered.
func (c *clients) deliverOne(client Client, sequence uint64, at Position) bool {
	from, some := c.deliver(&run{client: client, first: sequence, count: 1}, at)
	return some && from == sequence
}

func TestClientsAreDeliveredInTheirOrder(t *testing.T) {
	c, a := newClients(10, 5), client(1, 1)
	deliver := func(sequence uint64) bool { return c.deliverOne(a, sequence, Position{1, 0}) }
	require.Zero(t, c.last(a))
	require.Nil(t, c.get(a))
	require.False(t, deliver(0))
	require.False(t, deliver(2), "the first is missing")
	require.True(t, deliver(1))
	require.False(t, deliver(1))
	require.False(t, deliver(3))
	require.True(t, deliver(2))
	require.True(t, deliver(3))
	require.False(t, deliver(2))
	require.Equal(t, uint64(3), c.last(a))
	require.Equal(t, &ClientState{a, 3, Position{1, 0}}, c.get(a))
}

func TestClientsAreForgottenWhenIdle(t *testing.T) {
	c := newClients(10, 5)
	a, b := client(1, 1), client(2, 1)
	require.True(t, c.deliverOne(a, 1, Position{2, 0}))
	require.True(t, c.deliverOne(b, 1, Position{2, 1}))
	require.True(t, c.deliverOne(b, 2, Position{3, 0}))
	c.begin(10)
	require.Zero(t, c.horizon)
	c.begin(12)
	require.Equal(t, register.Instance(2), c.horizon)
	require.False(t, c.forgotten(a), "10 instances have not gone by without a message of it")
	c.begin(13)
	require.True(t, c.forgotten(a))
	require.False(t, c.forgotten(b))
	require.False(t, c.deliverOne(a, 2, Position{13, 0}))
	require.False(t, c.deliverOne(a, 1, Position{13, 0}), "a client was taken for a new one")
	require.True(t, c.deliverOne(b, 3, Position{13, 0}), "it is known, though born before the horizon")
	c.begin(23)
	require.False(t, c.forgotten(b), "it was not silent since")
	c.begin(24)
	require.True(t, c.forgotten(b))
}

// The first message of a client that takes too long is as late as any other.
func TestClientsBornBeforeTheHorizonAreForgotten(t *testing.T) {
	c := newClients(10, 5)
	c.begin(20)
	require.Equal(t, register.Instance(10), c.horizon)
	for born, want := range map[register.Instance]bool{9: false, 10: true, 20: true, 21: false} {
		require.Equal(t, want, c.deliverOne(client(uint64(born), born), 1, Position{20, 0}), "born %d", born)
		require.Equal(t, born < 10, c.forgotten(client(uint64(born), born)))
	}
	c.begin(15)
	require.Equal(t, register.Instance(10), c.horizon, "the horizon went back")
}

func TestClientsAreForgottenWhenTooMany(t *testing.T) {
	c := newClients(100, 2)
	a, b, d := client(1, 1), client(2, 1), client(3, 1)
	require.True(t, c.deliverOne(a, 1, Position{1, 0}))
	require.True(t, c.deliverOne(b, 1, Position{1, 1}))
	require.True(t, c.deliverOne(a, 2, Position{2, 0}))
	require.Zero(t, c.horizon)
	require.True(t, c.deliverOne(d, 1, Position{3, 0}))
	require.Equal(t, register.Instance(4), c.horizon)
	require.True(t, c.forgotten(b), "it was silent longest")
	require.False(t, c.forgotten(a))
	require.False(t, c.deliverOne(client(4, 3), 1, Position{3, 1}), "a forgotten one may look like this")
	require.True(t, c.deliverOne(client(4, 4), 1, Position{4, 0}))
	require.Equal(t, []ClientState{
		{d, 1, Position{3, 0}}, {client(4, 4), 1, Position{4, 0}},
	}, c.all())
}

// copyOf is the table after a checkpoint and recovery.
func copyOf(c *clients) *clients {
	recovered := newClients(c.idle, c.most)
	recovered.horizon = c.horizon
	for _, s := range c.all() {
		recovered.add(s)
	}
	return recovered
}

// TO3 for any history: no (client, sequence) is delivered twice, those of a client come in order
// without a gap, what is forgotten stays so, and tables that saw the same are the same, even if
// one of them is recovered from a checkpoint at any time.
func TestTO3NothingIsDeliveredTwice(t *testing.T) {
	delivered := 0
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 0))
		idle, most := register.Instance(1+random.IntN(8)), 1+random.IntN(4)
		one, other := newClients(idle, most), newClients(idle, most)
		last, gone := map[Client]uint64{}, map[Client]bool{}
		for l := register.Instance(1); l < 60; l++ {
			one.begin(l)
			other.begin(l)
			for offset := range uint32(random.IntN(5)) {
				born := l + 1 - register.Instance(random.IntN(int(min(l, 12))+1))
				c := Client{process.ID(1 + random.IntN(2)), 1, 0, born}
				sequence, at := last[c]+uint64(random.IntN(3)), Position{l, offset}
				if random.IntN(3) == 0 {
					sequence = uint64(random.IntN(3))
				}
				gone[c] = gone[c] || one.forgotten(c)
				ok := one.deliverOne(c, sequence, at)
				require.Equal(t, ok, other.deliverOne(c, sequence, at))
				if !ok {
					continue
				}
				delivered++
				require.Equal(t, last[c]+1, sequence, "seed %d: %v at %v", seed, c, at)
				require.False(t, gone[c], "seed %d: %v is forgotten at %v", seed, c, at)
				last[c] = sequence
				require.LessOrEqual(t, len(one.known), most)
			}
			for c := range last {
				require.True(t, one.get(c) != nil || one.forgotten(c), "seed %d: %v is lost", seed, c)
			}
			if random.IntN(4) == 0 {
				other = copyOf(other)
			}
			require.Equal(t, one.all(), other.all())
			require.Equal(t, one.horizon, other.horizon)
		}
	}
	require.Greater(t, delivered, 4000, "the histories were too poor to show anything")
}
