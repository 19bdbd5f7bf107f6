package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"paxon/bench"
)

// maxSize is the most bytes of a payload. All systems take that by default.
const maxSize = 512 << 10

// plan is what to measure.
type plan struct {
	Systems     []string
	Fsync       []bool
	Outstanding []int
	Size        int
	Processes   int // 1, or one for each member.
	goal
	Repeat   int
	Dir      string
	Profiles string // A directory for CPU profiles, or empty.
	Plots    string // A directory for pictures, or empty.
	// spawn makes one measurement; nil is a process of its own.
	spawn func(context.Context, cell) (Result, error)
}

// measured are the systems that are measured with forced writes, or without.
func (p plan) measured(fsync bool) []string {
	var names []string
	for _, name := range p.Systems {
		if found, err := chosen([]string{name}); err != nil || has(found[0], fsync) {
			names = append(names, name) // One that is unknown shows when it is measured.
		}
	}
	return names
}

// cells is how many measurements there are.
func (p plan) cells() int {
	n := 0
	for _, fsync := range p.Fsync {
		n += len(p.measured(fsync)) * len(p.Outstanding) * p.Repeat
	}
	return n
}

// line is one measurement with all that is needed to understand it alone, as a line of JSON.
type line struct {
	System      string `json:"system"`
	Fsync       bool   `json:"fsync"`
	Outstanding int    `json:"outstanding"`
	Repetition  int    `json:"repetition"` // From 1.
	*Result
	Error string `json:"error,omitempty"` // Why there is no result.
	// Limits are those that were measured last before it.
	Limits     limits     `json:"limits"`
	Conditions conditions `json:"conditions"`
	Settings   string     `json:"settings"`
	Versions   []string   `json:"versions"`
}

// conditions are what all measurements of a run have in common.
type conditions struct {
	bench.Host
	MaxProcs int `json:"gomaxprocs"`
	Members  int `json:"members"`
	// Processes is in how many processes the members are.
	Processes int     `json:"processes"`
	Size      int     `json:"sizeBytes"`
	WarmUp    float64 `json:"warmUpSeconds"`
	Duration  float64 `json:"durationSeconds"`
	Asked     int64   `json:"messagesAsked,omitempty"` // Instead of Duration.
	Repeat    int     `json:"repetitions"`
}

func (p plan) conditions() conditions {
	c := conditions{
		Host: bench.HostOf(p.Dir), MaxProcs: runtime.GOMAXPROCS(0), Members: members,
		Processes: p.Processes, Size: p.Size, Asked: p.Messages,
		WarmUp: p.WarmUp.Seconds(), Duration: p.Duration.Seconds(), Repeat: p.Repeat,
	}
	// "go run" does not say what it was built from.
	if text, err := exec.Command("git", "describe", "--always", "--abbrev=40", "--match=",
		"--dirty=+changes").Output(); err == nil {
		c.Commit = strings.TrimSpace(string(text))
	}
	return c
}

// run makes all measurements, the systems in turn, and in each round another one first, so that
// none always follows the same. A measurement that fails does not end it. Each is written to w
// once it is made.
func (p plan) run(
	ctx context.Context, w io.Writer, show func(done int, next string),
) (r report, err error) {
	r = report{plan: p, conditions: p.conditions()}
	encoder := json.NewEncoder(w)
	var now limits
	var last line // That limits were measured for.
	err = p.each(func(l line) error {
		show(len(r.lines), fmt.Sprintf("%s, fsync %s, %d outstanding", l.System, onOff(l.Fsync),
			l.Outstanding))
		first := l.Repetition != last.Repetition || l.Fsync != last.Fsync ||
			l.Outstanding != last.Outstanding
		if first {
			outstanding := 0
			if l.Fsync {
				outstanding = l.Outstanding
			}
			if now, err = measureLimits(ctx, p.Dir, p.Size, outstanding); err != nil {
				return err
			}
			last = l
		}
		if err := p.make(ctx, &l); err != nil {
			return err
		}
		l.Conditions, l.Limits = r.conditions, now
		r.lines = append(r.lines, l)
		return encoder.Encode(l)
	})
	return r, err
}

// each calls do for each measurement, in the order in which they are made.
func (p plan) each(do func(l line) error) error {
	for round := range p.Repeat {
		for _, fsync := range p.Fsync {
			systems := p.measured(fsync)
			for _, outstanding := range p.Outstanding {
				for i := range systems {
					name := systems[(i+round)%len(systems)]
					if err := do(line{
						System: name, Fsync: fsync, Outstanding: outstanding, Repetition: round + 1,
					}); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// make makes one measurement. The error is the cause of ctx; one of the measurement is in l.
func (p plan) make(ctx context.Context, l *line) error {
	found, err := chosen([]string{l.System})
	if err != nil {
		return err
	}
	l.Settings, l.Versions = found[0].Settings(l.Fsync), versions(found[0])
	measure := p.spawn
	if measure == nil {
		measure = spawn
	}
	c := cell{
		System: l.System, Fsync: l.Fsync, Outstanding: l.Outstanding, Size: p.Size,
		Processes: p.Processes, goal: p.goal, Dir: p.Dir,
	}
	if p.Profiles != "" {
		c.Profile = filepath.Join(p.Profiles, fmt.Sprintf("%s-fsync-%s-%d-%d.pprof", l.System,
			onOff(l.Fsync), l.Outstanding, l.Repetition))
	}
	result, failure := measure(ctx, c)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if failure != nil {
		l.Error = failure.Error()
	} else {
		l.Result = &result
	}
	return nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
