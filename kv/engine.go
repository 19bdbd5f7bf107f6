package kv

import "context"

// Item is what an engine keeps at a key.
type Item struct {
	Exists  bool
	Version uint64 // Grows with each change of the key, also over deletions; 0 for a key that never was.
	Value   []byte // Nobody writes to its bytes, neither engine nor caller.
}

// Same reports whether next, as the function of a Change returns it for i, means no change: it is
// i as was given, or there is nothing before and after. New content, even if its bytes are equal,
// comes with Version 0, so that no engine needs to compare values.
func (i Item) Same(next Item) bool {
	return i.Exists == next.Exists && (!i.Exists || i.Version == next.Version)
}

// Engine is a linearizable store of items by key. Its methods are safe for concurrent use.
type Engine interface {
	// Change applies f to the item at key exactly once. It returns the item as it is after the
	// change and the result of the call of f that counts; f may be called more than once, on
	// different items, by any goroutine, and has no side effects. Of the item that f returns
	// only Exists and Value count: the engine sets the version. If Item.Same says so nothing
	// changes, and the item and result are current as those of a Read are. The error is
	// that of ctx, or says why the outcome is unknown or the engine cannot serve.
	Change(ctx context.Context, key string, f func(Item) (next Item, result any)) (Item, any, error)

	// Begin begins a Change, or a Read if f is nil, and returns once it has its place: changes of a
	// key of which each was begun before the next take effect in that order. End waits for it, with
	// what the Change or Read gives. It is called once at most; what was begun goes on without it.
	Begin(
		ctx context.Context, key string, f func(Item) (next Item, result any),
	) (end func() (Item, any, error))

	// Read is the item at key.
	Read(ctx context.Context, key string) (Item, error)

	// List gives keys that exist, from a cursor on (0 is the beginning), about count of them, or
	// fewer, also none, if that takes long, and the next cursor, 0 at the end. Keys that exist from
	// the beginning to the end of such a listing are listed at least once. Any other number is taken
	// for a cursor as well.
	List(ctx context.Context, cursor uint64, count int) (keys []string, next uint64, err error)

	// Watch has see called with each item that this process's copy holds, and with those it
	// takes on from then on, decided or not. Keys come in any order; versions of one key may
	// repeat or come late. It is called once, before serving. Neither Watch nor see blocks; see
	// may be called with locks of the engine held, and calls nothing of it.
	Watch(see func(key string, item Item))

	// Info is what the engine tells about itself.
	Info() []Section
}

// Section is one heading of what an engine tells about itself.
type Section struct {
	Name   string // Such as "Registers".
	Fields []Field
}

// Field is one line of a Section.
type Field struct{ Name, Value string }
