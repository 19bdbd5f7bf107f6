package redis

// table has the commands by name, with some of the host.
func table(more []Command) map[string]*command {
	commands := map[string]*command{}
	for _, group := range [][]command{stringCommands(), keyCommands(), adminCommands()} {
		for _, d := range group {
			commands[d.name] = &d
		}
	}
	for _, m := range more {
		commands[m.Name] = &command{
			name: m.Name, arity: -1, summary: m.Summary, run: func(c *call) error { return c.runMore(m) },
		}
	}
	return commands
}

// key says that the first argument of a command is its only key.
func key(d command) command {
	d.first, d.last, d.step = 1, 1, 1
	return d
}

// keys says that all arguments are keys, or each first of step.
func keys(step int, d command) command {
	d.first, d.last, d.step = 1, -1, step
	return d
}

func stringCommands() []command {
	return []command{
		key(command{name: "get", arity: 2, run: (*call).get, summary: "Get a value"}),
		key(command{name: "set", arity: -3, write: true, run: (*call).set, summary: "Set a value"}),
		key(command{
			name: "setnx", arity: 3, write: true, run: (*call).setNX,
			summary: "Set a value if there is none",
		}),
		key(command{
			name: "setex", arity: 4, write: true, run: (*call).setEX,
			summary: "Set a value for some seconds",
		}),
		key(command{
			name: "psetex", arity: 4, write: true, run: (*call).psetEX,
			summary: "Set a value for some milliseconds",
		}),
		key(command{
			name: "getset", arity: 3, write: true, run: (*call).getSet,
			summary: "Set a value and get the one before",
		}),
		key(command{
			name: "getdel", arity: 2, write: true, run: (*call).getDel,
			summary: "Delete a key and get its value",
		}),
		key(command{
			name: "append", arity: 3, write: true, run: (*call).appendTo,
			summary: "Append to a value",
		}),
		key(command{name: "strlen", arity: 2, run: (*call).strlen, summary: "Bytes of a value"}),
		key(command{name: "incr", arity: 2, write: true, run: (*call).incr, summary: "Add 1"}),
		key(command{name: "decr", arity: 2, write: true, run: (*call).decr, summary: "Subtract 1"}),
		key(command{
			name: "incrby", arity: 3, write: true, run: (*call).incrBy,
			summary: "Add an integer",
		}),
		key(command{
			name: "decrby", arity: 3, write: true, run: (*call).decrBy,
			summary: "Subtract an integer",
		}),
		keys(1, command{
			name: "mget", arity: -2, run: (*call).mget,
			summary: "Get several values, each by itself",
		}),
		keys(2, command{
			name: "mset", arity: -3, write: true, run: (*call).mset,
			summary: "Set several values, each by itself",
		}),
		key(command{
			name: "paxon.get", arity: 2, run: (*call).readVersion,
			summary: "Get version and value",
		}),
		key(command{
			name: "paxon.cas", arity: 4, write: true, run: (*call).compareAndSet,
			summary: "Set a value if the key is at a version, 0 if there is none",
		}),
	}
}

func keyCommands() []command {
	return []command{
		keys(1, command{
			name: "del", arity: -2, write: true, run: (*call).del,
			summary: "Delete keys, each by itself",
		}),
		keys(1, command{
			name: "exists", arity: -2, run: (*call).exists,
			summary: "How many keys exist, each by itself",
		}),
		key(command{name: "type", arity: 2, run: (*call).typeOf, summary: "Type of a value"}),
		key(command{
			name: "ttl", arity: 2, run: (*call).ttl,
			summary: "Seconds that a key is to live, by the clock of this process",
		}),
		key(command{
			name: "pttl", arity: 2, run: (*call).pttl,
			summary: "Milliseconds that a key is to live, by the clock of this process",
		}),
		key(command{
			name: "expire", arity: -3, write: true, run: (*call).expire,
			summary: "Have a key live for some seconds",
		}),
		key(command{
			name: "pexpire", arity: -3, write: true, run: (*call).pexpire,
			summary: "Have a key live for some milliseconds",
		}),
		key(command{
			name: "expireat", arity: -3, write: true, run: (*call).expireAt,
			summary: "Refused: clocks are not trusted",
		}),
		key(command{
			name: "pexpireat", arity: -3, write: true, run: (*call).expireAt,
			summary: "Refused: clocks are not trusted",
		}),
		key(command{
			name: "persist", arity: 2, write: true, run: (*call).persist,
			summary: "Have a key live for ever",
		}),
		{name: "keys", arity: 2, run: (*call).keys, summary: "Keys that match a pattern"},
		{name: "scan", arity: -2, run: (*call).scan, summary: "Some of the keys, from a cursor on"},
		{name: "dbsize", arity: 1, run: (*call).dbSize, summary: "How many keys there are"},
		{
			name: "flushdb", arity: -1, write: true, run: (*call).flushAll,
			summary: "Delete all keys, each by itself",
		},
		{
			name: "flushall", arity: -1, write: true, run: (*call).flushAll,
			summary: "Delete all keys, each by itself",
		},
	}
}

func adminCommands() []command {
	return []command{
		{name: "ping", arity: -1, run: (*call).ping, summary: "Answer"},
		{name: "echo", arity: 2, run: (*call).echo, summary: "Answer a text"},
		{name: "select", arity: 2, run: (*call).selectDB, summary: "Choose the database 0"},
		{name: "quit", arity: -1, run: (*call).quitConn, summary: "Close the connection"},
		{name: "auth", arity: -2, run: (*call).auth, summary: "Refused: there are no passwords"},
		{name: "hello", arity: -1, run: (*call).hello, summary: "Agree on version 2 of the protocol"},
		{
			name: "paxon.order", arity: -1, run: (*call).order,
			summary: "Keep the order of this connection's commands, or that at each key: CONNECTION or KEY",
		},
		{name: "info", arity: -1, run: (*call).info, summary: "What there is to know of the process"},
		{name: "client", arity: -2, summary: "About the connection", subs: map[string]*command{
			"id":      {name: "client|id", arity: 2, run: (*call).clientID},
			"getname": {name: "client|getname", arity: 2, run: (*call).clientGetName},
			"setname": {name: "client|setname", arity: 3, run: (*call).clientSetName},
			"setinfo": {name: "client|setinfo", arity: 4, run: (*call).clientSetInfo},
		}},
		{name: "config", arity: -2, summary: "About settings", subs: map[string]*command{
			"get": {name: "config|get", arity: -3, run: (*call).configGet},
		}},
		{
			name: "command", arity: -1, run: (*call).commandAll, summary: "About commands",
			subs: map[string]*command{
				"count": {name: "command|count", arity: 2, run: (*call).commandCount},
				"docs":  {name: "command|docs", arity: -2, run: (*call).commandDocs},
				"info":  {name: "command|info", arity: -2, run: (*call).commandInfo},
				"list":  {name: "command|list", arity: 2, run: (*call).commandList},
			},
		},
	}
}

// runMore carries out a command of the host.
func (c *call) runMore(m Command) error {
	args := make([]string, len(c.args))
	for i, arg := range c.args {
		args[i] = string(arg)
	}
	answer, err := m.Run(c.ctx, args)
	if err != nil {
		return replyError("ERR " + printable([]byte(err.Error()), maxReason))
	}
	return c.texts(answer...)
}

// maxReason bounds what a client is told of an error of the host.
const maxReason = 1 << 10
