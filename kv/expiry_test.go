package kv_test

import (
	"context"
	"errors"
	"io"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/kv"
	"paxon/kv/kvtest"
)

// shared is one store that several processes have a face of: each has its own Watch.
type shared struct {
	*kvtest.Memory
	sees    []func(string, kv.Item)
	fail    atomic.Bool
	changes atomic.Int64
}

func newShared() *shared {
	s := &shared{Memory: kvtest.NewMemory()}
	s.Memory.Watch(func(key string, item kv.Item) {
		for _, see := range s.sees {
			see(key, item)
		}
	})
	return s
}

// Watch adds one more that sees.
func (s *shared) Watch(see func(string, kv.Item)) { s.sees = append(s.sees, see) }

// Change fails when it is told to.
func (s *shared) Change(
	ctx context.Context, key string, f func(kv.Item) (kv.Item, any),
) (kv.Item, any, error) {
	s.changes.Add(1)
	if s.fail.Load() {
		return kv.Item{}, nil, errors.New("no majority")
	}
	return s.Memory.Change(ctx, key, f)
}

// set puts a value, at no process in particular.
func (s *shared) set(t *testing.T, key string, v kv.Value) kv.Item {
	t.Helper()
	item, _, err := s.Memory.Change(t.Context(), key, func(kv.Item) (kv.Item, any) {
		return kv.Item{Exists: true, Value: v.Encode()}, nil
	})
	require.NoError(t, err)
	return item
}

func (s *shared) exists(t *testing.T, key string) bool {
	t.Helper()
	item, err := s.Read(t.Context(), key)
	require.NoError(t, err)
	return item.Exists
}

// run has a process expire items until the test ends.
func run(t *testing.T, s *shared) (x *kv.Expiry, crash context.CancelFunc) {
	t.Helper()
	log := logrus.New()
	log.SetOutput(io.Discard)
	x = kv.NewExpiry(s, time.Second, log)
	ctx, crash := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		x.Run(ctx)
	}()
	t.Cleanup(func() {
		crash()
		<-done
	})
	return x, crash
}

// pass lets time go by, and everything happen that is due at its end.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

const ttl = 10 * time.Second

// TestNeverEarly shows KV1 for the process that was asked: its time begins with the answer, even
// if its copy took the item on before.
func TestNeverEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		x, _ := run(t, s)
		item := s.set(t, "a", kv.Value{TTL: ttl, Mark: 1})
		pass(3 * time.Second)
		assert.Equal(t, ttl-3*time.Second, x.Left("a", item), "as seen from elsewhere")
		x.Changed("a", item)
		assert.Equal(t, ttl, x.Left("a", item), "after the answer")
		pass(ttl - 1)
		assert.True(t, s.exists(t, "a"))
		assert.Equal(t, time.Millisecond, x.Left("a", item), "while it is there")
		pass(1)
		assert.False(t, s.exists(t, "a"))
		assert.Zero(t, x.Len())
	})
}

// TestOthersWait shows that a process that was not asked leaves it to the one that was, and does
// it soon if that one has crashed: KV4.
func TestOthersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		x, crash := run(t, s)
		run(t, s)
		run(t, s)
		x.Changed("a", s.set(t, "a", kv.Value{TTL: ttl, Mark: 1}))
		x.Changed("b", s.set(t, "b", kv.Value{TTL: 2 * ttl, Mark: 1}))
		pass(ttl)
		assert.False(t, s.exists(t, "a"))
		assert.EqualValues(t, 1, s.changes.Load(), "attempts at a")
		crash()
		pass(ttl + 500*time.Millisecond - 1)
		assert.True(t, s.exists(t, "b"))
		pass(time.Second + 1)
		assert.False(t, s.exists(t, "b"))
	})
}

// TestExactlyIt shows KV3: what was put since stays, with and without a TTL of its own.
func TestExactlyIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		x, _ := run(t, s)
		sees := s.sees
		s.sees = nil // The process learns of nothing but by its own attempt.
		x.Changed("a", s.set(t, "a", kv.Value{TTL: ttl, Mark: 1}))
		x.Changed("b", s.set(t, "b", kv.Value{TTL: ttl, Mark: 1}))
		s.set(t, "a", kv.Value{})
		s.set(t, "b", kv.Value{TTL: ttl, Mark: 2})
		pass(ttl)
		assert.True(t, s.exists(t, "a"))
		assert.True(t, s.exists(t, "b"))
		assert.Equal(t, 1, x.Len(), "b is being watched again")
		s.sees = sees
		pass(ttl - 1)
		assert.True(t, s.exists(t, "b"))
		pass(1500*time.Millisecond + 1)
		assert.False(t, s.exists(t, "b"))
	})
}

// TestNotDecided shows KV1 where a copy takes on what is never decided, and then something else
// of the same version: the time of one is not that of the other.
func TestNotDecided(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		x, _ := run(t, s)
		see := s.sees[0]
		see("a", kv.Item{Exists: true, Version: 1, Value: kv.Value{TTL: ttl, Mark: 1}.Encode()})
		pass(ttl - 1)
		item := s.set(t, "a", kv.Value{TTL: ttl, Mark: 2})
		require.EqualValues(t, 1, item.Version)
		pass(ttl - 1)
		assert.True(t, s.exists(t, "a"))
		pass(1500*time.Millisecond + 1)
		assert.False(t, s.exists(t, "a"))

		// What was acknowledged here is decided, whatever a copy still shows.
		item = s.set(t, "b", kv.Value{TTL: ttl, Mark: 1})
		x.Changed("b", item)
		see("b", kv.Item{Exists: true, Version: 1, Value: kv.Value{}.Encode()})
		see("b", kv.Item{Exists: true, Version: 1, Value: kv.Value{TTL: ttl, Mark: 3}.Encode()})
		pass(ttl)
		assert.False(t, s.exists(t, "b"))
	})
}

// TestLate shows that an older version that comes late changes nothing, and neither does one that
// comes again.
func TestLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		x, _ := run(t, s)
		first := s.set(t, "a", kv.Value{TTL: time.Second, Mark: 1})
		second := s.set(t, "a", kv.Value{TTL: ttl, Mark: 2})
		s.sees[0]("a", first)
		assert.Equal(t, ttl, x.Left("a", second))
		pass(ttl / 2)
		s.sees[0]("a", second)
		assert.Equal(t, ttl/2, x.Left("a", second))
	})
}

// TestTakenAway shows that a watch ends with the TTL, and with the item: KV5.
func TestTakenAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		x, _ := run(t, s)
		for i := range 100 {
			x.Changed("a", s.set(t, "a", kv.Value{TTL: ttl, Mark: uint64(i)}))
			x.Changed(strconv.Itoa(i), s.set(t, strconv.Itoa(i), kv.Value{}))
		}
		assert.Equal(t, 1, x.Len())
		item := s.set(t, "a", kv.Value{})
		assert.Zero(t, x.Len())
		assert.Zero(t, x.Left("a", item))
		pass(2 * ttl)
		assert.True(t, s.exists(t, "a"))
		assert.Zero(t, s.changes.Load(), "attempts")
	})
}

// TestFirstSeen shows that an item which was not seen before has its time from when it is asked
// for, and that Peek does not begin it.
func TestFirstSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		x, _ := run(t, s)
		s.sees = nil
		item := s.set(t, "a", kv.Value{TTL: ttl, Mark: 1})
		assert.Equal(t, ttl, x.Peek("a", item))
		assert.Zero(t, x.Len())
		pass(time.Second)
		assert.Equal(t, ttl, x.Left("a", item))
		pass(time.Second)
		assert.Equal(t, ttl-time.Second, x.Left("a", item))
		assert.Equal(t, ttl-time.Second, x.Peek("a", item))
		pass(ttl + 500*time.Millisecond)
		assert.False(t, s.exists(t, "a"))
		assert.Zero(t, x.Left("a", kv.Item{Version: item.Version + 1}), "no item")
	})
}

// TestAgain shows that an attempt that fails is made again until it succeeds: KV4.
func TestAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		x, _ := run(t, s)
		s.fail.Store(true)
		x.Changed("a", s.set(t, "a", kv.Value{TTL: ttl, Mark: 1}))
		pass(ttl + 5*time.Second)
		assert.True(t, s.exists(t, "a"))
		assert.Greater(t, s.changes.Load(), int64(3), "attempts")
		assert.Less(t, s.changes.Load(), int64(12), "attempts")
		s.fail.Store(false)
		pass(1500 * time.Millisecond)
		assert.False(t, s.exists(t, "a"))
	})
}

// TestMany expires more than are expired at a time, in their order.
func TestMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		x, _ := run(t, s)
		const n = 1000
		for i := range n {
			key := strconv.Itoa(i)
			at := time.Duration((i*7919)%n+1) * time.Second
			x.Changed(key, s.set(t, key, kv.Value{TTL: at, Mark: 1}))
		}
		for left := n; left > 0; left-- {
			require.Equal(t, left, x.Len())
			pass(time.Second)
		}
		assert.Zero(t, x.Len())
	})
}

// TestOver shows when a change may take an item for gone: when this process has seen it for its
// TTL, and not if it has seen another one.
func TestOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		x, _ := run(t, s)
		s.fail.Store(true) // So that nothing expires.
		item := s.set(t, "a", kv.Value{TTL: ttl, Mark: 1})
		x.Changed("a", item)
		plain := s.set(t, "b", kv.Value{})
		pass(ttl - 1)
		assert.False(t, x.Over("a", item))
		pass(1)
		assert.True(t, x.Over("a", item))
		assert.Equal(t, time.Millisecond, x.Left("a", item))
		assert.False(t, x.Over("b", plain), "no TTL")
		assert.False(t, x.Over("a", kv.Item{Version: 1}), "no item")
		assert.False(t, x.Over("a", kv.Item{Exists: true, Version: 1, Value: []byte("?")}), "no value")
		other := kv.Item{Exists: true, Version: 1, Value: kv.Value{TTL: ttl, Mark: 2}.Encode()}
		assert.False(t, x.Over("a", other), "another mark")
		other = kv.Item{Exists: true, Version: 2, Value: item.Value}
		assert.False(t, x.Over("a", other), "another version")
	})
}

// TestOtherMark shows KV3 where only the mark tells that what is due was never decided.
func TestOtherMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		x, _ := run(t, s)
		see := s.sees[0]
		s.sees = nil
		s.set(t, "a", kv.Value{TTL: ttl, Mark: 2})
		s.set(t, "b", kv.Value{})
		for _, key := range []string{"a", "b"} {
			see(key, kv.Item{Exists: true, Version: 1, Value: kv.Value{TTL: ttl, Mark: 1}.Encode()})
		}
		pass(ttl + 1500*time.Millisecond)
		assert.EqualValues(t, 2, s.changes.Load(), "attempts")
		assert.True(t, s.exists(t, "a"))
		assert.True(t, s.exists(t, "b"))
		assert.Equal(t, 1, x.Len(), "what is there is being watched")
	})
}
