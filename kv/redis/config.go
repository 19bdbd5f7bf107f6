package redis

import (
	"context"
	"fmt"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/kv"
)

// Config is what a server needs. Engine, Expiry and Logger are required.
type Config struct {
	Address string // TCP address to listen on, such as "127.0.0.1:6379"; port 0 takes a free one.
	Engine  kv.Engine
	Expiry  *kv.Expiry // Of the same engine. Its Run is the caller's.
	Logger  logrus.FieldLogger

	// Timeout is how long one command may take, by default 10 s. Then its outcome is unknown.
	// It is also how long a client may leave answers unread that are being written.
	Timeout time.Duration
	Limits  Limits
	// Commands are some that there are besides.
	Commands []Command
}

// Command is one that the server has for a host.
type Command struct {
	Name    string // In lower case, none of the server's own.
	Summary string
	// Run carries it out. The answer is an array of its texts, or the error.
	Run func(ctx context.Context, args []string) ([]string, error)
}

// Limits are bounds on what clients have the server hold. Those that are 0 are by default.
type Limits struct {
	Connections int // By default 1024.
	Key         int // Bytes of a key, by default 64 KiB.
	Value       int // Bytes of a value, by default 8 MiB.
	Arguments   int // Arguments of a command with its name, by default 65536.
	Request     int // Bytes of all arguments of a command, by default twice those of Key and Value.
	Answer      int // Bytes of one answer, by default eight times Value.
	// Pipeline is how many commands of one connection, or keys of one command, may be under way
	// together, by default 128. The arguments of commands that are do not exceed Request together.
	Pipeline int
}

func (l *Limits) fill() {
	fill(&l.Connections, 1024)
	fill(&l.Key, 64<<10)
	fill(&l.Value, 8<<20)
	fill(&l.Arguments, 1<<16)
	fill(&l.Request, 2*(l.Key+l.Value))
	fill(&l.Answer, 8*l.Value)
	fill(&l.Pipeline, 128)
}

func fill(limit *int, value int) {
	if *limit == 0 {
		*limit = value
	}
}

// ConfigError says what is wrong with a Config.
type ConfigError struct{ Key, Came, Expected string }

func (e *ConfigError) Error() string {
	return fmt.Sprintf("%s is %s, expected %s", e.Key, e.Came, e.Expected)
}

func (c *Config) fill() error {
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	c.Limits.fill()
	switch l := c.Limits; {
	case c.Engine == nil, c.Expiry == nil, c.Logger == nil:
		return &ConfigError{Key: "Engine, Expiry or Logger", Came: "nil", Expected: "all of them"}
	case c.Timeout < 0:
		return &ConfigError{Key: "Timeout", Came: c.Timeout.String(), Expected: "more than 0"}
	case min(l.Connections, l.Key, l.Value, l.Arguments, l.Answer, l.Pipeline) < 1:
		return &ConfigError{
			Key: "Limits", Came: fmt.Sprintf("%+v", l), Expected: "nothing below 0",
		}
	case l.Request < l.Key+l.Value:
		return &ConfigError{
			Key: "Limits.Request", Came: fmt.Sprint(l.Request),
			Expected: fmt.Sprintf("at least Key and Value, %d", l.Key+l.Value),
		}
	}
	return nil
}
