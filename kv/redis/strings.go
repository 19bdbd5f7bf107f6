package redis

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"paxon/kv"
)

func (c *call) get() error {
	cur, err := c.read(string(c.args[0]))
	if err != nil {
		return err
	}
	return c.value(cur)
}

func (c *call) strlen() error {
	cur, err := c.read(string(c.args[0]))
	if err != nil {
		return err
	}
	return c.integer(int64(len(cur.value.Data)))
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
	key := string(c.args[0])
	_, told, err := c.change(key, func(cur current) (edit, any) {
		if o.nx && cur.exists || o.xx && !cur.exists {
			return edit{}, result{cur, false}
		}
		ttl := o.ttl
		if o.keepTTL {
			ttl = c.left(key, cur)
		}
		return edit{put, kv.Value{TTL: ttl, Data: c.args[1]}}, result{cur, true}
	})
	if err != nil {
		return err
	}
	r, _ := told.(result)
	switch {
	case o.get:
		return c.value(r.before)
	case r.done:
		return c.ok()
	default:
		return c.null()
	}
}

// left is the TTL that a change of cur goes on with.
func (c *call) left(key string, cur current) time.Duration {
	return c.server.config.Expiry.Peek(key, cur.item)
}

// put sets key whatever was there, and gives what that was.
func (c *call) put(key string, value []byte, ttl time.Duration) (current, error) {
	_, told, err := c.change(key, func(cur current) (edit, any) {
		return edit{put, kv.Value{TTL: ttl, Data: value}}, cur
	})
	before, _ := told.(current)
	return before, err
}

func (c *call) setNX() error {
	_, told, err := c.change(string(c.args[0]), func(cur current) (edit, any) {
		if cur.exists {
			return edit{}, false
		}
		return edit{put, kv.Value{Data: c.args[1]}}, true
	})
	if err != nil {
		return err
	}
	return c.boolean(told == true)
}

func (c *call) setEX() error  { return c.setFor(time.Second) }
func (c *call) psetEX() error { return c.setFor(time.Millisecond) }

func (c *call) setFor(unit time.Duration) error {
	ttl, err := parseTTL(c.args[1], unit, c.command.name)
	if err != nil {
		return err
	}
	if _, err := c.put(string(c.args[0]), c.args[2], ttl); err != nil {
		return err
	}
	return c.ok()
}

func (c *call) getSet() error {
	before, err := c.put(string(c.args[0]), c.args[1], 0)
	if err != nil {
		return err
	}
	return c.value(before)
}

func (c *call) getDel() error {
	before, err := c.remove(string(c.args[0]))
	if err != nil {
		return err
	}
	return c.value(before)
}

// remove deletes key and gives what was there.
func (c *call) remove(key string) (current, error) {
	_, told, err := c.change(key, func(cur current) (edit, any) {
		return edit{kind: remove}, cur
	})
	before, _ := told.(current)
	return before, err
}

func (c *call) appendTo() error {
	key := string(c.args[0])
	_, told, err := c.change(key, func(cur current) (edit, any) {
		data := slices.Concat(cur.value.Data, c.args[1])
		return edit{put, kv.Value{TTL: c.left(key, cur), Data: data}}, int64(len(data))
	})
	if err != nil {
		return err
	}
	n, _ := told.(int64)
	return c.integer(n)
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
	key := string(c.args[0])
	_, told, err := c.change(key, func(cur current) (edit, any) {
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
		return edit{put, kv.Value{TTL: c.left(key, cur), Data: data}}, sum
	})
	if err != nil {
		return err
	}
	sum, _ := told.(int64)
	return c.integer(sum)
}

// mget reads each key by itself. What it holds is held to the limit of an answer on the way.
func (c *call) mget() error {
	found := make([]current, len(c.args))
	var size atomic.Int64
	err := c.each(len(c.args), func(i int) error {
		cur, err := c.read(string(c.args[i]))
		if err != nil {
			return err
		}
		if size.Add(int64(len(cur.value.Data))) > int64(c.server.config.Limits.Answer) {
			return errAnswer(c.server.config.Limits.Answer)
		}
		found[i] = cur
		return nil
	})
	if err != nil {
		return err
	}
	c.array(len(found))
	for _, cur := range found {
		_ = c.value(cur)
	}
	return nil
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
	err := c.each(len(keys), func(i int) error {
		_, err := c.put(keys[i], values[keys[i]], 0)
		return err
	})
	if err != nil {
		return err
	}
	return c.ok()
}
