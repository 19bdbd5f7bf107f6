package tob

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// payloadsOf are payloads of so many lengths, from 0 on.
func payloadsOf(n int) [][]byte {
	var all [][]byte
	for i := range n {
		all = append(all, bytes.Repeat([]byte{byte(i)}, i))
	}
	return all
}

// The frame of a run has what each of its messages alone has.
func TestRunsRoundTrip(t *testing.T) {
	c := Client{1, 2, 3, 4}
	for _, n := range []int{1, 2, 15, 300} {
		for _, first := range []uint64{1, 127, math.MaxUint32} {
			payloads := payloadsOf(n)
			frame := AppendRun(nil, c, first, payloads)
			require.True(t, valid(frame))
			i := 0
			for m := range Unpack(frame) {
				require.Equal(t, Broadcast{c, first + uint64(i), payloads[i]}, Broadcast{
					m.Client, m.Sequence, append([]byte{}, m.Payload...),
				}, "message %d of %d", i, n)
				i++
			}
			require.Equal(t, n, i)
			r, err := parseRun(frame)
			require.NoError(t, err)
			require.Equal(t, frame, r.append(nil))
		}
	}
}

// What is no run is refused, and what has not as many payloads as it says is not valid.
func TestRunsThatAreNone(t *testing.T) {
	frame := AppendRun(nil, Client{1, 2, 3, 4}, 5, [][]byte{[]byte("a"), []byte("bc")})
	for n := range frame {
		require.False(t, n > 0 && valid(frame[:n]), "the first %d bytes", n)
	}
	for _, count := range []byte{0, 1, 3, 127} {
		frame[6] = count
		require.False(t, valid(frame), "%d messages", count)
	}
}

// Of a run whose first messages were delivered before, the others are.
func TestRunsFromASequence(t *testing.T) {
	payloads := payloadsOf(5)
	whole, err := parseRun(AppendRun(nil, client(1, 1), 7, payloads))
	require.NoError(t, err)
	for i := range payloads {
		rest := whole.from(7 + uint64(i))
		require.Equal(t, AppendRun(nil, client(1, 1), 7+uint64(i), payloads[i:]), rest.frame)
	}
	c := newClients(10, 5)
	require.True(t, c.deliverOne(client(1, 1), 1, Position{1, 0}))
	at := Position{1, 1}
	from, some := c.deliver(&run{client: client(1, 1), first: 1, count: 3}, at)
	require.True(t, some)
	require.Equal(t, uint64(2), from)
	require.Equal(t, Position{1, 2}, c.get(client(1, 1)).Position)
	_, some = c.deliver(&run{client: client(1, 1), first: 5, count: 2}, at)
	require.False(t, some, "one is missing")
	_, some = c.deliver(&run{client: client(1, 1), first: 2, count: 2}, at)
	require.False(t, some, "all were delivered")
}

// Whoever names one message of a run hears of that one, whichever came first.
func TestPoolJoinsOneOfARun(t *testing.T) {
	for _, oneFirst := range []bool{false, true} {
		p := newPoolTest()
		var all, one []Position
		run := entry{first: 5, count: 4, frame: []byte("run"), waits: 4, done: func(first, n int, o Outcome) {
			for i := range n {
				require.Len(t, all, first+i)
				all = append(all, o.After(i).Position)
			}
		}}
		alone := entry{first: 6, count: 1, frame: []byte("1"), waits: 1, done: func(_, n int, o Outcome) {
			require.Equal(t, 1, n)
			one = append(one, o.Position)
		}}
		if oneFirst {
			run, alone = alone, run
		}
		p.add(a, run)
		p.add(a, alone)
		require.Equal(t, 5, p.pool.own.messages)
		require.Len(t, p.queues[a].entries, 1)
		e := p.remove(p.queues[a])
		require.Equal(t, "run", string(e.frame))
		e.done(0, 4, Outcome{Delivered, Position{9, 3}})
		require.Equal(t, []Position{{9, 3}, {9, 4}, {9, 5}, {9, 6}}, all)
		require.Equal(t, []Position{{9, 4}}, one)
		require.Equal(t, usage{}, p.pool.own)
	}
}

func FuzzRuns(f *testing.F) {
	f.Add(AppendRun(nil, Client{1, 2, 3, 4}, 5, payloadsOf(3)))
	f.Add(AppendRun(nil, Client{1, 2, 3, 4}, 5, payloadsOf(1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if !valid(b) {
			return
		}
		var again []byte
		for s := runsOf(b); s.next(); {
			again = s.run.append(again)
		}
		require.True(t, valid(again))
		n := 0
		for range Unpack(b) {
			n++
		}
		for range Unpack(again) {
			n--
		}
		require.Zero(t, n)
	})
}
