package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/tob"
)

const guard = 30 * time.Second // No test takes this long, unless something hangs.

// fakeNode answers what is submitted: on a goroutine of its own, in order, as a loop does.
type fakeNode struct {
	t       *testing.T
	given   chan func(tob.Outcome)
	numbers []uint64 // Of what was submitted.
	err     error
}

func newFakeNode(t *testing.T) *fakeNode {
	t.Helper()
	return &fakeNode{t: t, given: make(chan func(tob.Outcome), MaxOutstanding)}
}

func (f *fakeNode) Submit(_ context.Context, m tob.Broadcast, done func(tob.Outcome)) error {
	if f.err != nil {
		return f.err
	}
	f.numbers = append(f.numbers, binary.LittleEndian.Uint64(m.Payload))
	f.given <- done
	return nil
}

func (f *fakeNode) SubmitAll(
	ctx context.Context, payloads [][]byte, done tob.Done,
) (taken int, err error) {
	for i, p := range payloads {
		m := tob.Broadcast{Payload: p}
		if err := f.Submit(ctx, m, func(o tob.Outcome) { done(i, 1, o) }); err != nil {
			return i, err
		}
	}
	return len(payloads), nil
}

// answer delivers so many messages, in order.
func (f *fakeNode) answer(n int) {
	for range n {
		(<-f.given)(tob.Outcome{Status: tob.Delivered})
	}
}

// started runs a broadcaster.
func started(t *testing.T, f *fakeNode, s Setting) (*broadcaster, chan error) {
	t.Helper()
	b := newBroadcaster(f, 2, s, 0, 1)
	return b, running(t, b)
}

// running runs a broadcaster, and tells how it ended.
func running(t *testing.T, b *broadcaster) chan error {
	t.Helper()
	ended := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), guard)
	t.Cleanup(cancel)
	go func() { ended <- b.run(ctx) }()
	return ended
}

// TestClosedLoop keeps as many on their way as it should, and no more: B1.
func TestClosedLoop(t *testing.T) {
	f := newFakeNode(t)
	b, ended := started(t, f, Setting{Size: 16, Outstanding: 4})
	f.answer(4)
	f.answer(2)
	b.begin()
	f.answer(10)
	require.NoError(t, b.end(t.Context()))
	require.Eventually(t, func() bool { return len(f.given) == 4 }, guard, time.Millisecond)
	b.stop()
	go f.answer(4)
	require.NoError(t, <-ended)
	r, err := b.result()
	require.NoError(t, err)
	require.EqualValues(t, 2, r.At)
	require.EqualValues(t, 20, r.Given, "16 were answered when it ended, and 4 on their way")
	require.EqualValues(t, 10, r.Counted)
	require.EqualValues(t, 10, b.latency.TotalCount())
	require.Zero(t, r.Late)
	require.Positive(t, r.Elapsed)
	for i, n := range f.numbers {
		require.Equal(t, 2<<idShift|uint64(i), n, "each has its number")
	}
}

// TestOpenLoop sends what is due without an answer, and counts latencies of what was due while it
// measured: B1, B2.
func TestOpenLoop(t *testing.T) {
	f := newFakeNode(t)
	b, ended := started(t, f, Setting{Size: 16, Rate: 10_000})
	b.begin()
	first := <-f.given
	var waiting []func(tob.Outcome)
	for range 20 { // They come though nothing is answered.
		waiting = append(waiting, <-f.given)
	}
	first(tob.Outcome{Status: tob.Delivered})
	require.NoError(t, b.end(t.Context()))
	b.stop()
	for _, done := range waiting {
		done(tob.Outcome{Status: tob.Delivered})
	}
	go func() {
		for done := range f.given {
			done(tob.Outcome{Status: tob.Delivered})
		}
	}()
	require.NoError(t, <-ended)
	close(f.given)
	r, err := b.result()
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Counted)
	require.Equal(t, time.Duration(b.to.Load()-b.from.Load()), r.Elapsed)
	due := b.pace.by(time.Duration(b.to.Load())-1) - b.pace.by(time.Duration(b.from.Load())-1)
	require.EqualValues(t, due, b.latency.TotalCount(), "all that were due, and no others")
}

// TestLate counts what was due and never sent.
func TestLate(t *testing.T) {
	b := newBroadcaster(nil, 1, Setting{Size: 16, Rate: 1000}, 0, 1)
	b.from.Store(int64(2 * time.Millisecond))
	b.to.Store(int64(10 * time.Millisecond))
	b.given = 7
	r, err := b.result()
	require.NoError(t, err)
	require.EqualValues(t, 3, r.Late, "those due at 7, 8 and 9 ms")
	require.EqualValues(t, 3, b.latency.TotalCount())
	require.InEpsilon(t, 3e-3, Quantile(b.latency, 100), 1e-2)
}

// TestOpenLoopIsBounded has an open loop wait for answers when too much is on its way: B6.
func TestOpenLoopIsBounded(t *testing.T) {
	require.Equal(t, MaxOutstanding, openRoom(16))
	require.Equal(t, 32, openRoom(MaxSize))
	f := newFakeNode(t)
	b := newBroadcaster(f, 2, Setting{Size: 16, Rate: MaxRate}, 0, 1)
	b.slots = b.slots[:2]
	ended := running(t, b)
	f.answer(6)
	require.Eventually(t, func() bool { return len(f.given) == 2 }, guard, time.Millisecond)
	b.stop()
	go f.answer(2)
	require.NoError(t, <-ended)
	require.EqualValues(t, 8, b.given)
}

func TestLoadFails(t *testing.T) {
	closed := Setting{Size: 16, Outstanding: 2}
	for want, status := range map[string]tob.Status{
		"p2 answered message 0 expired, expected message 0 delivered": tob.Expired,
		"p2 answered message 1 delivered, expected message 0":         tob.Delivered,
	} {
		f := newFakeNode(t)
		b, ended := started(t, f, closed)
		first, second := <-f.given, <-f.given
		if status == tob.Delivered {
			first = second // Out of order.
		}
		first(tob.Outcome{Status: status})
		err := <-ended
		require.EqualError(t, err, want+map[bool]string{true: " delivered"}[status == tob.Delivered])
		require.Equal(t, err, b.end(t.Context()), "whoever measures hears of it")
	}
	f := newFakeNode(t)
	f.err = errors.New("closed")
	_, ended := started(t, f, closed)
	require.ErrorIs(t, <-ended, f.err)

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errOver)
	b := newBroadcaster(newFakeNode(t), 1, closed, 0, 1)
	require.ErrorIs(t, b.run(ctx), errOver)
	require.ErrorIs(t, b.end(ctx), errOver)
}

// TestLoadAllocatesNothing for a message, and once for many, but for what the node needs: B7.
func TestLoadAllocatesNothing(t *testing.T) {
	b := newBroadcaster(&echoNode{}, 1, Setting{Size: 16, Outstanding: 64}, 0, 1)
	b.begin()
	ctx := t.Context()
	for n, most := range map[uint64]float64{1: 0, 64: 1} {
		require.LessOrEqual(t, testing.AllocsPerRun(1000, func() {
			require.NoError(t, b.submit(ctx, time.Since(b.begun), n))
		}), most)
	}
	require.EqualValues(t, 65*1001, b.latency.TotalCount())
}

// echoNode answers at once.
type echoNode struct{}

func (*echoNode) Submit(_ context.Context, _ tob.Broadcast, done func(tob.Outcome)) error {
	done(tob.Outcome{Status: tob.Delivered})
	return nil
}

func (*echoNode) SubmitAll(
	_ context.Context, payloads [][]byte, done tob.Done,
) (taken int, err error) {
	done(0, len(payloads), tob.Outcome{Status: tob.Delivered})
	return len(payloads), nil
}
