package main

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeCluster applies at once what it is given, and tells on goroutines of its own.
type fakeCluster struct {
	applied   [members]*Sequence
	telling   sync.WaitGroup
	fail      error // Of every message.
	silent    bool  // Nothing is told.
	twice     bool  // Everything is told twice.
	leaders   []int // Of the calls of Leader; the last one stays.
	mu        sync.Mutex
	under     int
	most      int
	submitted uint64
}

func newFakeCluster(size int) *fakeCluster {
	f := &fakeCluster{leaders: []int{1}}
	for i := range f.applied {
		f.applied[i] = newSequence(size)
	}
	return f
}

func (f *fakeCluster) Leader() (int, error) {
	leader := f.leaders[0]
	if len(f.leaders) > 1 {
		f.leaders = f.leaders[1:]
	}
	return leader, nil
}

func (f *fakeCluster) Submit(m *Message) {
	f.mu.Lock()
	f.under++
	f.most = max(f.most, f.under)
	for _, s := range f.applied {
		s.add(m.Payload)
	}
	if binary.LittleEndian.Uint64(m.Payload) != f.submitted {
		f.applied[0].fail(errors.New("a number is out of order"))
	}
	f.submitted++
	f.mu.Unlock()
	if f.silent {
		return
	}
	if f.twice {
		m.Done(nil)
	}
	f.telling.Go(func() {
		f.mu.Lock()
		f.under--
		f.mu.Unlock()
		m.Done(f.fail)
	})
}

func (f *fakeCluster) Settle(ctx context.Context, count uint64) error {
	return settle(ctx, f.applied, count)
}

func (f *fakeCluster) Close() error {
	f.telling.Wait()
	return nil
}

func TestLoad(t *testing.T) {
	f := newFakeCluster(64)
	l := newLoad(f, 8, 64)
	calls := ""
	h, elapsed, err := l.run(t.Context(), time.Millisecond, 5*time.Millisecond,
		func() { calls += "begin " }, func() { calls += "end" })
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.Equal(t, "begin end", calls)
	require.Positive(t, h.TotalCount())
	require.Less(t, uint64(h.TotalCount()), l.given, "the warm-up is not measured")
	require.Positive(t, elapsed)
	require.LessOrEqual(t, f.most, 8, "more messages on their way than asked for")
	require.Equal(t, l.given, f.submitted)
	_, err = compare(f.applied, l.given)
	require.NoError(t, err)
}

func TestLoadEnds(t *testing.T) {
	nothing := func() {}
	f := newFakeCluster(8)
	f.fail = errors.New("dropped")
	_, _, err := newLoad(f, 2, 8).run(t.Context(), 0, time.Millisecond, nothing, nothing)
	require.ErrorIs(t, err, f.fail)

	f = newFakeCluster(8)
	f.twice = true
	_, _, err = newLoad(f, 2, 8).run(t.Context(), time.Hour, 0, nothing, nothing)
	require.ErrorContains(t, err, "expected one to each")

	f = newFakeCluster(8)
	f.silent = true
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, _, err = newLoad(f, 2, 8).run(ctx, 0, time.Millisecond, nothing, nothing)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "0 of 2 messages are answered")
}

func TestLoaded(t *testing.T) {
	c := cell{Outstanding: 4, Size: 16, Duration: time.Millisecond}
	f := newFakeCluster(16)
	r, err := loaded(t.Context(), f, c)
	require.NoError(t, err)
	require.Positive(t, r.Messages)
	require.Positive(t, r.PerSecond)
	require.LessOrEqual(t, r.P50, r.P99)
	require.LessOrEqual(t, r.P99, r.Max)
	require.Positive(t, r.PeakMemory)
	require.Equal(t, f.submitted, r.Applied)
	require.False(t, r.LeaderChanged)

	f = newFakeCluster(16)
	f.leaders = []int{0, 2}
	r, err = loaded(t.Context(), f, c)
	require.NoError(t, err)
	require.True(t, r.LeaderChanged)

	f = newFakeCluster(16)
	f.applied[2].fail(errors.New("altered"))
	_, err = loaded(t.Context(), f, c)
	require.ErrorContains(t, err, "altered")
}

// TestSpawn measures in a child process, and gives the last words of one that fails.
func TestSpawn(t *testing.T) {
	c := cell{
		System: "etcd", Outstanding: 4, Size: 16, Duration: 10 * time.Millisecond, Dir: t.TempDir(),
	}
	r, err := spawn(t.Context(), c)
	require.NoError(t, err)
	require.Positive(t, r.Messages)
	require.Len(t, r.Digest, 16)
	c.System = "zab"
	_, err = spawn(t.Context(), c)
	require.ErrorContains(t, err, "peers: --systems zab")
	require.ErrorContains(t, serveChild(t.Context(), "nonsense", nil), "is not a cell")
}

// shySystem starts only at a later try.
type shySystem struct {
	paxonSystem
	left *int
	dirs map[string]bool
}

func (s shySystem) Start(_ context.Context, setup Setup) (Cluster, error) {
	s.dirs[setup.Dir] = true
	if *s.left--; *s.left >= 0 {
		setup.Applied[0].add(make([]byte, 8))
		return nil, errors.New("the address is taken")
	}
	return newFakeCluster(8), nil
}

func TestStart(t *testing.T) {
	for left, tries := range map[int]int{0: 1, 1: 2, startTries - 1: startTries} {
		s := shySystem{left: &left, dirs: map[string]bool{}}
		_, applied, err := start(t.Context(), s, cell{Dir: t.TempDir(), Size: 8})
		require.NoError(t, err)
		require.Len(t, s.dirs, tries, "each try has a directory of its own")
		require.Zero(t, applied[0].Count(), "and members of its own")
	}
	left := startTries
	s := shySystem{left: &left, dirs: map[string]bool{}}
	_, _, err := start(t.Context(), s, cell{Dir: t.TempDir(), Size: 8})
	require.ErrorContains(t, err, "the address is taken")
}
