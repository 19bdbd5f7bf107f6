package node

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/node/storage"
	"paxon/process"
	"paxon/register"
	"paxon/wire"
)

// disk is a forced log whose forces end when the test says so.
type disk struct {
	puts    int
	forgets []uint64
	forces  []func(error)
	stored  map[byte][]byte
	backlog int

	now       bool // A force is done at once,
	failed    error
	forcedNow int // so often.
}

func (d *disk) PutValue(space byte, _ uint64, head, value, tail []byte) {
	d.puts++
	d.stored[space] = slices.Concat(head, value, tail)
}

func (d *disk) ForceNow() (bool, error) {
	if d.now {
		d.forcedNow++
	}
	return d.now, d.failed
}

func (d *disk) Forget(_ byte, below uint64) { d.forgets = append(d.forgets, below) }
func (d *disk) Force(done func(error))      { d.forces = append(d.forces, done) }
func (d *disk) Backlog() int                { return d.backlog }

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
	require.False(t, s.force(false))
	require.False(t, s.force(false))
	require.Len(t, d.forces, 1)
	s.Put(1, 4, record{4}, note(4))
	require.False(t, s.force(false))
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
	require.False(t, s.force(false))
	require.Equal(t, []uint64{9}, d.forgets)
	require.Empty(t, d.forces)
}

func TestNothingIsAcknowledgedAfterAFailure(t *testing.T) {
	s, d, _, run := newTestStore(t)
	s.Put(1, 1, record{1}, func() { t.Error("it is acknowledged") })
	require.False(t, s.force(false))
	d.forces[0](errors.New("no space"))
	run()
}

func TestADiskWithoutProgressIsNotHealthy(t *testing.T) {
	s, d, now, run := newTestStore(t)
	require.True(t, s.healthy())
	*now = now.Add(time.Hour)
	require.True(t, s.healthy(), "there is nothing to force")
	s.Put(1, 1, record{1}, nil)
	require.False(t, s.force(false))
	*now = now.Add(maxForce - 1)
	require.True(t, s.healthy())
	s.Put(1, 2, record{2}, nil)
	require.False(t, s.force(false))
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

// TestALittleIsForcedAtOnce has the loop force by itself where it has nothing else to do.
func TestALittleIsForcedAtOnce(t *testing.T) {
	s, d, _, run := newTestStore(t)
	d.now = true
	done := 0
	put := func() { s.Put(1, 1, record{1}, func() { done++ }) }
	put()
	require.False(t, s.force(false), "the loop is busy")
	d.forces[0](nil)
	run()
	require.Equal(t, 1, done)

	put()
	require.True(t, s.force(true))
	require.Equal(t, 2, done)
	require.False(t, s.force(true), "nothing is left")

	d.now = false // Another force runs.
	put()
	require.False(t, s.force(true))
	require.Len(t, d.forces, 2)

	d.now = true
	s.put = forceNowBytes + 1
	require.False(t, s.force(true), "it is much")
	s.atOnce = true
	put()
	require.True(t, s.force(false), "it takes no time")

	d.failed = errors.New("broken")
	before := done
	put()
	require.False(t, s.force(true))
	require.Equal(t, before, done, "nothing is acknowledged after a failure")
}

// TestWhatARegisterHoldsIsStored tells batches that were put from others.
func TestWhatARegisterHoldsIsStored(t *testing.T) {
	codec, err := wire.New(wire.Vmihailenco, register.Copy{})
	require.NoError(t, err)
	s := newStore(&disk{stored: map[byte][]byte{}}, codec, nil, time.Now)
	batch := register.Value("batch")
	s.Put(storage.BatchSpace, 1, register.Copy{Value: batch}, nil)
	s.Put(storage.BatchSpace, 2, register.Copy{Value: batch}, nil)
	s.Put(storage.BatchSpace, 3, register.Copy{}, nil)
	s.Put(storage.BatchSpace, 4, register.Copy{Value: batch}, nil)
	s.Put(storage.BatchSpace, 4, register.Copy{Value: register.Value("other")}, nil)
	require.True(t, s.took(1, batch))
	require.False(t, s.took(1, batch), "it is asked once")
	require.True(t, s.took(2, slices.Clone(batch)))
	require.False(t, s.took(3, nil))
	require.False(t, s.took(4, batch))
	require.False(t, s.took(5, batch))
	require.Empty(t, s.values)

	s.Put(storage.BatchSpace, 5, register.Copy{Value: batch}, nil) // A late WRITE.
	s.Put(storage.BatchSpace, 9, register.Copy{Value: batch}, nil)
	s.Forget(storage.BatchSpace, 9)
	require.Len(t, s.values, 1)
	require.True(t, s.took(9, batch))
}
