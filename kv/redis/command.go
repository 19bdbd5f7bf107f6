package redis

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/tidwall/redcon"

	"paxon/kv"
)

// command is an entry of the table of commands.
type command struct {
	name  string // In lower case; with that of the container: config|get.
	arity int    // Arguments with the name; if negative at least so many.
	write bool
	// Where keys are among the arguments: from first on, up to last (negative: from the end),
	// each step. 0 if there are none.
	first, last, step int
	summary           string
	run               func(*call) error
	subs              map[string]*command // Of a container.
}

// admits reports whether the command takes so many arguments, with its name.
func (d *command) admits(n int) bool {
	return n == d.arity || d.arity < 0 && n >= -d.arity
}

// call is one command being carried out. Its run begins what it has to do at keys; what is left for
// when that has ended is then. Both append to the client's answers: run only if there is no then. If
// one of them returns an error that is the answer instead.
type call struct {
	*client
	ctx     context.Context // A call lives as long as it.
	command *command
	args    [][]byte // Without the name, and for a subcommand without its name.
	size    int      // Bytes of all arguments.
	key     string   // Its only key, if it is single.
	single  bool
	err     error
	then    func() error
	access  *access // To its only key; nil if it has none, or several.
}

// find makes a call of a command with its arguments. If there is no such command that is its error.
func (s *Server) find(c *client, args [][]byte) *call {
	s.handled.Add(1)
	found := &call{client: c}
	for _, arg := range args {
		found.size += len(arg)
	}
	d := s.commands[strings.ToLower(string(args[0]))]
	if d == nil {
		found.err = errUnknown(args)
		return found
	}
	rest := args[1:]
	if d.subs != nil && len(rest) > 0 {
		sub := d.subs[strings.ToLower(string(rest[0]))]
		if sub == nil {
			found.err = errSubcommand(d.name, rest[0])
			return found
		}
		d, rest = sub, rest[1:]
	}
	found.command, found.args = d, rest
	if !d.admits(len(args)) {
		found.err = errArity(d.name)
		return found
	}
	keys := d.keys(args)
	for _, key := range keys {
		if limit := s.config.Limits.Key; len(key) > limit {
			found.err = errTooLong("key", len(key), limit)
			return found
		}
	}
	if len(keys) == 1 {
		found.key, found.single = string(keys[0]), true
	}
	return found
}

// keys are the arguments that are keys.
func (d *command) keys(args [][]byte) [][]byte {
	if d.first == 0 {
		return nil
	}
	last := d.last
	if last < 0 {
		last += len(args)
	}
	var keys [][]byte
	for i := d.first; i <= last && i < len(args); i += d.step {
		keys = append(keys, args[i])
	}
	return keys
}

// current is what a change finds at its key.
type current struct {
	exists  bool
	version uint64
	value   kv.Value
	item    kv.Item
}

// edit is what a change makes of it.
type edit struct {
	kind  editKind
	value kv.Value // Of a put. Its Mark is set for it.
}

type editKind int

const (
	keep editKind = iota
	put
	remove
)

// told is the result of a change as the engine carries it.
type told struct {
	kind   editKind
	result any
	err    error
}

// change applies f to the value at the call's key, and has then called with the item that is there
// then and f's result. An error as the result has the change fail. f may be called more than once.
func (c *call) change(
	f func(current) (edit, any), then func(item kv.Item, told any) error,
) error {
	end := c.beginChange(c.key, f)
	c.then = func() error {
		item, told, err := end()
		if err != nil {
			return err
		}
		return then(item, told)
	}
	return nil
}

// beginChange begins a change of any key.
func (c *call) beginChange(
	key string, f func(current) (edit, any),
) (end func() (item kv.Item, told any, err error)) {
	config := &c.server.config
	mark := rand.Uint64()
	ended := config.Engine.Begin(c.ctx, key, func(item kv.Item) (kv.Item, any) {
		cur, err := look(item)
		if err != nil {
			return item, told{err: err}
		}
		over := config.Expiry.Over(key, item)
		if over {
			cur = current{}
		}
		e, result := f(cur)
		if err, failed := result.(error); failed {
			return item, told{err: err}
		}
		if over && e.kind == keep {
			e.kind = remove // What was taken for gone must not be seen again.
		}
		switch e.kind {
		case keep:
			return item, told{result: result}
		case remove:
			return kv.Item{}, told{kind: remove, result: result}
		case put:
		}
		if n, limit := len(e.value.Data), config.Limits.Value; n > limit {
			return item, told{err: errTooLong("value", n, limit)}
		}
		if e.value.TTL > 0 {
			e.value.Mark = mark
		}
		return kv.Item{Exists: true, Value: e.value.Encode()}, told{kind: put, result: result}
	})
	return func() (kv.Item, any, error) {
		item, result, err := ended()
		if err != nil {
			return kv.Item{}, nil, err
		}
		t := result.(told)
		if t.kind == keep {
			config.Expiry.Left(key, item)
		} else {
			config.Expiry.Changed(key, item)
		}
		return item, t.result, t.err
	}
}

// read has then called with the value at the call's key.
func (c *call) read(then func(cur current) error) error {
	end := c.beginRead(c.key)
	c.then = func() error {
		cur, err := end()
		if err != nil {
			return err
		}
		return then(cur)
	}
	return nil
}

// beginRead begins a read of any key. Beside commands that change the key it is a change to what there
// is, so that it has its place among them; otherwise all who read the key together share one read.
func (c *call) beginRead(key string) (end func() (current, error)) {
	var f func(kv.Item) (kv.Item, any)
	switch {
	case c.access == nil:
	case c.access.writes:
		f = func(item kv.Item) (kv.Item, any) { return item, nil }
	case c.access.read != nil:
		return c.access.read
	}
	config := &c.server.config
	ended := config.Engine.Begin(c.ctx, key, f)
	end = func() (current, error) {
		item, _, err := ended()
		if err != nil {
			return current{}, err
		}
		config.Expiry.Left(key, item) // Whoever has seen it watches it.
		return look(item)
	}
	if c.access != nil {
		c.access.read = sync.OnceValues(end)
		return c.access.read
	}
	return end
}

func look(item kv.Item) (current, error) {
	cur := current{exists: item.Exists, version: item.Version, item: item}
	if !item.Exists {
		return cur, nil
	}
	var err error
	cur.value, err = kv.Decode(item.Value)
	return cur, err
}

// each begins something for 0 to n-1, as many at a time as may be under way, and has then called when
// all have ended. If one fails no more are begun, and that is the error.
func (c *call) each(n int, begin func(i int) (end func() error), then func() error) error {
	ends := make([]func() error, min(n, c.server.config.Limits.Pipeline))
	for i := range ends {
		ends[i] = begin(i)
	}
	c.then = func() error {
		var failed error
		next := len(ends)
		for i := 0; i < next; i++ {
			at := i % len(ends)
			if err := ends[at](); err != nil && failed == nil {
				failed = err
			}
			if failed == nil && next < n {
				ends[at] = begin(next)
				next++
			}
		}
		if failed != nil {
			return failed
		}
		return then()
	}
	return nil
}

// The forms of an answer.

func (c *call) ok() error {
	c.out = redcon.AppendOK(c.out)
	return nil
}

func (c *call) null() error {
	c.out = redcon.AppendNull(c.out)
	return nil
}

func (c *call) status(text string) error {
	c.out = redcon.AppendString(c.out, text)
	return nil
}

func (c *call) integer(n int64) error {
	c.out = redcon.AppendInt(c.out, n)
	return nil
}

func (c *call) boolean(is bool) error {
	if is {
		return c.integer(1)
	}
	return c.integer(0)
}

func (c *call) bulk(b []byte) error {
	c.out = redcon.AppendBulk(c.out, b)
	return nil
}

func (c *call) text(s string) error {
	c.out = redcon.AppendBulkString(c.out, s)
	return nil
}

// array begins an answer of n parts, which the caller appends.
func (c *call) array(n int) { c.out = redcon.AppendArray(c.out, n) }

// texts is an array of strings.
func (c *call) texts(all ...string) error {
	c.array(len(all))
	for _, s := range all {
		c.out = redcon.AppendBulkString(c.out, s)
	}
	return nil
}

// value is the data of a value that may not be there.
func (c *call) value(cur current) error {
	if !cur.exists {
		return c.null()
	}
	return c.bulk(cur.value.Data)
}
