package redis

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"paxon/kv"
)

func (c *call) get() error {
	return c.read(c.value)
}

func (c *call) strlen() error {
	return c.read(func(cur current) error { return c.integer(int64(len(cur.value.Data))) })
}

// setOptions are what may follow SET key value.
type setOptions struct {
	nx, xx, get, keepTTL bool
	ttl                  time.Duration
}

// parseSet reads the options as Redis does: first their names, then the time.
func parseSet(args [][]byte) (setOptions, error) {
	var o setOptions
	var unit time.Duration
	var timed string // The option that says how long, which may come again.
	var expire []byte
	for i := 0; i < len(args); i++ {
		name := strings.ToUpper(string(args[i]))
		more, fits := i+1 < len(args), timed == "" || timed == name
		switch {
		case name == "NX" && !o.xx:
			o.nx = true
		case name == "XX" && !o.nx:
			o.xx = true
		case name == "GET":
			o.get = true
		case name == "KEEPTTL" && fits:
			timed, o.keepTTL = name, true
		case name == "EX" && more && fits:
			i++
			timed, unit, expire = name, time.Second, args[i]
		case name == "PX" && more && fits:
			i++
			timed, unit, expire = name, time.Millisecond, args[i]
		case (name == "EXAT" || name == "PXAT") && more && fits:
			i++
			timed = name
		default:
			return o, errSyntax
		}
	}
	switch timed {
	case "EXAT", "PXAT":
		return o, errClocks
	case "", "KEEPTTL":
		return o, nil
	}
	var err error
	o.ttl, err = parseTTL(expire, unit, "set")
	return o, err
}

// parseTTL reads a number of units, more than 0.
func parseTTL(arg []byte, unit time.Duration, name string) (time.Duration, error) {
	n, ok := parseInt(arg)
	if !ok {
		return 0, errInteger
	}
	if n <= 0 || n > int64(kv.MaxTTL/unit) {
		return 0, errExpireTime(name)
	}
	return time.Duration(n) * unit, nil
}

func (c *call) set() error {
	o, err := parseSet(c.args[2:])
	if err != nil {
		return err
	}
	type result struct {
		before current
		done   bool
	}
	return c.change(func(cur current) (edit, any) {
		if o.nx && cur.exists || o.xx && !cur.exists {
			return edit{}, result{cur, false}
		}
		ttl := o.ttl
		if o.keepTTL {
			ttl = c.left(cur)
		}
		return edit{put, kv.Value{TTL: ttl, Data: c.args[1]}}, result{cur, true}
	}, func(_ kv.Item, told any) error {
		r, _ := told.(result)
		switch {
		case o.get:
			return c.value(r.before)
		case r.done:
			return c.ok()
		default:
			return c.null()
		}
	})
}

// left is the TTL that a change of cur goes on with.
func (c *call) left(cur current) time.Duration {
	return c.server.config.Expiry.Peek(c.key, cur.item)
}

// putting is a change that sets a key whatever was there, and tells what that was.
func putting(value []byte, ttl time.Duration) func(current) (edit, any) {
	return func(cur current) (edit, any) {
		return edit{put, kv.Value{TTL: ttl, Data: value}}, cur
	}
}

// removing is a change that deletes a key, and tells what was there.
func removing(cur current) (edit, any) { return edit{kind: remove}, cur }

// before answers what a change has found.
func (c *call) before(_ kv.Item, told any) error {
	cur, _ := told.(current)
	return c.value(cur)
}

// whether answers whether a change has done something.
func (c *call) whether(_ kv.Item, told any) error { return c.boolean(told == true) }

func (c *call) setNX() error {
	return c.change(func(cur current) (edit, any) {
		if cur.exists {
			return edit{}, false
		}
		return edit{put, kv.Value{Data: c.args[1]}}, true
	}, c.whether)
}

func (c *call) setEX() error  { return c.setFor(time.Second) }
func (c *call) psetEX() error { return c.setFor(time.Millisecond) }

func (c *call) setFor(unit time.Duration) error {
	ttl, err := parseTTL(c.args[1], unit, c.command.name)
	if err != nil {
		return err
	}
	return c.change(putting(c.args[2], ttl), func(kv.Item, any) error { return c.ok() })
}

func (c *call) getSet() error { return c.change(putting(c.args[1], 0), c.before) }

func (c *call) getDel() error { return c.change(removing, c.before) }

// number answers what a change has counted.
func (c *call) number(_ kv.Item, told any) error {
	n, _ := told.(int64)
	return c.integer(n)
}

func (c *call) appendTo() error {
	return c.change(func(cur current) (edit, any) {
		data := slices.Concat(cur.value.Data, c.args[1])
		return edit{put, kv.Value{TTL: c.left(cur), Data: data}}, int64(len(data))
	}, c.number)
}

func (c *call) incr() error { return c.add(1) }
func (c *call) decr() error { return c.add(-1) }

func (c *call) incrBy() error {
	n, ok := parseInt(c.args[1])
	if !ok {
		return errInteger
	}
	return c.add(n)
}

func (c *call) decrBy() error {
	n, ok := parseInt(c.args[1])
	if !ok {
		return errInteger
	}
	if n == math.MinInt64 { // Its opposite is not there.
		return errDecrement
	}
	return c.add(-n)
}

func (c *call) add(n int64) error {
	return c.change(func(cur current) (edit, any) {
		var old int64
		if cur.exists {
			var ok bool
			if old, ok = parseInt(cur.value.Data); !ok {
				return edit{}, errInteger
			}
		}
		sum := old + n
		if (sum > old) != (n > 0) && n != 0 {
			return edit{}, errOverflow
		}
		data := strconv.AppendInt(nil, sum, 10)
		return edit{put, kv.Value{TTL: c.left(cur), Data: data}}, sum
	}, c.number)
}

// mget reads each key by itself. What it holds is held to the limit of an answer on the way.
func (c *call) mget() error {
	found := make([]current, len(c.args))
	size, limit := 0, c.server.config.Limits.Answer
	return c.each(len(c.args), func(i int) func() error {
		end := c.beginRead(string(c.args[i]))
		return func() error {
			cur, err := end()
			if err != nil {
				return err
			}
			if size += len(cur.value.Data); size > limit {
				return errAnswer(limit)
			}
			found[i] = cur
			return nil
		}
	}, func() error {
		c.array(len(found))
		for _, cur := range found {
			_ = c.value(cur)
		}
		return nil
	})
}

// mset puts each key by itself. Of a key that is there twice the last value counts.
func (c *call) mset() error {
	if len(c.args)%2 != 0 {
		return errArity(c.command.name)
	}
	values := map[string][]byte{}
	var keys []string
	for pair := range slices.Chunk(c.args, 2) {
		key := string(pair[0])
		if _, twice := values[key]; !twice {
			keys = append(keys, key)
		}
		values[key] = pair[1]
	}
	return c.each(len(keys), func(i int) func() error {
		return c.beginOnly(keys[i], putting(values[keys[i]], 0))
	}, c.ok)
}

// beginOnly begins a change of which only counts whether it fails.
func (c *call) beginOnly(key string, f func(current) (edit, any)) (end func() error) {
	ended := c.beginChange(key, f)
	return func() error {
		_, _, err := ended()
		return err
	}
}
