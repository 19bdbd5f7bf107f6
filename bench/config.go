package bench

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"paxon/process"
	"paxon/seasons"
)

// Bounds of a Config.
const (
	maxOutstanding = 1 << 16 // What a stream of the API takes.
	maxSize        = 8 << 20 // What a process takes by default.
)

// At says which processes the messages are broadcast at.
type At string

// The values of At.
const (
	AtLeader At = "leader" // The one that all processes take for the leader.
	AtOther  At = "other"  // The first that is not the leader.
	AtAll    At = "all"    // Every process has a broadcaster of its own.
)

// Machine is a process that runs.
type Machine interface {
	// URL is the base of its HTTP API.
	URL() string
	// Kill ends it at once, and returns when it is gone.
	Kill()
	// Done is closed when it has ended.
	Done() <-chan struct{}
	// Err says why it ended, once Done is closed: never nil.
	Err() error
}

// Config says what to measure.
type Config struct {
	Processes int // At least 1; all of them new.
	Variant   seasons.Variant
	// Outstanding lists how many messages each broadcaster keeps on their way, 1 to 65,536,
	// once for each point to measure.
	Outstanding []int
	Size        int // Of a payload, in bytes, 1 to 8 MiB.
	At          At
	Duration    time.Duration // Of what is measured of a repetition, more than 0.
	WarmUp      time.Duration // Before that; 0 or more.
	Repeat      int           // How often each point is measured, at least 1.
	// Dir is a directory on the disk that the processes have their storage on. The limits are
	// measured in a temporary file there.
	Dir string
	// Start runs a process, and returns once its API answers.
	Start func(ctx context.Context, id process.ID) (Machine, error)
	// Progress hears after each repetition how many of all are done; it may be nil.
	Progress func(done, all int)
}

// ConfigError says which setting cannot be used.
type ConfigError struct {
	Setting        string // The name of its flag.
	Came, Expected string
}

// Error says both sides.
func (e *ConfigError) Error() string {
	return fmt.Sprintf("%s %s: expected %s", e.Setting, e.Came, e.Expected)
}

// Check says what is wrong with the settings, as a *ConfigError, nil if nothing is.
func (c Config) Check() error {
	one := 1
	if c.At == AtOther {
		one = 2 // The leader and another.
	}
	if len(c.Outstanding) == 0 {
		return &ConfigError{"outstanding", "none", "at least one number"}
	}
	for _, n := range c.Outstanding {
		if n < 1 || n > maxOutstanding {
			return &ConfigError{"outstanding", strconv.Itoa(n), fmt.Sprintf("1 to %d", maxOutstanding)}
		}
	}
	switch {
	case c.Processes < one:
		return &ConfigError{"processes", strconv.Itoa(c.Processes), fmt.Sprintf("at least %d", one)}
	case c.Size < 1 || c.Size > maxSize:
		return &ConfigError{"size", strconv.Itoa(c.Size), fmt.Sprintf("1 to %d bytes", maxSize)}
	case !slices.Contains([]At{AtLeader, AtOther, AtAll}, c.At):
		return &ConfigError{"at", strconv.Quote(string(c.At)), "leader, other or all"}
	case c.Duration <= 0:
		return &ConfigError{"duration", c.Duration.String(), "more than 0"}
	case c.WarmUp < 0:
		return &ConfigError{"warm-up", c.WarmUp.String(), "0 or more"}
	case c.Repeat < 1:
		return &ConfigError{"repeat", strconv.Itoa(c.Repeat), "at least 1"}
	}
	return nil
}

// broadcasters are the processes to broadcast at, of 1 to Processes.
func (c Config) broadcasters(leader process.ID) []process.ID {
	var at []process.ID
	for i := range c.Processes {
		id := process.ID(i + 1)
		switch {
		case c.At == AtAll,
			c.At == AtLeader && id == leader,
			c.At == AtOther && id != leader && len(at) == 0:
			at = append(at, id)
		}
	}
	return at
}
