package storage

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"
)

// The spaces of the workload. Each step first puts its number into counterSpace.
const (
	counterSpace = 1
	keySpace     = 2
	keys         = 300
)

// workload is random steps and the states that they lead to.
type workload struct {
	rng     *rand.Rand
	states  []map[uint64]string // of keySpace, after each step
	floor   uint64              // keys below it were forgotten once and may come back
	put     atomic.Int64        // steps given to the storage
	durable atomic.Int64        // steps reported durable
}

func newWorkload(seed uint64) *workload {
	return &workload{
		rng: rand.New(rand.NewPCG(seed, 1)), states: []map[uint64]string{{}},
	}
}

// step gives the storage one random put or forget.
func (w *workload) step(s *Storage) {
	state := maps.Clone(w.states[len(w.states)-1])
	n := len(w.states)
	w.put.Store(int64(n))
	s.Put(counterSpace, 0, binary.BigEndian.AppendUint64(nil, uint64(n)))
	if key := w.rng.Uint64N(keys); w.rng.IntN(40) == 0 {
		below := min(w.floor+w.rng.Uint64N(30), keys)
		w.floor = max(w.floor, below)
		s.Forget(keySpace, below)
		maps.DeleteFunc(state, func(k uint64, _ string) bool { return k < below })
	} else {
		rec := fmt.Sprintf("%d:%s", n, patterned(w.rng.IntN(400), 'a'))
		s.Put(keySpace, key, []byte(rec))
		state[key] = rec
	}
	w.states = append(w.states, state)
}

// force asks for a force that notes which steps are durable.
func (w *workload) force(s *Storage) {
	n := int64(len(w.states) - 1)
	s.Force(func(err error) {
		if err == nil {
			w.durable.Store(n)
		}
	})
}

// check requires that s holds a state between durable and put, and returns which.
func (w *workload) check(t *testing.T, s *Storage, durable, put int64) int64 {
	t.Helper()
	n := int64(0)
	s.Stored(counterSpace, func(_ uint64, rec []byte) bool {
		n = int64(binary.BigEndian.Uint64(rec))
		return true
	})
	require.LessOrEqual(t, durable, n)
	require.GreaterOrEqual(t, put, n)
	got := map[uint64]string{}
	s.Stored(keySpace, func(key uint64, rec []byte) bool {
		got[key] = string(rec)
		return true
	})
	if !w.holds(got, n) {
		require.True(t, n > durable && w.holds(got, n-1), "neither state %d nor %d", n-1, n)
		n--
	}
	w.states = append(w.states[:n], got)
	return n
}

// holds reports whether got is the state after n steps, but for keys that came back.
func (w *workload) holds(got map[uint64]string, n int64) bool {
	for key, rec := range w.states[n] {
		if got[key] != rec {
			return false
		}
	}
	for key := range got {
		if _, ok := w.states[n][key]; !ok && key >= w.floor {
			return false
		}
	}
	return true
}

// clone is a file system after a crash, with what was known at the time.
type clone struct {
	fs           *vfs.MemFS
	durable, put int64
}

// crasher takes clones of a file system before any of its writes and forces, of which it keeps
// some.
type crasher[C any] struct {
	mu     sync.Mutex
	rng    *rand.Rand
	kept   int
	skip   string // What happens in this directory does not count.
	clone  func(rng *rand.Rand) C
	clones []C
	seen   int
}

func (*crasher[C]) String() string { return "a clone before some writes" }

func (c *crasher[C]) MaybeError(op errorfs.Op) error {
	if op.Kind.ReadOrWrite() == errorfs.OpIsRead ||
		c.skip != "" && strings.Contains(op.Path, c.skip+"/") {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen++
	// A reservoir, so that each of the writes is as likely to be one of the few kept.
	at := c.rng.IntN(c.seen)
	if len(c.clones) < c.kept {
		at = len(c.clones)
		c.clones = append(c.clones, *new(C))
	}
	if at < len(c.clones) {
		c.clones[at] = c.clone(c.rng)
	}
	return nil
}

// A crash before any write leaves all that was durable and a prefix of what was put, and so
// does a crash of the process that recovered from it.
func TestCrashAtEveryWrite(t *testing.T) {
	for seed := range uint64(4) {
		w := newWorkload(seed)
		fs := vfs.NewCrashableMem()
		for round := range uint64(12) {
			c := &crasher[clone]{
				rng: rand.New(rand.NewPCG(seed, 2+round)), kept: 8, skip: historyName,
				clone: func(rng *rand.Rand) clone {
					durable := w.durable.Load() // Before the clone: it may only be too low.
					fs := crash(fs, rng)
					return clone{fs, durable, w.put.Load()}
				},
			}
			s := openTest(t, errorfs.Wrap(fs, c))
			for range 150 {
				w.step(s)
				if w.rng.IntN(4) == 0 {
					w.force(s)
				}
				if w.rng.IntN(8) == 0 {
					forced(t, s)
				}
			}
			require.NoError(t, s.Close())
			for _, one := range c.clones[1:] {
				other := &workload{states: append([]map[uint64]string{}, w.states...), floor: w.floor}
				s := openTest(t, one.fs)
				other.check(t, s, one.durable, one.put)
				require.NoError(t, s.Close())
			}
			one := c.clones[0]
			s = openTest(t, copyOf(one.fs))
			n := w.check(t, s, one.durable, one.put)
			require.NoError(t, s.Close())
			w.durable.Store(min(one.durable, n))
			fs = one.fs
		}
	}
}

// What a killed process had written but not forced may be there or not at the next start; if
// that start sees it, it is there for good.
func TestWhatOpenSeesIsDurable(t *testing.T) {
	fs := vfs.NewCrashableMem()
	var armed atomic.Bool
	s := openTest(t, errorfs.Wrap(fs, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if armed.Load() && op.Kind == errorfs.OpFileSyncData {
			return errorfs.ErrInjected
		}
		return nil
	})))
	armed.Store(true)
	s.Put(1, 1, []byte("written"))
	require.Error(t, forceErr(s))
	armed.Store(false)
	require.NoError(t, s.Close())

	s = openTest(t, fs)
	require.Equal(t, []string{"1/1=written"}, contents(s, 1))
	clone := fs.CrashClone(vfs.CrashCloneCfg{})
	require.NoError(t, s.Close())
	s = openTest(t, clone)
	require.Equal(t, []string{"1/1=written"}, contents(s, 1))
	require.NoError(t, s.Close())
}

// failFrom fails the write with the given number and all after it, as a full disk does, or
// that one alone.
type failFrom struct {
	left  atomic.Int64
	only  bool
	reads bool // Reads fail as well.
}

func (*failFrom) String() string { return "fails from some write on" }

func (f *failFrom) MaybeError(op errorfs.Op) error {
	read := op.Kind.ReadOrWrite() == errorfs.OpIsRead
	if read && !f.reads || op.Kind == errorfs.OpFileClose {
		return nil
	}
	if left := f.left.Add(-1); left == 0 || left < 0 && !f.only {
		return errorfs.ErrInjected
	}
	return nil
}

// Any write can fail, once or for good: the error is reported, nothing is reported durable
// afterwards, and what was reported before is there.
func TestAnyWriteCanFail(t *testing.T) {
	failed, opened := 0, 0
	for at := range int64(260) {
		fs := vfs.NewCrashableMem()
		inject := &failFrom{only: at%2 == 0}
		inject.left.Store(at + 1)
		w := newWorkload(uint64(at))
		s, err := Open(testDir, testIdentity, testOptions(errorfs.Wrap(fs, inject)))
		if err != nil {
			require.ErrorContains(t, err, "injected")
			continue
		}
		opened++
		if failing(t, w, s) {
			failed++
		}
		_ = s.Close() // It may fail, or not, if all the log's writes succeeded.
		// The next start finds what was forced, or what was written if only the process ended,
		// unless the database still has its lock.
		next := fs.CrashClone(vfs.CrashCloneCfg{})
		if at%3 > 0 && !s.History.table.isStuck() {
			next = fs
		}
		s = openTest(t, next)
		w.check(t, s, w.durable.Load(), w.put.Load())
		require.NoError(t, s.Close())
	}
	require.Greater(t, opened, 150)
	require.Greater(t, failed, 100)
}

// failing runs w and checks how a failure shows. It reports whether there was one.
func failing(t *testing.T, w *workload, s *Storage) bool {
	t.Helper()
	var first error
	for i := range 60 {
		w.step(s)
		w.step(s)
		w.force(s)
		err := forceErr(s)
		if i%10 == 9 {
			s.History.Append([]byte("batch"), false)
			if historyErr := forceHistory(s.History); err == nil {
				err = historyErr
			}
		}
		if first != nil {
			require.Same(t, first, err)
		}
		first = err
	}
	if first == nil {
		return false
	}
	var typed *FailedError
	require.ErrorAs(t, first, &typed)
	require.ErrorContains(t, first, "injected")
	require.Same(t, first, <-s.Failed())
	require.Empty(t, s.Failed())
	return true
}
