package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	// readRows is how many rows are read at once.
	readRows = 1 << 12
	// memTables is how many times Options.MemTableBytes are in memory while the disk is behind.
	memTables = 4
	// unlimited has the database take what it is given at once. If it waited for a flush or a compaction,
	// and that failed for good, it would wait for ever, and could not be closed: the keeper waits.
	unlimited = 1 << 20
)

// rowTable is the rows of the history by instance: a Pebble database without a log of its own.
// What a crash takes from its end, the rows in the forced log give back.
type rowTable struct {
	dir     string
	db      *pebble.DB
	failure *failure
	stuck   chan struct{} // closed when a goroutine of the database ended: it will not come to rest
	once    sync.Once     // stuck is closed
}

func openTable(fs vfs.FS, dir string, opts Options, failure *failure) (*rowTable, error) {
	t := &rowTable{dir: dir, failure: failure, stuck: make(chan struct{})}
	cache := pebble.NewCache(opts.CacheBytes)
	defer cache.Unref()
	if err := t.open(t.options(fs, cache, opts)); err != nil {
		return nil, t.explain(err)
	}
	return t, nil
}

// open opens the database on a goroutine of its own, which a fatal error may end, or leave waiting
// for ever for another one that it has ended.
func (t *rowTable) open(options *pebble.Options) error {
	opened := make(chan error, 1)
	go func() {
		defer close(opened)
		db, err := pebble.Open(t.dir, options)
		t.db = db
		opened <- err
	}()
	select {
	case err, ok := <-opened:
		if ok {
			return err
		}
	case <-t.failure.broken:
	}
	return t.failure.get()
}

func (t *rowTable) options(fs vfs.FS, cache *pebble.Cache, opts Options) *pebble.Options {
	options := &pebble.Options{
		FS:                          tableFS{fs, t.fatal},
		Cache:                       cache,
		DisableWAL:                  true,
		FormatMajorVersion:          pebble.FormatTableFormatV6, // Footers have a checksum.
		MemTableSize:                opts.MemTableBytes,
		MemTableStopWritesThreshold: unlimited,
		L0StopWritesThreshold:       unlimited,
		MaxOpenFiles:                64,
		Logger:                      quietLogger{t},
		EventListener: &pebble.EventListener{
			BackgroundError: t.failure.set,
			// Without this, damage is fatal to whoever reads; it has the error anyway.
			DataCorruption: func(pebble.DataCorruptionInfo) {},
		},
	}
	options.ApplyCompressionSettings(func() pebble.DBCompressionSettings {
		return pebble.DBCompressionNone
	})
	return options
}

// quietLogger keeps the database from writing to the process's output.
type quietLogger struct{ table *rowTable }

func (quietLogger) Infof(string, ...any)  {}
func (quietLogger) Errorf(string, ...any) {}

// Fatalf must not return.
func (l quietLogger) Fatalf(format string, args ...any) {
	l.table.fatal(fmt.Errorf(format, args...))
}

// fatal is for errors after which the database cannot go on. Its goroutine ends and, because of the
// failure, so will the process.
func (t *rowTable) fatal(err error) {
	t.failure.set(err)
	t.once.Do(func() { close(t.stuck) })
	runtime.Goexit()
}

// explain makes a CorruptError of the database's error if something is damaged or missing, with
// the file if the database says which it is.
func (t *rowTable) explain(err error) error {
	if !pebble.IsCorruptionError(err) && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	file := t.dir
	if info := pebble.ExtractDataCorruptionInfo(err); info != nil {
		file = info.Path
	}
	return &CorruptError{File: file, What: err.Error()}
}

func (t *rowTable) corrupt(format string, args ...any) error {
	return &CorruptError{File: t.dir, What: fmt.Sprintf(format, args...)}
}

func keyOf(l uint64) []byte { return binary.BigEndian.AppendUint64(nil, l) }

// instanceOf returns the instance of a key, zero if it is not one.
func instanceOf(key []byte) uint64 {
	if len(key) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(key)
}

// bounds gives the oldest instance that has a row, and the one behind the newest; both are
// zero if none has.
func (t *rowTable) bounds() (first, next uint64, err error) {
	it, err := t.db.NewIter(nil)
	if err != nil {
		return 0, 0, t.explain(err)
	}
	if it.First() {
		first = instanceOf(it.Key())
		it.Last()
		next = instanceOf(it.Key()) + 1
	}
	return first, next, t.explain(closeAfter(it.Error(), it))
}

// set adds the rows of the instances from from on.
func (t *rowTable) set(from uint64, rows []row) error {
	if len(rows) == 0 {
		return nil
	}
	b := t.db.NewBatchWithSize(64 + len(rows)*(16+rowBytes))
	defer b.Close() //nolint:errcheck // It only gives its memory back.
	var key [8]byte
	var value [rowBytes]byte
	for i, r := range rows {
		binary.BigEndian.PutUint64(key[:], from+uint64(i))
		if err := b.Set(key[:], r.append(value[:0]), nil); err != nil {
			return t.explain(err)
		}
	}
	return t.explain(t.db.Apply(b, pebble.NoSync))
}

// truncate drops the rows below an instance, and drop those from an instance on.
func (t *rowTable) truncate(below uint64) error {
	return t.explain(t.db.DeleteRange(keyOf(0), keyOf(below), pebble.NoSync))
}

func (t *rowTable) drop(from uint64) error {
	return t.explain(t.db.DeleteRange(keyOf(from), keyOf(math.MaxUint64), pebble.NoSync))
}

// flush begins to have all rows durable, and closes done when they are.
func (t *rowTable) flush() (done <-chan struct{}, err error) {
	done, err = t.db.AsyncFlush()
	return done, t.explain(err)
}

// read returns the rows from instance from on, below to, that are for batches which fit into
// maxBytes, but at least one, and at most readRows. An instance without one is a CorruptError.
func (t *rowTable) read(from, to uint64, maxBytes int) ([]row, error) {
	it, err := t.db.NewIter(&pebble.IterOptions{LowerBound: keyOf(from), UpperBound: keyOf(to)})
	if err != nil {
		return nil, t.explain(err)
	}
	var rows []row
	l, left := from, maxBytes
	for valid := it.First(); l < to; valid = it.Next() {
		if !valid || instanceOf(it.Key()) != l {
			if err = it.Error(); err == nil {
				err = t.corrupt("instance %d is missing between %d and %d", l, from, to)
			}
			break
		}
		var value []byte
		if value, err = it.ValueAndErr(); err != nil {
			break
		}
		r, damaged := decodeRow(value)
		if damaged != nil {
			err = t.corrupt("the row of instance %d: %v", l, damaged)
			break
		}
		left -= int(r.length)
		if left < 0 && l > from {
			break
		}
		rows = append(rows, r)
		if l++; left <= 0 || len(rows) == readRows {
			break
		}
	}
	return rows, t.explain(closeAfter(err, it))
}

func (t *rowTable) isStuck() bool {
	select {
	case <-t.stuck:
		return true
	default:
		return false
	}
}

// Close closes the database. After a fatal error of it, it is left as it is, because it would
// never come to rest.
func (t *rowTable) Close() error {
	if t.isStuck() {
		return nil
	}
	closed := make(chan error, 1)
	go func() { closed <- t.db.Close() }()
	select {
	case err := <-closed:
		return err
	case <-t.stuck:
		return nil
	}
}
