package node

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/wire"
)

// disk is a forced log whose forces end when the test says so.
type disk struct {
	puts    int
	forgets []uint64
	forces  []func(error)
	stored  map[byte][]byte
	backlog int
}

func (d *disk) Put(space byte, _ uint64, rec []byte) { d.puts++; d.stored[space] = rec }
func (d *disk) Forget(_ byte, below uint64)          { d.forgets = append(d.forgets, below) }
func (d *disk) Force(done func(error))               { d.forces = append(d.forces, done) }
func (d *disk) Backlog() int                         { return d.backlog }

func (d *disk) Stored(space byte, yield func(key uint64, rec []byte) bool) {
	if rec, ok := d.stored[space]; ok {
		yield(7, rec)
	}
}

type record struct{ N uint64 }

func newTestStore(t *testing.T) (s *store, d *disk, now *time.Time, run func()) {
	t.Helper()
	codec, err := wire.New(wire.Vmihailenco, record{})
	require.NoError(t, err)
	d = &disk{stored: map[byte][]byte{}}
	now = new(time.Time)
	var posted []func()
	post := func(call func()) bool {
		posted = append(posted, call)
		return true
	}
	run = func() {
		for _, call := range posted {
			call()
		}
		posted = nil
	}
	return newStore(d, codec, post, func() time.Time { return *now }), d, now, run
}

func TestATurnIsForcedOnce(t *testing.T) {
	s, d, _, run := newTestStore(t)
	var done []int
	note := func(n int) func() { return func() { done = append(done, n) } }
	s.Put(1, 1, record{1}, note(1))
	s.Put(1, 2, record{2}, nil)
	s.Put(2, 3, record{3}, note(3))
	require.Empty(t, d.forces)
	s.force()
	s.force()
	require.Len(t, d.forces, 1)
	s.Put(1, 4, record{4}, note(4))
	s.force()
	require.Len(t, d.forces, 2, "the loop does not wait for the first")
	d.forces[0](nil)
	require.Empty(t, done, "it is the loop that calls done")
	run()
	require.Equal(t, []int{1, 3}, done)
	d.forces[1](nil)
	run()
	require.Equal(t, []int{1, 3, 4}, done)
	require.Equal(t, 4, d.puts)
}

func TestForgettingNeedsNoForce(t *testing.T) {
	s, d, _, _ := newTestStore(t)
	s.Forget(1, 9)
	s.force()
	require.Equal(t, []uint64{9}, d.forgets)
	require.Empty(t, d.forces)
}

func TestNothingIsAcknowledgedAfterAFailure(t *testing.T) {
	s, d, _, run := newTestStore(t)
	s.Put(1, 1, record{1}, func() { t.Error("it is acknowledged") })
	s.force()
	d.forces[0](errors.New("no space"))
	run()
}

func TestADiskWithoutProgressIsNotHealthy(t *testing.T) {
	s, d, now, run := newTestStore(t)
	require.True(t, s.healthy())
	*now = now.Add(time.Hour)
	require.True(t, s.healthy(), "there is nothing to force")
	s.Put(1, 1, record{1}, nil)
	s.force()
	*now = now.Add(maxForce - 1)
	require.True(t, s.healthy())
	s.Put(1, 2, record{2}, nil)
	s.force()
	*now = now.Add(1)
	require.False(t, s.healthy())
	d.forces[0](nil)
	run()
	require.True(t, s.healthy(), "the first force has ended")
	*now = now.Add(maxForce)
	require.False(t, s.healthy())
	d.forces[1](nil)
	run()
	require.True(t, s.healthy())
}

func TestADiskIsBehindAboveABound(t *testing.T) {
	s, d, _, _ := newTestStore(t)
	d.backlog = maxBacklog
	require.False(t, s.behind())
	d.backlog++
	require.True(t, s.behind())
}

func TestStoredRecords(t *testing.T) {
	s, d, _, _ := newTestStore(t)
	s.Put(1, 7, record{42}, nil)
	var got []process.Record
	s.Stored(1, func(key uint64, r process.Record) bool {
		require.EqualValues(t, 7, key)
		got = append(got, r)
		return true
	})
	require.Equal(t, []process.Record{record{42}}, got)
	require.NoError(t, s.err)
	d.stored[2] = []byte("no record")
	s.Stored(2, func(uint64, process.Record) bool {
		t.Error("it is given out")
		return true
	})
	var wrong *wire.DecodeError
	require.ErrorAs(t, s.err, &wrong)
}
