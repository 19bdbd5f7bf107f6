package redis

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/redcon"

	"paxon/kv"
)

// compatible is the version of Redis that clients are told, to know which commands to send.
const compatible = "7.0.0"

func (c *call) ping() error {
	switch len(c.args) {
	case 0:
		return c.status("PONG")
	case 1:
		return c.bulk(c.args[0])
	default:
		return errArity(c.command.name)
	}
}

func (c *call) echo() error { return c.bulk(c.args[0]) }

func (c *call) selectDB() error {
	n, ok := parseInt(c.args[0])
	switch {
	case !ok:
		return errInteger
	case n != 0:
		return errDatabase
	default:
		return c.ok()
	}
}

func (c *call) quitConn() error {
	c.quit = true
	return c.ok()
}

// auth answers as Redis does that has no password.
func (c *call) auth() error {
	switch {
	case len(c.args) > 2:
		return errSyntax
	case len(c.args) == 1:
		return errPassword
	case string(c.args[0]) != "default":
		return errWrongPass
	default:
		return c.ok()
	}
}

// order is PAXON.ORDER: see KR1.
func (c *call) order() error {
	if len(c.args) > 1 {
		return errArity(c.command.name)
	}
	if len(c.args) == 1 {
		switch strings.ToUpper(string(c.args[0])) {
		case orderConnection:
			c.byKey = false
		case orderKey:
			c.byKey = true
		default:
			return errOrder
		}
		return c.ok()
	}
	if c.byKey {
		return c.text(orderKey)
	}
	return c.text(orderConnection)
}

func (c *call) hello() error {
	name := c.name
	if len(c.args) > 0 {
		version, ok := parseInt(c.args[0])
		if !ok {
			return errProtoInteger
		}
		if version != 2 {
			return errProtoVersion
		}
	}
	for i := 1; i < len(c.args); i++ {
		option, more := strings.ToUpper(string(c.args[i])), len(c.args)-i-1
		switch {
		case option == "AUTH" && more >= 2:
			if string(c.args[i+1]) != "default" {
				return errWrongPass
			}
			i += 2
		case option == "SETNAME" && more >= 1:
			i++
			if !isName(c.args[i]) {
				return errClientName
			}
			name = string(c.args[i])
		default:
			return replyError(fmt.Sprintf("ERR Syntax error in HELLO option '%s'", printable(c.args[i], 128)))
		}
	}
	c.name = name
	c.array(14)
	for _, s := range []string{"server", "redis", "version", compatible, "proto"} {
		_ = c.text(s)
	}
	_ = c.integer(2)
	_ = c.text("id")
	_ = c.integer(c.id)
	for _, s := range []string{"mode", "standalone", "role", "master", "modules"} {
		_ = c.text(s)
	}
	c.array(0)
	return nil
}

func (c *call) clientID() error { return c.integer(c.id) }

func (c *call) clientGetName() error {
	if c.name == "" {
		return c.null()
	}
	return c.text(c.name)
}

func (c *call) clientSetName() error {
	if !isName(c.args[0]) {
		return errClientName
	}
	c.name = string(c.args[0])
	return c.ok()
}

// clientSetInfo is told the client's library, for lists of clients, which there are none of.
func (c *call) clientSetInfo() error {
	switch strings.ToUpper(string(c.args[0])) {
	case "LIB-NAME", "LIB-VER":
		return c.ok()
	default:
		return replyError(fmt.Sprintf("ERR Unrecognized option '%s'", printable(c.args[0], 128)))
	}
}

func isName(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c < '!' || c > '~' })
}

// configGet answers what programs ask for that want to know a server; nothing can be set.
func (c *call) configGet() error {
	limits := c.server.config.Limits
	settings := map[string]string{
		"save": "", "appendonly": "no", "databases": "1", "maxmemory": "0", "timeout": "0",
		"maxclients":         strconv.Itoa(limits.Connections),
		"proto-max-bulk-len": strconv.Itoa(limits.Value),
	}
	var answer []string
	for _, arg := range c.args {
		pattern := strings.ToLower(string(arg))
		if value, is := settings[pattern]; is {
			answer = append(answer, string(arg), value) // In the client's letters, as Redis does.
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(settings)) {
			if match(pattern, name) {
				answer = append(answer, name, settings[name])
			}
		}
	}
	return c.texts(answer...)
}

func (c *call) info() error {
	s := c.server
	sections := slices.Concat([]kv.Section{
		{Name: "Server", Fields: []kv.Field{
			{Name: "redis_version", Value: compatible},
			{Name: "redis_mode", Value: "standalone"},
			{Name: "process_id", Value: strconv.Itoa(os.Getpid())},
			{Name: "uptime_in_seconds", Value: strconv.Itoa(int(time.Since(s.started).Seconds()))},
		}},
		{Name: "Clients", Fields: []kv.Field{
			{Name: "connected_clients", Value: strconv.Itoa(s.connected())},
			{Name: "maxclients", Value: strconv.Itoa(s.config.Limits.Connections)},
		}},
		{Name: "Stats", Fields: []kv.Field{
			{Name: "total_connections_received", Value: strconv.FormatInt(s.ids.Load(), 10)},
			{Name: "total_commands_processed", Value: strconv.FormatInt(s.handled.Load(), 10)},
			{Name: "watched_keys_with_ttl", Value: strconv.Itoa(s.config.Expiry.Len())},
		}},
	}, s.config.Engine.Info())
	var b strings.Builder
	for _, section := range sections {
		if !c.asked(section.Name) {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\r\n")
		}
		fmt.Fprintf(&b, "# %s\r\n", section.Name)
		for _, f := range section.Fields {
			fmt.Fprintf(&b, "%s:%s\r\n", f.Name, f.Value)
		}
	}
	return c.text(b.String())
}

// asked reports whether INFO was asked for a section.
func (c *call) asked(section string) bool {
	return len(c.args) == 0 || slices.ContainsFunc(c.args, func(arg []byte) bool {
		switch strings.ToLower(string(arg)) {
		case "all", "default", "everything":
			return true
		default:
			return strings.EqualFold(string(arg), section)
		}
	})
}

// The commands about commands.

func (c *call) sorted() []*command {
	return slices.SortedFunc(maps.Values(c.server.commands), func(a, b *command) int {
		return strings.Compare(a.name, b.name)
	})
}

func (c *call) commandAll() error {
	all := c.sorted()
	c.array(len(all))
	for _, d := range all {
		c.describe(d)
	}
	return nil
}

func (c *call) commandCount() error { return c.integer(int64(len(c.server.commands))) }

func (c *call) commandInfo() error {
	if len(c.args) == 0 {
		return c.commandAll()
	}
	c.array(len(c.args))
	for _, name := range c.args {
		if d := c.server.commands[strings.ToLower(string(name))]; d != nil {
			c.describe(d)
		} else {
			_ = c.null()
		}
	}
	return nil
}

func (c *call) commandDocs() error {
	docs := c.sorted()
	if len(c.args) > 0 {
		docs = nil
		for _, name := range c.args {
			if d := c.server.commands[strings.ToLower(string(name))]; d != nil {
				docs = append(docs, d)
			}
		}
	}
	c.array(2 * len(docs))
	for _, d := range docs {
		_ = c.text(d.name)
		_ = c.texts("summary", d.summary, "group", "generic")
	}
	return nil
}

func (c *call) commandList() error {
	all := c.sorted()
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = d.name
	}
	return c.texts(names...)
}

// describe is an entry of COMMAND: ten parts, of which clients want the first six.
func (c *call) describe(d *command) {
	c.array(10)
	_ = c.text(d.name)
	_ = c.integer(int64(d.arity))
	c.array(1)
	if d.write {
		_ = c.status("write")
	} else {
		_ = c.status("readonly")
	}
	for _, n := range []int{d.first, d.last, d.step} {
		_ = c.integer(int64(n))
	}
	for range 4 { // Categories of ACLs, tips, key specifications, subcommands.
		c.out = redcon.AppendArray(c.out, 0)
	}
}
