package storage

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"paxon/register"
)

// batchOf is the batch decided in an instance, as long as some thousand bytes or empty.
func batchOf(l uint64) register.Value {
	rng := rand.New(rand.NewPCG(l, 77))
	size := rng.IntN(1 << rng.IntN(12))
	if size == 0 {
		return nil
	}
	return append(fmt.Appendf(nil, "%08d:", l), patterned(size, byte(l))...)
}

// delivering is a process that delivers batchOf, and what is known of it.
type delivering struct {
	rng     *rand.Rand
	next    uint64        // the next instance to deliver
	forced  atomic.Uint64 // the history was reported durable below it
	below   atomic.Uint64 // the history was truncated below it
	mayHave atomic.Uint64 // no crash leaves this instance
}

func newDelivering(seed uint64) *delivering {
	d := &delivering{rng: rand.New(rand.NewPCG(seed, 3)), next: 1}
	d.forced.Store(1)
	d.below.Store(1)
	return d
}

// step delivers one batch and may do some of what a process does besides.
func (d *delivering) step(t *testing.T, s *Storage) {
	t.Helper()
	l, batch := d.next, batchOf(d.next)
	put := d.rng.IntN(3) > 0
	if put {
		if d.rng.IntN(4) == 0 {
			s.Put(BatchSpace, l, []byte("another value"))
		}
		s.PutValue(BatchSpace, l, fmt.Appendf(nil, "head %d", l), batch, []byte("tail"))
	}
	if d.rng.IntN(3) == 0 {
		force(t, s)
	}
	d.mayHave.Store(l + 1)
	s.History.Append(batch, put)
	d.next++
	if d.rng.IntN(6) == 0 {
		s.History.Force(func(err error) {
			if err == nil {
				d.forced.Store(l + 1)
			}
		})
	}
	if d.rng.IntN(30) == 0 {
		s.Forget(BatchSpace, d.forced.Load())
	}
	if d.rng.IntN(40) == 0 {
		to := d.forced.Load() // Or beyond, up to all there is.
		if d.rng.IntN(10) == 0 {
			to = d.next
		}
		d.below.Store(max(d.below.Load(), to-min(to, d.rng.Uint64N(60))))
		s.History.Truncate(register.Instance(d.below.Load()))
	}
}

// force forces in one of the ways that there are.
func force(t *testing.T, s *Storage) {
	t.Helper()
	if now, err := s.ForceNow(); !now {
		forced(t, s)
	} else {
		require.NoError(t, err)
	}
}

// check requires that the history is that of a process that crashed when the bounds held.
func (d *delivering) check(t *testing.T, s *Storage, forced, below, mayHave uint64) {
	t.Helper()
	first, next := s.History.Bounds()
	require.GreaterOrEqual(t, uint64(next), forced)
	require.LessOrEqual(t, uint64(next), max(mayHave, 1))
	require.LessOrEqual(t, uint64(first), max(below, 1))
	want := first
	require.NoError(t, s.History.Stored(first, func(l register.Instance, b register.Value) bool {
		require.Equal(t, want, l)
		require.Equal(t, string(batchOf(uint64(l))), string(b))
		want++
		return true
	}))
	require.Equal(t, next, want)
	d.next = uint64(next)
}

// openDelivering opens a storage with a tail that holds few batches.
func openDelivering(t *testing.T, fs vfs.FS) *Storage {
	t.Helper()
	opts := testOptions(fs)
	opts.TailBytes = 4 << 10
	s, err := Open(testDir, testIdentity, opts)
	require.NoError(t, err)
	return s
}

// historyClone is a file system after a crash, with what was known at the time.
type historyClone struct {
	fs                     *vfs.MemFS
	forced, below, mayHave uint64
}

// A crash before any write leaves the history that was forced, or more of what was appended, and
// so does a crash of the process that recovered from it. Nothing that was truncated is missed.
func TestHistoryCrashAtEveryWrite(t *testing.T) {
	for seed := range uint64(4) {
		d := newDelivering(seed)
		fs := vfs.NewCrashableMem()
		for round := range uint64(10) {
			c := &crasher[historyClone]{
				rng: rand.New(rand.NewPCG(seed, 2+round)), kept: 6,
				clone: func(rng *rand.Rand) historyClone {
					forced := d.forced.Load() // Before the clone: it may only be too low.
					fs := crash(fs, rng)
					// And these after it: they may only be too high.
					return historyClone{fs, forced, d.below.Load(), d.mayHave.Load()}
				},
			}
			s := openDelivering(t, errorfs.Wrap(fs, c))
			for range 250 {
				d.step(t, s)
			}
			require.NoError(t, s.Close())
			for _, one := range c.clones[1:] {
				s := openDelivering(t, one.fs)
				newDelivering(seed).check(t, s, one.forced, one.below, one.mayHave)
				require.NoError(t, s.Close())
			}
			one := c.clones[0]
			s = openDelivering(t, copyOf(one.fs))
			d.check(t, s, one.forced, one.below, one.mayHave)
			first, next := s.History.Bounds()
			require.NoError(t, s.Close())
			d.below.Store(uint64(first))
			d.forced.Store(min(one.forced, uint64(next)))
			fs = one.fs
		}
		require.Greater(t, d.next, uint64(100))
	}
}

// Those who read while the history grows, is truncated and its files are used again see batches
// or that there are none, never anything else.
func TestSlowReaders(t *testing.T) {
	fs := vfs.NewMem()
	s := openDelivering(t, fs)
	d := newDelivering(9)
	var ended atomic.Bool
	var readers sync.WaitGroup
	var fromFiles, tooLate atomic.Int64
	for i := range uint64(3) {
		rng := rand.New(rand.NewPCG(i, 1))
		readers.Go(func() {
			for !ended.Load() {
				first, next := s.History.Bounds()
				from := first + register.Instance(rng.Uint64N(uint64(next-first)+1))
				batches, err := s.History.ReadAt(from, rng.IntN(20_000))
				if err != nil {
					t.Error(err)
					return
				}
				if now, _ := s.History.Bounds(); len(batches) == 0 && from < now {
					tooLate.Add(1)
				}
				if uint64(from) < s.History.tail.begins() {
					fromFiles.Add(int64(len(batches)))
				}
				for j, b := range batches {
					if want := batchOf(uint64(from) + uint64(j)); string(want) != string(b) {
						t.Errorf("instance %d is %q", int(from)+j, b)
						return
					}
				}
			}
		})
	}
	for i := 0; i < 3000 || fromFiles.Load() < 1000 && i < 100_000; i++ {
		d.step(t, s)
	}
	ended.Store(true)
	readers.Wait()
	require.Positive(t, fromFiles.Load())
	require.NoError(t, s.Close())
	names, err := fs.List(testDir + "/" + logName)
	require.NoError(t, err)
	require.Less(t, len(names), 60)
}

// Where the file of a truncated batch was used again, its row leads to bytes that are not it.
func TestRowsOfUsedFilesAreNoticed(t *testing.T) {
	fs := vfs.NewMem()
	s := openDelivering(t, fs)
	s.History.Append([]byte("the first one, long enough not to be found by chance"), false)
	forced(t, s)
	for range 300 {
		s.History.Append(patterned(100, 1), false)
		forced(t, s)
	}
	rows, err := s.History.table.read(1, 2, 1)
	require.NoError(t, err)
	handle, err := s.History.files.get(rows[0].segment) // As a reader has it who is slow.
	require.NoError(t, err)
	s.History.Truncate(250)
	require.NoError(t, forceHistory(s.History))
	for i := range 300 {
		s.Put(1, uint64(i%3), patterned(100, 2))
		forced(t, s)
	}
	r := openBlocks(handle, rows[0].segment)
	_, err = (&segmentReader{blocks: r, current: handle}).batch(
		1, rows[0], make([]byte, rows[0].skip+rows[0].length))
	var found *damage
	require.ErrorAs(t, err, &found)
	s.History.files.release(handle)
	require.NoError(t, s.Close())
}

// Rows that no record has reached do not outlive a crash, even if the table has them on the
// disk, and no segment is given up for a truncation of what is not recorded.
func TestRowsBehindTheRecordsAreDropped(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := openDelivering(t, fs)
	for l := range uint64(300) {
		s.History.Append(batchOf(l+1), false)
	}
	s.History.Truncate(200)
	forced(t, s)
	forced(t, s) // The rows are set when the first of the two is over.
	flushTable(t, s)
	clone := fs.CrashClone(vfs.CrashCloneCfg{})
	require.NoError(t, s.Close())
	require.EqualValues(t, 1, s.forcer.log.first)
	_, next := s.History.Bounds()
	require.EqualValues(t, 301, next)

	s = openDelivering(t, clone)
	first, next := s.History.Bounds()
	require.EqualValues(t, 1, first)
	require.EqualValues(t, 1, next)
	_, end, err := s.History.table.bounds()
	require.NoError(t, err)
	require.Zero(t, end)
	require.NoError(t, s.Close())
}

// A truncation that only a record says which is not yet durable leaves the rows as they are: after a
// crash the history may end before it.
func TestNoRowGoesForARecordThatACrashTakes(t *testing.T) {
	fs := vfs.NewCrashableMem()
	opts := testOptions(fs)
	opts.SegmentBytes = 1 << 20 // No segment ends, which would force it.
	s, err := Open(testDir, testIdentity, opts)
	require.NoError(t, err)
	forceUntilForgotten(t, s)
	_, forced := s.History.Bounds()
	for range 2 * recordRows { // They are recorded, and not forced.
		s.History.Append([]byte("batch"), false)
	}
	s.History.Truncate(forced + 100)
	for range handEntries {
		s.History.Append([]byte("batch"), false)
	}
	s.forcer.close() // What was handed over is written.
	require.EqualValues(t, forced+100, s.forcer.log.first)
	flushTable(t, s)
	clone := fs.CrashClone(vfs.CrashCloneCfg{})
	require.NoError(t, s.Close())

	s = openDelivering(t, clone)
	first, next := s.History.Bounds()
	require.EqualValues(t, 1, first)
	require.Equal(t, forced, next)
	batches, err := s.History.ReadAt(1, 1<<20)
	require.NoError(t, err)
	require.Len(t, batches, int(forced)-1)
	require.NoError(t, s.Close())
}
