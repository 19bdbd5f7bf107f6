package redis

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"paxon/kv"
)

func (c *call) del() error {
	return c.count(func(key string) func() (current, error) {
		end := c.beginChange(key, removing)
		return func() (current, error) {
			_, told, err := end()
			before, _ := told.(current)
			return before, err
		}
	})
}

func (c *call) exists() error { return c.count(c.beginRead) }

// count answers at how many arguments there was something.
func (c *call) count(begin func(key string) (end func() (current, error))) error {
	n := int64(0)
	return c.each(len(c.args), func(i int) func() error {
		end := begin(string(c.args[i]))
		return func() error {
			cur, err := end()
			if err == nil && cur.exists {
				n++
			}
			return err
		}
	}, func() error { return c.integer(n) })
}

func (c *call) typeOf() error {
	return c.read(func(cur current) error {
		if cur.exists {
			return c.status("string")
		}
		return c.status("none")
	})
}

func (c *call) ttl() error {
	return c.timeLeft(func(left time.Duration) int64 { return left.Round(time.Second).Milliseconds() / 1000 })
}

func (c *call) pttl() error { return c.timeLeft(time.Duration.Milliseconds) }

func (c *call) timeLeft(in func(time.Duration) int64) error {
	return c.read(func(cur current) error {
		switch {
		case !cur.exists:
			return c.integer(-2)
		case cur.value.TTL == 0:
			return c.integer(-1)
		default:
			return c.integer(in(c.left(cur)))
		}
	})
}

func (c *call) expire() error  { return c.expireIn(time.Second) }
func (c *call) pexpire() error { return c.expireIn(time.Millisecond) }

func (c *call) expireIn(unit time.Duration) error {
	var nx, xx, compare bool
	for _, option := range c.args[2:] {
		switch strings.ToUpper(string(option)) {
		case "NX":
			nx = true
		case "XX":
			xx = true
		case "GT", "LT":
			compare = true
		default:
			return replyError("ERR Unsupported option " + printable(option, 128))
		}
	}
	if nx && (xx || compare) {
		return errExpireOptions
	}
	if compare {
		return errCompare
	}
	n, ok := parseInt(c.args[1])
	if !ok {
		return errInteger
	}
	// Redis wants what is in the past to fit as well, and has an item in the past go at once.
	if n > int64(kv.MaxTTL/unit) || n < math.MinInt64/int64(unit/time.Millisecond) {
		return errExpireTime(c.command.name)
	}
	return c.change(func(cur current) (edit, any) {
		if !cur.exists || nx && cur.value.TTL > 0 || xx && cur.value.TTL == 0 {
			return edit{}, false
		}
		if n <= 0 {
			return edit{kind: remove}, true
		}
		return edit{put, kv.Value{TTL: time.Duration(n) * unit, Data: cur.value.Data}}, true
	}, c.whether)
}

func (c *call) expireAt() error { return errClocks }

func (c *call) persist() error {
	return c.change(func(cur current) (edit, any) {
		if !cur.exists || cur.value.TTL == 0 {
			return edit{}, false
		}
		return edit{put, kv.Value{Data: cur.value.Data}}, true
	}, c.whether)
}

// How many keys are asked of the engine at a time: by SCAN unless the client says, by SCAN at most, and
// by commands that go through all.
const (
	scanCount = 10
	scanMost  = 10_000
	listCount = 4000
)

func (c *call) scan() error {
	cursor, ok := parseCursor(c.args[0])
	if !ok {
		return errCursor
	}
	pattern, kind, count := "*", "string", int64(scanCount)
	for i := 1; i < len(c.args); i += 2 {
		if i+1 == len(c.args) {
			return errSyntax
		}
		arg := c.args[i+1]
		switch strings.ToUpper(string(c.args[i])) {
		case "MATCH":
			pattern = string(arg)
		case "TYPE":
			kind = string(arg)
		case "COUNT":
			if count, ok = parseInt(arg); !ok {
				return errInteger
			}
			if count < 1 {
				return errSyntax
			}
		default:
			return errSyntax
		}
	}
	listed, next, err := c.server.config.Engine.List(c.ctx, cursor, int(min(count, scanMost)))
	if err != nil {
		return err
	}
	var keys []string
	for _, key := range listed {
		if strings.EqualFold(kind, "string") && match(pattern, key) {
			keys = append(keys, key)
		}
	}
	c.array(2)
	_ = c.text(strconv.FormatUint(next, 10))
	return c.texts(keys...)
}

// parseCursor reads a cursor as Redis does, by strtoul: nothing is 0, a NUL ends it, and a sign may stand
// in front.
func parseCursor(text []byte) (cursor uint64, ok bool) {
	text, _, _ = bytes.Cut(text, []byte{0})
	if len(text) == 0 {
		return 0, true
	}
	minus := text[0] == '-'
	if minus || text[0] == '+' {
		text = text[1:]
	}
	cursor, err := strconv.ParseUint(string(text), 10, 64)
	if minus {
		cursor = -cursor
	}
	return cursor, err == nil
}

// list has do called with all keys, part by part.
func (c *call) list(ctx context.Context, do func(keys []string) error) error {
	for cursor := uint64(0); ; {
		keys, next, err := c.server.config.Engine.List(ctx, cursor, listCount)
		if err != nil {
			return err
		}
		if err := do(keys); err != nil || next == 0 {
			return err
		}
		cursor = next
	}
}

func (c *call) keys() error {
	pattern := string(c.args[0])
	found := map[string]bool{} // A key may be listed twice.
	var keys []string
	size, limit := 0, c.server.config.Limits.Answer
	err := c.list(c.ctx, func(part []string) error {
		for _, key := range part {
			if found[key] || !match(pattern, key) {
				continue
			}
			found[key] = true
			keys = append(keys, key)
			if size += len(key); size > limit {
				return errAnswer(limit)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.texts(keys...)
}

// dbSize counts what is listed: a key that is listed twice counts twice.
func (c *call) dbSize() error {
	n := 0
	err := c.list(c.ctx, func(keys []string) error {
		n += len(keys)
		return nil
	})
	if err != nil {
		return err
	}
	return c.integer(int64(n))
}

// flushAll deletes the keys that are listed, each by itself. It may take long: each key, and not
// all of it, has the time that a command has.
func (c *call) flushAll() error {
	if len(c.args) > 0 {
		how := strings.ToUpper(string(c.args[0]))
		if len(c.args) > 1 || how != "ASYNC" && how != "SYNC" {
			return errSyntax
		}
	}
	err := c.list(c.server.base, func(keys []string) error {
		for part := range slices.Chunk(keys, c.server.config.Limits.Pipeline) {
			if err := c.removeAll(part); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.ok()
}

// removeAll deletes keys together, in the time of a command.
func (c *call) removeAll(keys []string) error {
	one := *c
	var cancel context.CancelFunc
	one.ctx, cancel = context.WithTimeout(c.server.base, c.server.config.Timeout)
	defer cancel()
	err := one.each(len(keys), func(i int) func() error {
		return one.beginOnly(keys[i], removing)
	}, func() error { return nil })
	if err != nil {
		return err
	}
	return one.then()
}

// readVersion is PAXON.GET.
func (c *call) readVersion() error {
	return c.read(func(cur current) error {
		if !cur.exists {
			return c.null()
		}
		c.array(2)
		_ = c.integer(int64(cur.version))
		return c.bulk(cur.value.Data)
	})
}

// compareAndSet is PAXON.CAS.
func (c *call) compareAndSet() error {
	n, ok := parseInt(c.args[1])
	if !ok || n < 0 {
		return errVersion
	}
	version := uint64(n)
	return c.change(func(cur current) (edit, any) {
		if cur.exists != (version > 0) || cur.exists && cur.version != version {
			return edit{}, false
		}
		return edit{put, kv.Value{Data: c.args[2]}}, true
	}, func(item kv.Item, told any) error {
		if told != true {
			return c.null()
		}
		return c.integer(int64(item.Version))
	})
}
