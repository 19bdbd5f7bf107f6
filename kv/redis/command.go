package redis

import (
	"context"
	"math/rand/v2"
	"strings"

	"github.com/tidwall/redcon"
	"golang.org/x/sync/errgroup"

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

// call is one command being carried out. Its methods append to the client's answers; if run
// returns an error that is the answer instead.
type call struct {
	*client
	ctx     context.Context // A call lives as long as it.
	command *command
	args    [][]byte // Without the name, and for a subcommand without its name.
}

// run carries out a command and appends its answer.
func (s *Server) run(c *client, args [][]byte) {
	s.handled.Add(1)
	ctx, cancel := context.WithTimeout(c.base, s.config.Timeout)
	defer cancel()
	before := len(c.out)
	err := s.dispatch(ctx, c, args)
	if err == nil && len(c.out)-before > s.config.Limits.Answer {
		err = errAnswer(s.config.Limits.Answer)
	}
	if err != nil {
		c.out = redcon.AppendError(c.out[:before], outcome(err, s.config.Timeout).Error())
	}
}

func (s *Server) dispatch(ctx context.Context, c *client, args [][]byte) error {
	d := s.commands[strings.ToLower(string(args[0]))]
	if d == nil {
		return errUnknown(args)
	}
	n := len(args)
	rest := args[1:]
	if d.subs != nil && len(rest) > 0 {
		sub := d.subs[strings.ToLower(string(rest[0]))]
		if sub == nil {
			return errSubcommand(d.name, rest[0])
		}
		d, rest = sub, rest[1:]
	}
	if !d.admits(n) {
		return errArity(d.name)
	}
	for _, key := range d.keys(args) {
		if limit := s.config.Limits.Key; len(key) > limit {
			return errTooLong("key", len(key), limit)
		}
	}
	return d.run(&call{client: c, ctx: ctx, command: d, args: rest})
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

// change applies f to the value at key, and gives the item that is there then and f's result. An
// error as the result has the change fail. f may be called more than once.
func (c *call) change(key string, f func(current) (edit, any)) (kv.Item, any, error) {
	config := &c.server.config
	mark := rand.Uint64()
	item, result, err := config.Engine.Change(c.ctx, key, func(item kv.Item) (kv.Item, any) {
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

// read is the value at key.
func (c *call) read(key string) (current, error) {
	item, err := c.server.config.Engine.Read(c.ctx, key)
	if err != nil {
		return current{}, err
	}
	c.server.config.Expiry.Left(key, item) // Whoever has seen it watches it.
	return look(item)
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

// parallel is how many keys of one command are worked on at a time.
const parallel = 32

// each calls f for 0 to n-1, some at a time, and returns an error if one did.
func (c *call) each(n int, f func(i int) error) error {
	if n == 1 {
		return f(0)
	}
	var group errgroup.Group
	group.SetLimit(parallel)
	for i := range n {
		group.Go(func() error { return f(i) })
	}
	return group.Wait()
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
