package storage

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"paxon/register"
)

// History keeps the delivered batches. It means what tob.History does, except that the done
// callbacks of Force and Read run on goroutines of the storage, for the caller to post to its
// loop. ReadAt is safe for concurrent use; one goroutine calls all the other methods.
type History struct {
	fs      vfs.FS
	dir     string
	db      *pebble.DB
	cache   *pebble.Cache
	failure *failure
	forced  string // the path of the forcedFile

	first, next atomic.Uint64
	stuck       atomic.Bool // a goroutine of the database ended; it will not come to rest
	readers     sync.WaitGroup

	mu      sync.Mutex
	changed sync.Cond
	forces  []historyForce
	closing bool
	ended   chan struct{}
}

// historyForce is a Force that waits for the database.
type historyForce struct {
	flushed <-chan struct{}
	next    uint64
	done    func(error)
}

// forcedFile is the content of history.json.
type forcedFile struct {
	Next     uint64 `json:"next"` // the history is durable below this instance
	Checksum string `json:"checksum"`
}

func (f forcedFile) sum() string { return checksum(binary.BigEndian.AppendUint64(nil, f.Next)) }

func openHistory(
	fs vfs.FS, dir, forced string, opts Options, failure *failure,
) (*History, error) {
	h := &History{
		fs: fs, dir: dir, failure: failure, forced: forced, ended: make(chan struct{}),
	}
	h.changed.L = &h.mu
	want, err := h.readForced()
	if err != nil {
		return nil, err
	}
	if want > 1 {
		if found, err := exists(fs, fs.PathDir(dir), fs.PathBase(dir)); err != nil {
			return nil, err
		} else if !found {
			return nil, &CorruptError{File: dir, What: fmt.Sprintf(
				"the history is missing, though it was forced up to instance %d", want-1)}
		}
	}
	h.cache = pebble.NewCache(opts.CacheBytes)
	defer h.cache.Unref()
	if err := h.openDatabase(opts); err != nil {
		return nil, h.explain(err)
	}
	if err := h.readBounds(want); err != nil {
		return nil, closeAfter(err, h.db)
	}
	go h.run()
	return h, nil
}

// openDatabase opens the database on a goroutine of its own, which a fatal error may end. Where
// a force fails, Pebble panics.
func (h *History) openDatabase(opts Options) error {
	opened := make(chan error, 1)
	go func() {
		defer close(opened)
		defer func() {
			if cause := recover(); cause != nil {
				h.stuck.Store(true)
				opened <- fmt.Errorf("opening the history: %v", cause)
			}
		}()
		db, err := pebble.Open(h.dir, h.options(opts))
		h.db = db
		opened <- err
	}()
	if err, ok := <-opened; ok {
		return err
	}
	return h.failure.get()
}

func (h *History) options(opts Options) *pebble.Options {
	options := &pebble.Options{
		FS:                          orderedFS{h.fs},
		Cache:                       h.cache,
		DisableWAL:                  true,
		FormatMajorVersion:          pebble.FormatColumnarBlocks,
		MemTableSize:                opts.MemTableBytes,
		MemTableStopWritesThreshold: 4,
		MaxOpenFiles:                256,
		Logger:                      quietLogger{h},
		EventListener:               &pebble.EventListener{BackgroundError: h.failure.set},
	}
	options.ApplyCompressionSettings(func() pebble.DBCompressionSettings {
		return pebble.DBCompressionNone
	})
	return options
}

// quietLogger keeps the database from writing to the process's output.
type quietLogger struct{ history *History }

func (quietLogger) Infof(string, ...any)  {}
func (quietLogger) Errorf(string, ...any) {}

// Fatalf must not return: the database cannot go on. Its goroutine ends and, because of the
// failure, so will the process.
func (l quietLogger) Fatalf(format string, args ...any) {
	l.history.stuck.Store(true)
	l.history.failure.set(fmt.Errorf(format, args...))
	runtime.Goexit()
}

// explain makes a CorruptError of the database's error if it is one.
func (h *History) explain(err error) error {
	if err != nil && pebble.IsCorruptionError(err) {
		return &CorruptError{File: h.dir, What: err.Error()}
	}
	return err
}

func (h *History) readForced() (next uint64, err error) {
	found, err := exists(h.fs, h.fs.PathDir(h.forced), h.fs.PathBase(h.forced))
	if err != nil || !found {
		return 1, err
	}
	var f forcedFile
	if err := readJSON(h.fs, h.forced, &f); err != nil {
		return 0, err
	}
	if f.Checksum != f.sum() {
		return 0, &CorruptError{File: h.forced, What: fmt.Sprintf(
			"its checksum is %s, its content gives %s", f.Checksum, f.sum())}
	}
	return f.Next, nil
}

// readBounds sets first and next to what the database holds, at least up to want.
func (h *History) readBounds(want uint64) error {
	it, err := h.db.NewIter(nil)
	if err != nil {
		return h.explain(err)
	}
	first, next := want, want
	if it.First() {
		first = instanceOf(it.Key())
		it.Last()
		next = instanceOf(it.Key()) + 1
	}
	err = it.Error()
	if err == nil && (first == 0 || next < want) {
		err = &CorruptError{File: h.dir, What: fmt.Sprintf(
			"it holds instances %d to %d, but %d was forced", first, next-1, want-1)}
	}
	h.first.Store(first)
	h.next.Store(next)
	return closeAfter(h.explain(err), it)
}

func keyOf(l uint64) []byte { return binary.BigEndian.AppendUint64(nil, l) }

// instanceOf returns the instance of a key, zero if it is not one.
func instanceOf(key []byte) uint64 {
	if len(key) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(key)
}

// Bounds gives the oldest instance kept and the one that the next Append is for.
func (h *History) Bounds() (first, next register.Instance) {
	return register.Instance(h.first.Load()), register.Instance(h.next.Load())
}

// Append adds the batch delivered in instance next. It does not keep batch. It waits while
// four times Options.MemTableBytes is not yet written out.
func (h *History) Append(batch register.Value) {
	if h.failure.get() != nil {
		return
	}
	next := h.next.Load()
	if err := h.db.Set(keyOf(next), batch, pebble.NoSync); err != nil {
		h.failure.set(h.explain(err))
		return
	}
	h.next.Store(next + 1)
}

// Truncate drops the batches below an instance; a crash may bring them back. The last batch
// stays on the disk, as the witness of what next is.
func (h *History) Truncate(below register.Instance) {
	first, next := h.first.Load(), h.next.Load()
	to := min(uint64(below), next)
	if h.failure.get() != nil || to <= first {
		return
	}
	if err := h.db.DeleteRange(keyOf(0), keyOf(min(to, next-1)), pebble.NoSync); err != nil {
		h.failure.set(h.explain(err))
		return
	}
	h.first.Store(to)
}

// Force calls done, on a goroutine of the storage, once everything appended before the call is
// durable, or with a *FailedError.
func (h *History) Force(done func(error)) {
	force := historyForce{next: h.next.Load(), done: done}
	if h.failure.get() == nil {
		flushed, err := h.db.AsyncFlush()
		if err != nil {
			h.failure.set(h.explain(err))
		}
		force.flushed = flushed
	}
	h.mu.Lock()
	h.forces = append(h.forces, force)
	h.mu.Unlock()
	h.changed.Signal()
}

// run completes the forces, all that wait together.
func (h *History) run() {
	defer close(h.ended)
	for {
		h.mu.Lock()
		for len(h.forces) == 0 && !h.closing {
			h.changed.Wait()
		}
		forces := h.forces
		h.forces = nil
		h.mu.Unlock()
		if len(forces) == 0 {
			return
		}
		err := h.complete(forces[len(forces)-1])
		for _, f := range forces {
			f.done(err)
		}
	}
}

// complete waits until the database has flushed and takes note of how far.
func (h *History) complete(last historyForce) error {
	select {
	case <-h.failure.broken:
	case <-last.flushed:
	}
	if h.failure.get() == nil {
		f := forcedFile{Next: last.next}
		f.Checksum = f.sum()
		if err := writeJSON(h.fs, h.forced, f); err != nil {
			h.failure.set(err)
		}
	}
	return h.failure.get()
}

// Read calls done, on a goroutine of the storage, with what ReadAt returns.
func (h *History) Read(
	from register.Instance, maxBytes int, done func(batches []register.Value, err error),
) {
	h.readers.Go(func() { done(h.ReadAt(from, maxBytes)) })
}

// ReadAt returns batches in order from instance from on: at least one if from is within
// bounds, then as many as fit into maxBytes; none if from is out of bounds.
func (h *History) ReadAt(from register.Instance, maxBytes int) ([]register.Value, error) {
	var batches []register.Value
	left := maxBytes
	err := h.Stored(from, func(_ register.Instance, batch register.Value) bool {
		if left -= len(batch); len(batches) > 0 && left < 0 {
			return false
		}
		batches = append(batches, bytes.Clone(batch))
		return left > 0
	})
	if err != nil {
		return nil, err
	}
	return batches, nil
}

// Stored calls yield with the batches from instance from on, in order, until yield returns
// false. A batch is valid during the call only. It is safe for concurrent use.
func (h *History) Stored(
	from register.Instance, yield func(l register.Instance, batch register.Value) bool,
) error {
	next := h.next.Load()
	if uint64(from) < h.first.Load() || uint64(from) >= next {
		return nil
	}
	it, err := h.db.NewIter(&pebble.IterOptions{
		LowerBound: keyOf(uint64(from)), UpperBound: keyOf(next),
	})
	if err != nil {
		return h.explain(err)
	}
	want := uint64(from)
	for it.First(); it.Valid(); it.Next() {
		batch, err := it.ValueAndErr()
		if err != nil || instanceOf(it.Key()) != want {
			break
		}
		want++
		if !yield(register.Instance(want-1), batch) {
			return closeAfter(nil, it)
		}
	}
	err = it.Error()
	if err == nil && want < next && uint64(from) >= h.first.Load() {
		err = &CorruptError{File: h.dir, What: fmt.Sprintf(
			"instance %d is missing between %d and %d", want, from, next)}
	}
	return closeAfter(h.explain(err), it)
}

// Close waits for the reads and forces that run and closes the database. After a fatal error
// of the database it is left as it is, because it would never come to rest.
func (h *History) Close() error {
	h.mu.Lock()
	h.closing = true
	h.mu.Unlock()
	h.changed.Signal()
	<-h.ended
	h.readers.Wait()
	if h.stuck.Load() {
		return nil
	}
	return h.db.Close()
}
