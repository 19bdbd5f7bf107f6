package kv

import (
	"container/heap"
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
	"golang.org/x/sync/errgroup"
)

// Expiry deletes items whose time is over. Its methods are safe for concurrent use.
type Expiry struct {
	engine  Engine
	log     logrus.FieldLogger
	timeout time.Duration

	mu      sync.Mutex
	watches map[string]*watch // By key; those that are being expired are not in due.
	due     dueHeap
	wake    chan struct{} // Of one element: the first watch that is due has changed.
}

// watch is one version of a key with a TTL, as this process has seen it.
type watch struct {
	key     string
	version uint64
	mark    uint64
	ttl     time.Duration
	seen    time.Time // Not before the change was asked for; if it was here, not before its end.
	own     bool      // The change was made here, and so is decided.
	due     time.Time // When to expire it: at seen + ttl, at others' processes later.
	index   int       // Its place in Expiry.due, -1 while it is being expired.
}

// Others than the process that set a TTL wait for this much longer, plus up to as much as spread,
// so that they find it done, and do not all try at once if it crashed. Also the time between two
// attempts.
const (
	patience = 500 * time.Millisecond
	spread   = time.Second
)

// expiring is how many items are being expired at a time.
const expiring = 64

// NewExpiry watches the items of an engine, and is the one to call its Watch. One attempt to
// expire an item takes up to timeout. Nothing expires until Run.
func NewExpiry(engine Engine, timeout time.Duration, log logrus.FieldLogger) *Expiry {
	x := &Expiry{
		engine: engine, log: log, timeout: timeout,
		watches: map[string]*watch{}, wake: make(chan struct{}, 1),
	}
	engine.Watch(func(key string, item Item) { x.note(key, item, false) })
	return x
}

// Changed takes note of the item that a change made here has put, after the engine has told.
func (x *Expiry) Changed(key string, item Item) { x.note(key, item, true) }

// Left is how long a current item is still to live by the clock of this process, at least 1 ms,
// and 0 if it lives for ever. If the item was not seen before, its time begins here.
func (x *Expiry) Left(key string, item Item) time.Duration {
	x.note(key, item, false)
	return x.Peek(key, item)
}

// Peek is Left without taking note, for functions that are given to Change. An item that was not
// seen before has all of its time.
func (x *Expiry) Peek(key string, item Item) time.Duration {
	left, limited := x.left(key, item)
	if !limited {
		return 0
	}
	return max(left, time.Millisecond)
}

// Over reports whether this process has seen an item for its TTL, so that a change may take it
// for one that is not there, and delete it or put another in its place. Without that a key that
// is changed all the time and keeps its TTL would never be left alone for long enough to expire.
func (x *Expiry) Over(key string, item Item) bool {
	left, limited := x.left(key, item)
	return limited && left <= 0
}

// left is what there is of an item's TTL, and whether it has one.
func (x *Expiry) left(key string, item Item) (left time.Duration, limited bool) {
	if !item.Exists {
		return 0, false
	}
	v, err := Decode(item.Value)
	if err != nil || v.TTL == 0 {
		return 0, false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if w := x.watches[key]; w != nil && w.version == item.Version && w.mark == v.Mark {
		return w.ttl - time.Since(w.seen), true
	}
	return v.TTL, true
}

// Len is how many keys are being watched.
func (x *Expiry) Len() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.watches)
}

// note has the watch of a key follow what has been seen of it.
func (x *Expiry) note(key string, item Item, own bool) {
	var v Value
	if item.Exists {
		v, _ = Decode(item.Value) // Of what is not a Value no TTL is known.
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	w := x.watches[key]
	switch {
	case w == nil && v.TTL == 0, w != nil && item.Version < w.version:
		return
	case w != nil && item.Version == w.version && w.own:
		return // That one is decided, so this one is it or never was.
	case w != nil && item.Version == w.version && w.mark == v.Mark && !own:
		return // As it was seen before.
	}
	if w != nil {
		x.drop(w)
	}
	if v.TTL == 0 {
		return
	}
	w = &watch{
		key: key, version: item.Version, mark: v.Mark, ttl: v.TTL, seen: time.Now(), own: own,
	}
	w.due = w.seen.Add(w.ttl)
	if !own {
		w.due = w.due.Add(patience + rand.N(spread))
	}
	x.watches[key] = w
	x.push(w)
}

func (x *Expiry) push(w *watch) {
	heap.Push(&x.due, w)
	if w.index == 0 {
		select {
		case x.wake <- struct{}{}:
		default:
		}
	}
}

func (x *Expiry) drop(w *watch) {
	delete(x.watches, w.key)
	if w.index >= 0 {
		heap.Remove(&x.due, w.index)
	}
}

// Run expires what is due until ctx ends, and returns when the last attempt has ended.
func (x *Expiry) Run(ctx context.Context) {
	var attempts errgroup.Group
	defer func() { _ = attempts.Wait() }() // They return no error.
	attempts.SetLimit(expiring)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		w, wait := x.next()
		if w != nil {
			attempts.Go(func() error {
				x.expire(ctx, w)
				return nil
			})
			if ctx.Err() != nil {
				return
			}
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return
		case <-x.wake:
		case <-timer.C:
		}
	}
}

// next takes the watch that is due off the heap, or says how long to wait for one.
func (x *Expiry) next() (*watch, time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.due) == 0 {
		return nil, MaxTTL
	}
	w := x.due[0]
	if wait := time.Until(w.due); wait > 0 {
		return nil, wait
	}
	heap.Pop(&x.due)
	return w, 0
}

// expire deletes what w has watched for its TTL, if it is still there.
func (x *Expiry) expire(ctx context.Context, w *watch) {
	ctx, cancel := context.WithTimeout(ctx, x.timeout)
	defer cancel()
	item, _, err := x.engine.Change(ctx, w.key, func(item Item) (Item, any) {
		if v, err := Decode(item.Value); item.Exists && err == nil &&
			item.Version == w.version && v.Mark == w.mark {
			return Item{}, nil
		}
		return item, nil
	})
	if err != nil {
		x.log.WithError(err).WithField("key", w.key).Debug("a key did not expire, will try again")
	}
	x.mu.Lock()
	if x.watches[w.key] != w {
		x.mu.Unlock()
		return // Something newer was seen meanwhile.
	}
	if err != nil {
		w.due = time.Now().Add(patience + rand.N(spread))
		x.push(w)
		x.mu.Unlock()
		return
	}
	delete(x.watches, w.key)
	x.mu.Unlock()
	x.note(w.key, item, false) // The item may be another, which this process has not seen.
}

// dueHeap has what is due first at its top.
type dueHeap []*watch

func (h *dueHeap) Len() int           { return len(*h) }
func (h *dueHeap) Less(i, j int) bool { return (*h)[i].due.Before((*h)[j].due) }

// Swap is for package heap.
func (h *dueHeap) Swap(i, j int) {
	a := *h
	a[i], a[j] = a[j], a[i]
	a[i].index, a[j].index = i, j
}

// Push is for package heap.
func (h *dueHeap) Push(x any) {
	w := x.(*watch)
	w.index = len(*h)
	*h = append(*h, w)
}

// Pop is for package heap.
func (h *dueHeap) Pop() any {
	last := len(*h) - 1
	w := (*h)[last]
	w.index = -1
	(*h)[last] = nil
	*h = (*h)[:last]
	return w
}
