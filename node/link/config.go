package link

import (
	"cmp"
	"fmt"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/process"
	"paxon/retransmit"
	"paxon/wire"
)

// Config says who the process is, where its peers are and what becomes of what they send.
// Self, Incarnation, Codec, Listen, Log, Receive and Connected are required; zero for any
// other takes the default.
type Config struct {
	// Self is the process whose links these are, in this Incarnation.
	Self        process.ID
	Incarnation process.Incarnation
	// Cluster and Variant must be those of every peer, at most 255 bytes each.
	Cluster string
	Variant string
	// Codec encodes packets. Its fingerprint must be that of every peer's.
	Codec *wire.Codec
	// Listen is the address to accept connections at, as host:port. Port 0 takes a free one.
	Listen string
	// Peers are the addresses of the other processes, as host:port. Self may be among them.
	Peers map[process.ID]string

	Limits Limits

	// BackoffStart and BackoffMax bound the wait between attempts to connect, which doubles
	// from one to the other: 20 ms and 2 s. A connection that lasted BackoffMax starts it anew.
	BackoffStart time.Duration
	BackoffMax   time.Duration
	// GreetTimeout bounds connecting, and greeting, each: 5 s.
	GreetTimeout time.Duration
	// WriteTimeout bounds how long a connection may make no progress: 10 s.
	WriteTimeout time.Duration

	// Patience is how long what is sent late may wait for something to go with: 500 µs.
	Patience time.Duration

	Log logrus.FieldLogger
	// Receive gets packets from a peer, at least one, in the order sent. It is called on one
	// goroutine per peer and may block, which pushes back on that peer; if the connection breaks
	// meanwhile, there is no other before it returns. The slice is reused when it returns; the
	// packets may be kept.
	Receive func(from process.ID, batch []retransmit.Packet)
	// Connected says that what is sent to p from now on goes out: p was connected to, again or
	// for the first time. It is called on a goroutine of that peer, which sends nothing before
	// it returns.
	Connected func(p process.ID)

	// Directory is what the stable storage of the process is called, at most 255 bytes. Empty, the
	// default, stands for none.
	Directory string
	// Recognize, if there is one, returns why p, which has come with a directory, is not to be talked
	// to, nil if it is. What it says goes to p, too, which is Disowned if it is ErrUnknown. It may be
	// called on several goroutines at once.
	Recognize func(p process.ID, directory string) error
	// Disowned, if there is one, says that a peer has not recognized this process.
	Disowned func(err *RefusedError)
}

// Limits bounds what the links hold. Zero takes the default.
type Limits struct {
	// MaxFrame is the largest packet in bytes, its encoding and 4 for the length: 32 MiB.
	MaxFrame int
	// OutBytes is what may wait to be written to one peer, at least MaxFrame: 32 MiB. Buffers
	// that were filled take up to twice as much until they are empty.
	OutBytes int
	// Greetings is how many accepted connections may not have greeted yet: 64.
	Greetings int
}

const (
	defaultBytes     = 32 << 20
	defaultGreetings = 64
	maxName          = 255
)

// ConfigError says which field of a Config cannot be used, and why.
type ConfigError struct {
	Field, Reason string
}

// Error names the field and the reason.
func (e *ConfigError) Error() string { return fmt.Sprintf("link: Config.%s %s", e.Field, e.Reason) }

// complete returns the configuration with defaults in place, or a ConfigError.
func (c Config) complete() (Config, error) {
	c.BackoffStart = cmp.Or(c.BackoffStart, 20*time.Millisecond)
	c.BackoffMax = cmp.Or(c.BackoffMax, 2*time.Second)
	c.GreetTimeout = cmp.Or(c.GreetTimeout, 5*time.Second)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, 10*time.Second)
	c.Patience = cmp.Or(c.Patience, 500*time.Microsecond)
	c.Limits.MaxFrame = cmp.Or(c.Limits.MaxFrame, defaultBytes)
	c.Limits.OutBytes = cmp.Or(c.Limits.OutBytes, defaultBytes)
	c.Limits.Greetings = cmp.Or(c.Limits.Greetings, defaultGreetings)

	for _, rule := range []struct {
		broken        bool
		field, reason string
	}{
		{c.Self == 0, "Self", "is no process: the first is p1"},
		{c.Incarnation == 0, "Incarnation", "is 0: the first is 1"},
		{len(c.Cluster) > maxName, "Cluster", tooLong(c.Cluster)},
		{len(c.Variant) > maxName, "Variant", tooLong(c.Variant)},
		{len(c.Directory) > maxName, "Directory", tooLong(c.Directory)},
		{c.Codec == nil, "Codec", "is missing"},
		{c.Listen == "", "Listen", "is missing: give host:port"},
		{c.Log == nil, "Log", "is missing"},
		{c.Receive == nil, "Receive", "is missing"},
		{c.Connected == nil, "Connected", "is missing"},
		{c.Limits.MaxFrame < minFrame, "Limits.MaxFrame", fmt.Sprintf("is below %d bytes", minFrame)},
		{c.Limits.OutBytes < c.Limits.MaxFrame, "Limits.OutBytes", "is below Limits.MaxFrame"},
		{c.Limits.Greetings < 1, "Limits.Greetings", "is below 1"},
		{c.BackoffStart < 0, "BackoffStart", "is negative"},
		{c.BackoffMax < c.BackoffStart, "BackoffMax", "is below BackoffStart"},
		{c.GreetTimeout < 0, "GreetTimeout", "is negative"},
		{c.WriteTimeout < 0, "WriteTimeout", "is negative"},
		{c.Patience < 0, "Patience", "is negative"},
	} {
		if rule.broken {
			return c, &ConfigError{Field: rule.field, Reason: rule.reason}
		}
	}
	return c, nil
}

func tooLong(name string) string {
	return fmt.Sprintf("has %d bytes: at most %d", len(name), maxName)
}
