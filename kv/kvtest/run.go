package kvtest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/kv"
)

// Run checks an engine. Open gives an empty one for each test, on which nobody has called Watch,
// and sees to its end by t.Cleanup. See the properties of the package.
func Run(t *testing.T, open func(t *testing.T) kv.Engine) {
	t.Helper()
	for _, property := range []struct {
		name  string
		check func(*testing.T, kv.Engine)
	}{
		{"KE1 Versions", versions},
		{"KE2 Same", same},
		{"KE3 Once", once},
		{"KE4 Read", reads},
		{"KE5 List", lists},
		{"KE6 Watch", watches},
		{"KE7 Context", contexts},
		{"KE8 Order", ordered},
	} {
		t.Run(property.name, func(t *testing.T) { property.check(t, open(t)) })
	}
}

// put is the change to a value, whatever was there.
func put(value string) func(kv.Item) (kv.Item, any) {
	return func(item kv.Item) (kv.Item, any) {
		return kv.Item{Exists: true, Value: []byte(value)}, item.Version
	}
}

// remove is the change to nothing.
func remove(item kv.Item) (kv.Item, any) { return kv.Item{}, item.Version }

// unchanged is the change that is none.
func unchanged(item kv.Item) (kv.Item, any) { return item, item.Version }

// change makes a change that must succeed.
func change(t *testing.T, e kv.Engine, key string, f func(kv.Item) (kv.Item, any)) (kv.Item, any) {
	t.Helper()
	item, result, err := e.Change(t.Context(), key, f)
	require.NoError(t, err)
	return item, result
}

func read(t *testing.T, e kv.Engine, key string) kv.Item {
	t.Helper()
	item, err := e.Read(t.Context(), key)
	require.NoError(t, err)
	return item
}

func versions(t *testing.T, e kv.Engine) {
	t.Helper()
	assert.Equal(t, kv.Item{}, read(t, e, "a"), "a key that never was")
	var last uint64
	changes := []func(kv.Item) (kv.Item, any){put("x"), put("y"), remove, put("z"), remove, put("")}
	for step, f := range changes {
		item, before := change(t, e, "a", f)
		assert.Equal(t, last, before, "step %d: what f was given", step)
		assert.Greater(t, item.Version, last, "step %d", step)
		last = item.Version
		now := read(t, e, "a")
		assert.Equal(t, item.Version, now.Version, "step %d: the version read", step)
		assert.Equal(t, item.Exists, now.Exists, "step %d: read", step)
		assert.Equal(t, string(item.Value), string(now.Value), "step %d: the value read", step)
	}
	item, _ := change(t, e, "b", put("x"))
	assert.Positive(t, item.Version, "of another key")
	assert.Equal(t, last, read(t, e, "a").Version, "a change of another key")
}

func same(t *testing.T, e kv.Engine) {
	t.Helper()
	none, _ := change(t, e, "a", unchanged)
	assert.Equal(t, kv.Item{}, none, "nothing as given")
	none, _ = change(t, e, "a", remove)
	assert.Equal(t, kv.Item{}, none, "nothing, deleted")

	was, _ := change(t, e, "a", put("x"))
	is, result := change(t, e, "a", unchanged)
	assert.Equal(t, was.Version, is.Version, "an item as given")
	assert.Equal(t, "x", string(is.Value))
	assert.Equal(t, was.Version, result)
	is, _ = change(t, e, "a", put("x"))
	assert.Greater(t, is.Version, was.Version, "equal bytes, put anew")

	gone, _ := change(t, e, "a", remove)
	again, _ := change(t, e, "a", remove)
	assert.Equal(t, gone.Version, again.Version, "a deletion of what is deleted")
}

// once has several count at one key. A change that is applied twice makes the sum too high, one
// that is lost too low; a result from a call that does not count is there twice.
func once(t *testing.T, e kv.Engine) {
	t.Helper()
	const clients, each = 4, 25
	var group sync.WaitGroup
	var mu sync.Mutex
	var results []int
	for range clients {
		group.Go(func() {
			for range each {
				_, result, err := e.Change(t.Context(), "n", count)
				if !assert.NoError(t, err) {
					return
				}
				mu.Lock()
				results = append(results, result.(int))
				mu.Unlock()
			}
		})
	}
	group.Wait()
	assert.Equal(t, strconv.Itoa(clients*each), string(read(t, e, "n").Value))
	slices.Sort(results)
	for i, n := range results {
		require.Equal(t, i+1, n, "the sum that a change was told")
	}
}

// count adds one and tells the sum.
func count(item kv.Item) (kv.Item, any) {
	n, _ := strconv.Atoi(string(item.Value)) // Nothing is 0.
	return kv.Item{Exists: true, Value: strconv.AppendInt(nil, int64(n)+1, 10)}, n + 1
}

// reads has one change a key and others look: what has been read is never older from then on.
func reads(t *testing.T, e kv.Engine) {
	t.Helper()
	const changes = 100
	var group sync.WaitGroup
	var mu sync.Mutex
	var ended uint64 // The version of the last change that has ended, or was read.
	newest := func() uint64 {
		mu.Lock()
		defer mu.Unlock()
		return ended
	}
	raise := func(version uint64) {
		mu.Lock()
		defer mu.Unlock()
		ended = max(ended, version)
	}
	ctx, stop := context.WithCancel(t.Context())
	for range 2 {
		group.Go(func() {
			for ctx.Err() == nil {
				before := newest()
				item, err := e.Read(t.Context(), "a")
				if !assert.NoError(t, err) || !assert.GreaterOrEqual(t, item.Version, before) {
					return
				}
				raise(item.Version)
			}
		})
	}
	for i := range changes {
		item, _, err := e.Change(t.Context(), "a", put(strconv.Itoa(i)))
		if !assert.NoError(t, err) {
			break
		}
		raise(item.Version)
	}
	stop()
	group.Wait()
}

func lists(t *testing.T, e kv.Engine) {
	t.Helper()
	const stay = 57
	want := map[string]bool{}
	for i := range stay {
		name := fmt.Sprintf("stays %d", i)
		want[name] = true
		change(t, e, name, put("x"))
		change(t, e, fmt.Sprintf("goes %d", i), put("x"))
	}
	for i := range stay {
		change(t, e, fmt.Sprintf("goes %d", i), remove)
	}
	for _, size := range []int{1, 10, 1000} {
		found := map[string]bool{}
		cursor := uint64(0)
		for parts := 0; ; parts++ {
			require.Less(t, parts, 100*stay, "parts of %d", size)
			keys, next, err := e.List(t.Context(), cursor, size)
			require.NoError(t, err)
			for _, key := range keys {
				found[key] = true
			}
			// Keys that come meanwhile do not hide those that are there.
			change(t, e, "comes", put("x"))
			change(t, e, "comes", remove)
			if cursor = next; cursor == 0 {
				break
			}
		}
		delete(found, "comes")
		assert.Equal(t, want, found, "parts of %d", size)
	}
}

func watches(t *testing.T, e kv.Engine) {
	t.Helper()
	old, _ := change(t, e, "old", put("x"))
	type seen struct {
		key     string
		version uint64
		exists  bool
		value   string
	}
	var mu sync.Mutex
	came := map[seen]bool{}
	more := make(chan struct{}, 1)
	e.Watch(func(key string, item kv.Item) {
		mu.Lock()
		came[seen{key, item.Version, item.Exists, string(item.Value)}] = true
		mu.Unlock()
		select {
		case more <- struct{}{}:
		default:
		}
	})
	await := func(s seen) {
		t.Helper()
		for {
			mu.Lock()
			is := came[s]
			mu.Unlock()
			if is {
				return
			}
			select {
			case <-more:
			case <-t.Context().Done():
				require.Fail(t, "was not seen", "%+v", s)
			}
		}
	}
	await(seen{"old", old.Version, true, "x"})
	is, _ := change(t, e, "new", put("y"))
	await(seen{"new", is.Version, true, "y"})
	gone, _ := change(t, e, "new", remove)
	await(seen{"new", gone.Version, false, ""})
}

// ordered begins many changes of a key before it waits for any, with a read of another in between.
func ordered(t *testing.T, e kv.Engine) {
	t.Helper()
	const changes = 50
	was, _ := change(t, e, "a", put("x"))
	ends := make([]func() (kv.Item, any, error), changes)
	for i := range ends {
		ends[i] = e.Begin(t.Context(), "n", count)
	}
	read := e.Begin(t.Context(), "a", nil)
	for i, end := range ends {
		item, n, err := end()
		require.NoError(t, err)
		assert.Equal(t, i+1, n, "the sum that change %d was told", i+1)
		assert.Equal(t, strconv.Itoa(i+1), string(item.Value), "what change %d has left", i+1)
	}
	item, _, err := read()
	require.NoError(t, err)
	assert.Equal(t, was.Version, item.Version)
}

func contexts(t *testing.T, e kv.Engine) {
	t.Helper()
	was, _ := change(t, e, "a", put("x"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := e.Change(ctx, "a", put("y"))
	require.ErrorIs(t, err, context.Canceled)
	_, _, err = e.Begin(ctx, "a", put("y"))()
	require.ErrorIs(t, err, context.Canceled)
	_, err = e.Read(ctx, "a")
	require.ErrorIs(t, err, context.Canceled)
	_, _, err = e.List(ctx, 0, 10)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, was.Version, read(t, e, "a").Version)
}
