package redis

import (
	"context"

	"github.com/tidwall/redcon"
)

// batch is the commands of a client that are under way together: begun in order, in one go, and
// answered in order. They are gathered from what has arrived; nobody is waited for.
type batch struct {
	calls []*call
	size  int                // Bytes of their arguments.
	keys  map[string]*access // Of all of them, unless it is one that is not single.
}

// access is what the commands of a batch have to do with one key.
type access struct {
	writes bool                    // One of them may change it.
	read   func() (current, error) // The read that all share, once it was begun.
}

// take adds a command to the batch, or carries out the batch first if it may not be under way with it.
func (c *client) take(args [][]byte) error {
	next := c.server.find(c, args)
	if !c.joins(next) {
		if err := c.carryOut(); err != nil {
			return err
		}
	}
	b := &c.batch
	b.calls = append(b.calls, next)
	b.size += next.size
	if !next.single {
		return c.carryOut()
	}
	if b.keys[next.key] == nil {
		b.keys[next.key] = &access{}
	}
	next.access = b.keys[next.key]
	next.access.writes = next.access.writes || next.command.write
	return nil
}

// joins says whether a command may be under way with those of the batch: KR1.
func (c *client) joins(next *call) bool {
	b, l := &c.batch, &c.server.config.Limits
	switch {
	case len(b.calls) == 0:
		return true
	case !next.single || len(b.calls) >= l.Pipeline || b.size+next.size > l.Request:
		return false
	default:
		return c.byKey || b.keys[next.key] != nil
	}
}

// carryOut carries out the batch, and appends the answers. The error is that of writing some of them.
func (c *client) carryOut() error {
	b := &c.batch
	if len(b.calls) == 0 {
		return nil
	}
	defer func() {
		clear(b.calls)
		clear(b.keys)
		b.calls, b.size = b.calls[:0], 0
	}()
	ctx, cancel := context.WithTimeout(c.base, c.server.config.Timeout)
	defer cancel()
	before := len(c.out)
	for _, one := range b.calls {
		one.ctx = ctx
		if one.err == nil {
			one.err = one.command.run(one)
		}
	}
	for i, one := range b.calls {
		c.answer(one, before)
		b.calls[i] = nil // What it holds of its answer is not needed any more.
		if len(c.out) >= writeAt {
			if err := c.flush(); err != nil {
				return err
			}
		}
		before = len(c.out)
	}
	return nil
}

// answer ends a command. Its answer is what there is of it then behind those before.
func (c *client) answer(one *call, before int) {
	err := one.err
	if err == nil && one.then != nil {
		err = one.then()
	}
	if limit := c.server.config.Limits.Answer; err == nil && len(c.out)-before > limit {
		err = errAnswer(limit)
	}
	if err != nil {
		c.out = redcon.AppendError(c.out[:before], outcome(err, c.server.config.Timeout).Error())
	}
}

// The orders of a client's commands.
const (
	orderConnection = "CONNECTION"
	orderKey        = "KEY"
)
