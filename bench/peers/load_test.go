package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeMember applies at once what it is given, and tells on goroutines of its own.
type fakeMember struct {
	applied   *Sequence
	telling   sync.WaitGroup
	fail      error // Of every message.
	silent    bool  // Nothing is told.
	twice     bool  // Everything is told twice.
	mu        sync.Mutex
	under     int
	most      int
	submitted uint64
}

func newFakeMember(size int) *fakeMember { return &fakeMember{applied: newSequence(size)} }

func (f *fakeMember) Leader() (int, error) { return 0, nil }

func (f *fakeMember) Submit(messages []*Message) {
	for _, m := range messages {
		f.submit(m)
	}
}

func (f *fakeMember) submit(m *Message) {
	f.mu.Lock()
	f.under++
	f.most = max(f.most, f.under)
	f.applied.add(m.Payload)
	f.applied.show()
	if binary.LittleEndian.Uint64(m.Payload) != f.submitted {
		f.applied.fail(errors.New("a number is out of order"))
	}
	f.submitted++
	f.mu.Unlock()
	if f.silent {
		return
	}
	f.telling.Go(func() {
		if f.twice {
			m.Done([]*Message{m}, nil)
		}
		f.mu.Lock()
		f.under--
		f.mu.Unlock()
		m.done(f.fail)
	})
}

func (f *fakeMember) Settle(ctx context.Context, count uint64) error {
	return settle(ctx, f.applied, count)
}

func (f *fakeMember) Close() error {
	f.telling.Wait()
	return nil
}

func TestLoad(t *testing.T) {
	f := newFakeMember(64)
	l := newLoad(f, 8, 64)
	var noted []mark
	h, elapsed, err := l.run(t.Context(), goal{WarmUp: time.Millisecond, Duration: 5 * time.Millisecond},
		func(m mark) { noted = append(noted, m) })
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.Len(t, noted, 2)
	require.Zero(t, noted[0])
	require.Equal(t, mark{h.TotalCount(), elapsed}, noted[1])
	require.Positive(t, h.TotalCount())
	require.Less(t, uint64(h.TotalCount()), l.given, "the warm-up is not measured")
	require.Positive(t, elapsed)
	require.LessOrEqual(t, f.most, 8, "more messages on their way than asked for")
	require.Equal(t, l.given, f.submitted)
	_, err = f.applied.whole(l.given)
	require.NoError(t, err)
}

func TestLoadOfMessages(t *testing.T) {
	f := newFakeMember(8)
	l := newLoad(f, 4, 8)
	var noted []mark
	h, _, err := l.run(t.Context(), goal{Messages: 1000}, func(m mark) { noted = append(noted, m) })
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.Len(t, noted, tenths+1)
	for i, m := range noted {
		require.GreaterOrEqual(t, m.Messages, int64(i*100))
	}
	require.Equal(t, h.TotalCount(), noted[tenths].Messages)
	parts := tenthsOf(noted, make([]usage, tenths+1))
	require.Len(t, parts, tenths)
}

func TestLoadEnds(t *testing.T) {
	nothing := func(mark) {}
	f := newFakeMember(8)
	f.fail = errors.New("dropped")
	_, _, err := newLoad(f, 2, 8).run(t.Context(), goal{Duration: time.Millisecond}, nothing)
	require.ErrorIs(t, err, f.fail)

	f = newFakeMember(8)
	f.twice = true
	_, _, err = newLoad(f, 2, 8).run(t.Context(), goal{WarmUp: time.Hour}, nothing)
	require.ErrorContains(t, err, "expected one to each")

	f = newFakeMember(8)
	f.silent = true
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, _, err = newLoad(f, 2, 8).run(ctx, goal{Duration: time.Millisecond}, nothing)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "0 of 2 messages are answered")
}

// TestSpawn measures each system in child processes, one for all members and one for each.
func TestSpawn(t *testing.T) {
	for _, system := range allNames() {
		for _, processes := range []int{1, members} {
			t.Run(fmt.Sprintf("%s in %d", system, processes), func(t *testing.T) {
				r, err := spawn(t.Context(), cell{
					System: system, Outstanding: 4, Size: 16, Processes: processes, Dir: t.TempDir(),
					goal: goal{Duration: 10 * time.Millisecond},
				})
				require.NoError(t, err)
				require.Positive(t, r.Messages)
				require.Positive(t, r.PeakMemory)
				require.LessOrEqual(t, r.P50, r.Max)
				require.False(t, r.LeaderChanged)
				require.Len(t, r.Digest, 16)
				require.Nil(t, r.Long)
			})
		}
	}
}

// TestSpawnFails gives the last words of a child that fails.
func TestSpawnFails(t *testing.T) {
	_, err := spawn(t.Context(), cell{System: "zab", Processes: members, Dir: t.TempDir()})
	require.ErrorContains(t, err, "peers: --systems zab")
	require.ErrorContains(t, serveChild(t.Context(), "nonsense", nil, nil), "is not a cell")
}

// TestLong shows each tenth, and opens the members again after they were killed.
func TestLong(t *testing.T) {
	dir := t.TempDir()
	r, err := spawn(t.Context(), cell{
		System: ours, Fsync: true, Outstanding: 64, Size: 16, Processes: members, Dir: dir,
		goal: goal{Messages: 2000},
	})
	require.NoError(t, err)
	require.Len(t, r.Long.Tenths, tenths)
	for _, part := range r.Long.Tenths {
		require.Positive(t, part.Messages)
		require.Positive(t, part.PerSecond)
		require.Positive(t, part.Memory)
	}
	require.Positive(t, r.Long.DiskBytes)
	require.Positive(t, r.Long.Recovery)
	require.Positive(t, r.Long.Led)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}
