package tob

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// poolTest is a pool with the table of clients, and frames that are one letter each.
type poolTest struct {
	*pool
	clients *clients
	done    []string
}

func newPoolTest() *poolTest {
	return &poolTest{pool: newPool(), clients: newClients(1000, 1000)}
}

// own adds messages of a client that were broadcast here, one of each letter.
func (p *poolTest) own(c Client, first uint64, frames string) {
	for i, f := range frames {
		p.add(c, entry{
			first: first + uint64(i), count: 1, frame: []byte(string(f)),
			done: func(int, int, Outcome) { p.done = append(p.done, string(f)) },
		})
	}
}

// forwarded adds messages that another process broadcast.
func (p *poolTest) forwarded(c Client, first uint64, frames string) {
	for i, f := range frames {
		p.add(c, entry{first: first + uint64(i), count: 1, frame: []byte(string(f)), forwarded: true})
	}
}

func (p *poolTest) taken(most int) string    { return string(p.take(most, 0, p.clients)) }
func (p *poolTest) takenOwn(most int) string { return string(p.takeOwn(most, 0, p.clients)) }

var a, b, c = client(1, 1), client(2, 1), client(3, 1)

func TestPoolTakesInOrder(t *testing.T) {
	p := newPoolTest()
	p.own(a, 1, "abc")
	p.forwarded(b, 1, "xyz")
	require.Equal(t, "abcxyz", p.taken(100))
	require.Empty(t, p.taken(100), "it was taken already")
	p.own(a, 4, "d")
	require.Equal(t, "d", p.taken(100))
}

func TestPoolLimitsBatches(t *testing.T) {
	p := newPoolTest()
	p.own(a, 1, "abc")
	p.own(b, 1, "xyz")
	require.Equal(t, "ab", p.taken(2))
	require.Equal(t, "xy", p.taken(2), "the others have their turn")
	require.Equal(t, "c", p.taken(1))
	require.Equal(t, "z", p.taken(2))
	require.Empty(t, p.taken(2))

	p.add(c, entry{first: 1, count: 1, frame: []byte("long")})
	p.add(c, entry{first: 2, count: 1, frame: []byte("long")})
	require.Equal(t, "long", p.taken(3), "it goes alone")
	require.Equal(t, "long", p.taken(3))
}

// Only what follows on what is delivered and proposed would be delivered.
func TestPoolHoldsBackWhatIsOutOfOrder(t *testing.T) {
	p := newPoolTest()
	p.own(a, 2, "bc")
	p.own(a, 5, "e")
	require.Empty(t, p.taken(100))
	p.own(a, 1, "a")
	require.Equal(t, "abc", p.taken(100))
	p.own(a, 4, "d")
	require.Equal(t, "de", p.taken(100))

	p.own(b, 3, "z")
	p.clients.deliverOne(b, 1, Position{1, 0})
	p.rewindAll()
	require.Equal(t, "abcde", p.taken(100))
	p.clients.deliverOne(b, 2, Position{1, 1})
	p.enqueue(p.queues[b])
	require.Equal(t, "z", p.taken(100))
}

// That they are passed over tells the process that waits.
func TestPoolTakesWhatIsForgotten(t *testing.T) {
	p := newPoolTest()
	p.own(a, 3, "cd")
	p.clients.horizon = 2
	require.Equal(t, "cd", p.taken(100))
}

func TestPoolRewinds(t *testing.T) {
	p := newPoolTest()
	p.own(a, 1, "ab")
	p.own(b, 1, "x")
	require.Equal(t, "abx", p.taken(100))
	p.rewind(p.queues[a])
	require.Equal(t, "ab", p.taken(100))
	p.own(a, 3, "c")
	p.rewindAll()
	require.Equal(t, "abcx", p.taken(100))
	p.remove(p.queues[a])
	p.clients.deliverOne(a, 1, Position{1, 0})
	p.rewindAll()
	require.Equal(t, "bcx", p.taken(100))
}

func TestPoolForwardsItsOwnOnly(t *testing.T) {
	p := newPoolTest()
	p.forwarded(b, 1, "xyz")
	p.own(a, 2, "bc")
	p.own(c, 1, "m")
	require.Equal(t, "m", p.takenOwn(2), "the leader would hold what does not follow")
	p.own(a, 1, "a")
	require.Equal(t, "ab", p.takenOwn(2))
	require.Equal(t, "c", p.takenOwn(2))
	require.Empty(t, p.takenOwn(100))
	p.own(a, 4, "d")
	require.Equal(t, "d", p.takenOwn(100))

	p.add(c, entry{first: 2, count: 1, frame: []byte("long"), done: func(int, int, Outcome) {}})
	require.Equal(t, "long", p.takenOwn(3))
}

func TestPoolJoins(t *testing.T) {
	p := newPoolTest()
	p.own(a, 1, "ab")
	p.own(a, 2, "b")
	p.forwarded(a, 1, "a")
	require.Equal(t, usage{2, 2}, p.pool.own)
	require.Equal(t, usage{0, 0}, p.others)
	require.Equal(t, "ab", p.taken(100))

	q := p.queues[a]
	e := p.remove(q)
	require.True(t, e.forwarded)
	e.done(0, 1, Outcome{})
	require.Equal(t, []string{"a"}, p.done)
	p.remove(q).done(0, 1, Outcome{})
	require.Equal(t, []string{"a", "b", "b"}, p.done, "both who broadcast it are told")
}

// A message that was forwarded here and is then broadcast here was not sent to the leader yet.
func TestPoolForwardsWhatBecomesItsOwn(t *testing.T) {
	p := newPoolTest()
	p.forwarded(a, 1, "abc")
	require.Empty(t, p.takenOwn(100))
	p.own(a, 2, "b")
	require.Equal(t, usage{1, 1}, p.pool.own)
	require.Equal(t, usage{2, 2}, p.others)
	require.Empty(t, p.takenOwn(100), "another process sees to the one before it")
	p.remove(p.queues[a])
	p.clients.deliverOne(a, 1, Position{1, 0})
	p.enqueue(p.queues[a])
	require.Equal(t, "b", p.takenOwn(100))
	p.own(a, 2, "b")
	require.Empty(t, p.takenOwn(100), "it was sent already")
}

// Each call of Broadcast counts, so that one who retries without end is told that it is full.
func TestPoolCountsCalls(t *testing.T) {
	p := newPoolTest()
	for range 3 {
		p.add(a, entry{first: 1, count: 1, frame: []byte("a"), done: func(int, int, Outcome) {}, waits: 1})
	}
	require.Equal(t, usage{3, 1}, p.pool.own)
	p.remove(p.queues[a])
	require.Equal(t, usage{}, p.pool.own)
}

func TestPoolDisowns(t *testing.T) {
	p := newPoolTest()
	p.own(a, 1, "abcd")
	p.forwarded(a, 2, "b")
	p.forwarded(a, 5, "e")
	q := p.queues[a]
	for _, e := range p.disown(q) {
		e.done(0, 1, Outcome{})
	}
	require.Equal(t, []string{"a", "b", "c", "d"}, p.done)
	require.Equal(t, usage{0, 0}, p.pool.own)
	require.Equal(t, usage{2, 2}, p.others)
	require.Len(t, q.entries, 2)
	require.Empty(t, p.disown(q))

	p.own(b, 1, "x")
	p.disown(p.queues[b])
	require.Equal(t, []*queue{q}, p.all)
	require.NotContains(t, p.queues, b)
}

// A message of a forgotten client that was given up here may be forwarded here later: all from it
// on are taken again, to be passed over.
func TestPoolTakesFromWhatComesBack(t *testing.T) {
	p := newPoolTest()
	p.own(a, 1, "a")
	p.forwarded(a, 2, "b")
	require.Equal(t, "ab", p.taken(100))
	p.disown(p.queues[a])
	require.Empty(t, p.taken(100))
	p.forwarded(a, 1, "a")
	require.Equal(t, "ab", p.taken(100))
}

// A leader that has proposed what was forwarded to it does not propose it again because it is
// broadcast here, too.
func TestPoolDoesNotRepeatWhatBecomesItsOwn(t *testing.T) {
	p := newPoolTest()
	p.forwarded(a, 1, "abc")
	require.Equal(t, "abc", p.taken(100))
	p.own(a, 2, "b")
	require.Empty(t, p.taken(100))
}

func TestPoolLeavesNothing(t *testing.T) {
	p := newPoolTest()
	p.own(a, 1, "ab")
	p.own(b, 1, "x")
	p.forwarded(c, 1, "m")
	for _, owner := range []Client{a, b, a, c} {
		q := p.queues[owner]
		p.remove(q)
		for i, left := range p.all {
			require.Equal(t, i, left.place)
			require.NotEmpty(t, left.entries)
		}
	}
	require.Empty(t, p.all)
	require.Empty(t, p.queues)
	require.Equal(t, usage{0, 0}, p.pool.own)
	require.Equal(t, usage{0, 0}, p.others)
	require.Empty(t, p.taken(100))
	require.Empty(t, p.ready)

	p.own(a, 3, "c")
	require.Len(t, p.all, 1, "a queue that was emptied comes back")
}

// A queue that grows at its end and shrinks at its beginning uses its memory again, and lets go of
// what has left it.
func TestPoolUsesMemoryAgain(t *testing.T) {
	p := newPoolTest()
	for i := range uint64(40) {
		p.own(a, i+1, "x")
	}
	q := p.queues[a]
	sequence := uint64(40)
	e := entry{count: 1, frame: []byte("x"), waits: 1, done: func(int, int, Outcome) {}}
	allocs := testing.AllocsPerRun(1000, func() {
		sequence++
		e.first = sequence
		p.add(a, e)
		p.remove(q)
		p.take(10, 0, p.clients)
	})
	require.Zero(t, allocs)
	require.LessOrEqual(t, cap(q.memory.Value), 128)
	for _, e := range q.memory.Value[:cap(q.memory.Value)-cap(q.entries)] {
		require.Nil(t, e.frame)
	}
}
