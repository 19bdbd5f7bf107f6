package bench

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"paxon/seasons"
	"paxon/seasons/catalog"
)

// Config says what to measure.
type Config struct {
	Settings []Setting     // The points, in the order of the report; at least one.
	Duration time.Duration // Of what is measured of a repetition, more than 0.
	WarmUp   time.Duration // Under load before that; 0 or more.
	Repeat   int           // How often each point is measured, at least 1.
	// Dir is an existing directory on the disk to be measured. Each repetition has its storage in a
	// temporary directory there, and so have the limits.
	Dir string
	// Profiles is an existing directory for CPU profiles of what is measured, one for each process
	// of the operating system and repetition; "" is for none.
	Profiles string
	// Program is a command that calls ServeChild if IsChild says so, by default the program that
	// runs, whose main function must do this.
	Program []string
	// Progress hears before each repetition how many of all are done and what comes next, and at
	// the end with the zero Setting. It may be nil.
	Progress func(done, all int, next Setting)
}

// ConfigError says which setting cannot be used.
type ConfigError struct {
	Setting        string // The name of its flag.
	Came, Expected string
	Err            error // The error below, if there is one.
}

// Error says both sides.
func (e *ConfigError) Error() string {
	return fmt.Sprintf("%s %s: expected %s", e.Setting, e.Came, e.Expected)
}

// Unwrap returns the error below.
func (e *ConfigError) Unwrap() error { return e.Err }

// Check says what is wrong with the configuration, as a *ConfigError, nil if nothing is.
func (c Config) Check() error {
	if len(c.Settings) == 0 {
		return &ConfigError{Setting: "outstanding", Came: "none", Expected: "at least one load"}
	}
	for _, s := range c.Settings {
		if err := s.Check(); err != nil {
			return err
		}
	}
	switch {
	case c.Duration <= 0:
		return wrong("duration", c.Duration, "more than 0")
	case c.WarmUp < 0:
		return wrong("warm-up", c.WarmUp, "0 or more")
	case c.Repeat < 1:
		return wrong("repeat", c.Repeat, "at least 1")
	}
	return nil
}

// Check says what is wrong with a setting, as a *ConfigError, nil if nothing is.
func (s Setting) Check() error {
	one := 1
	if s.At == AtOther || s.At == AtOthers {
		one = 2 // The leader and another.
	}
	at := []At{"", AtLeader, AtOther, AtOthers, AtAll}
	switch {
	case s.Processes < one || s.Processes > MaxProcesses:
		return wrong("processes", s.Processes, fmt.Sprintf("%d to %d", one, MaxProcesses))
	case s.Size < MinSize || s.Size > MaxSize:
		return wrong("size", s.Size, fmt.Sprintf("%d to %d bytes", MinSize, MaxSize))
	case !slices.Contains(at, s.At):
		return wrong("at", strconv.Quote(string(s.At)), "leader, other, others or all")
	case s.Window > maxWindow:
		return wrong("window", s.Window, fmt.Sprintf("1 to %d, or 0 for the default", maxWindow))
	case s.Batch < 0:
		return wrong("batch", s.Batch, "1 or more bytes, or 0 for the default")
	case s.Outstanding != 0 && s.Rate != 0:
		return wrong("rate", s.Rate, "none with messages outstanding: it is another load")
	case s.Rate < 0 || s.Rate > MaxRate || math.IsNaN(s.Rate):
		return wrong("rate", s.Rate, fmt.Sprintf("more than 0 and at most %g a second", MaxRate))
	case s.Rate == 0 && (s.Outstanding < 1 || s.Outstanding > MaxOutstanding):
		return wrong("outstanding", s.Outstanding, fmt.Sprintf("1 to %d", MaxOutstanding))
	}
	return s.checkVariant()
}

func (s Setting) checkVariant() error {
	v, err := catalog.ByName(s.withDefaults().Variant)
	if err == nil {
		err = v.Check(s.Processes)
	}
	if err != nil {
		expected := "a composition that stands so many processes"
		if _, unknown := errors.AsType[*catalog.UnknownError](err); unknown {
			expected = "one that is known"
		}
		return &ConfigError{
			Setting: "variant", Came: s.Variant + ": " + err.Error(), Expected: expected, Err: err,
		}
	}
	if s.Fsync && !v.Recovers {
		return wrong("fsync", "on", "off with "+v.Name+", which stores nothing")
	}
	if !s.Fsync && v.Disks {
		return wrong("fsync", "off", "on with "+v.Name+", whose shared disks are always forced")
	}
	return nil
}

func wrong(setting string, came any, expected string) error {
	return &ConfigError{Setting: setting, Came: fmt.Sprint(came), Expected: expected}
}

// A crash is suspected late, so that a leader on a busy machine keeps its place.
const (
	heartbeat = 100 * time.Millisecond
	suspicion = time.Second
)

// options are the knobs of the parts for a setting without gaps.
func (s Setting) options() seasons.Options {
	o := seasons.DefaultOptions()
	o.Omega.Interval, o.Omega.Timeout = heartbeat, suspicion
	l := &o.Limits
	l.Window, l.Batch = s.Window, s.Batch
	l.Ahead = max(l.Ahead, 2*l.Window)
	o.Retransmit.Window = max(o.Retransmit.Window, seasons.RetransmitWindow(*l))
	// What the load keeps on its way must have room, or it would be less.
	l.Pending = max(l.Pending, s.Outstanding)
	l.PendingBytes = max(l.PendingBytes, s.Outstanding*(s.Size+messageBytes))
	return o
}

// messageBytes is more than a message takes besides its payload.
const messageBytes = 128
