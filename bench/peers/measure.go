package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Result is what came of a cell. Times are in seconds, and what is used is that of all processes.
type Result struct {
	Messages  int64   `json:"messages"` // That were measured.
	Elapsed   float64 `json:"elapsedSeconds"`
	PerSecond float64 `json:"messagesPerSecond"`
	P50       float64 `json:"latencyP50Seconds"`
	P99       float64 `json:"latencyP99Seconds"`
	Max       float64 `json:"latencyMaxSeconds"`
	// CPU, Allocs and AllocBytes are for a million messages, of all members and the load.
	CPU        float64 `json:"cpuSecondsPerMillion"`
	Allocs     float64 `json:"allocationsPerMillion"`
	AllocBytes float64 `json:"allocatedBytesPerMillion"`
	PeakMemory uint64  `json:"peakMemoryBytes"` // Resident, until the end of the load.
	// Applied is how many messages every member applied, and Digest that of the sequence, the
	// same for all.
	Applied uint64 `json:"applied"`
	Digest  string `json:"xxh3"`
	// LeaderChanged says that the leader was another one in the end.
	LeaderChanged bool `json:"leaderChanged"`
	// Long is set if there was a number of messages to submit.
	Long *Long `json:"long,omitempty"`
}

// Long is what a load of many messages shows.
type Long struct {
	Tenths []Tenth `json:"tenths"`
	// DiskBytes is what the directories of all members take at the end.
	DiskBytes int64 `json:"diskBytes"`
	// Recovery is how long the slowest member took to open again on its directory after all
	// processes were killed, and Led until all followed one leader; 0 if the system is not asked.
	Recovery float64 `json:"recoverySeconds,omitempty"`
	Led      float64 `json:"recoveredLeaderSeconds,omitempty"`
}

// Tenth is a part of a load.
type Tenth struct {
	Messages  int64   `json:"messages"`
	PerSecond float64 `json:"messagesPerSecond"`
	CPU       float64 `json:"cpuSecondsPerMillion"`
	Memory    uint64  `json:"memoryBytes"` // Resident at its end.
}

// spawn makes a measurement in processes of its own, so that nothing of one is left in another.
func spawn(ctx context.Context, c cell) (r Result, err error) {
	if c.Dir, err = os.MkdirTemp(c.Dir, c.System+"-"); err != nil {
		return r, err
	}
	dir := c.Dir
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	t, leader, err := start(ctx, &c)
	if err != nil {
		return r, err
	}
	defer t.kill()
	if r, err = measure(t, leader, c); err != nil {
		return r, err
	}
	if r.Long == nil {
		return r, t.close()
	}
	if r.Long.DiskBytes, err = diskBytes(c.Dir); err != nil {
		return r, err
	}
	found, err := chosen([]string{c.System})
	if err != nil {
		return r, err
	}
	if _, ok := found[0].(Recoverer); !ok {
		return r, t.close()
	}
	t.kill()
	return r, reopen(ctx, c, r.Long)
}

// start starts a cluster, and sets the directory and the addresses of the cell. Its addresses
// were free a moment ago, but another program may take one first: then it is tried again, in
// another directory.
func start(ctx context.Context, c *cell) (t team, leader int, err error) {
	dir := c.Dir
	for try := range startTries {
		c.Dir = filepath.Join(dir, fmt.Sprintf("try-%d", try+1))
		if err = os.Mkdir(c.Dir, 0o700); err != nil {
			return nil, 0, err
		}
		if c.Addresses, err = freeAddresses(); err != nil {
			return nil, 0, err
		}
		if t, err = startTeam(ctx, *c); err == nil {
			if leader, err = t.led(ctx); err == nil {
				return t, leader, nil
			}
			t.kill()
		}
		if ctx.Err() != nil {
			return nil, 0, context.Cause(ctx)
		}
	}
	return nil, 0, err
}

// measure puts load on a cluster, waits until all is applied, and compares.
func measure(t team, leader int, c cell) (Result, error) {
	var l *loaded
	var marks []mark
	var used []usage
	err := t.within(c.most(), func() (err error) {
		l, marks, used, err = t.load(leader)
		return err
	})
	if err != nil {
		return Result{}, err
	}
	var settled []reply
	reading := readTimes*(seconds(l.Elapsed)+c.WarmUp) + stallTime
	err = t.within(reading, func() (err error) {
		settled, err = t.askAll(order{Do: doSettle, Count: l.Given})
		return err
	})
	if err != nil {
		return Result{}, err
	}
	var digests []string
	for _, s := range settled {
		digests = append(digests, s.Digests...)
	}
	digest, err := same(digests)
	if err != nil {
		return Result{}, err
	}
	now, err := t.leader()
	if err != nil && !errors.Is(err, errNoLeader) {
		return Result{}, err
	}
	million := float64(l.Messages) / 1e6
	first, last := used[0], used[len(used)-1]
	r := Result{
		Messages: l.Messages, Elapsed: l.Elapsed, PerSecond: float64(l.Messages) / l.Elapsed,
		P50: l.P50, P99: l.P99, Max: l.Max,
		CPU:        (last.CPU - first.CPU).Seconds() / million,
		Allocs:     float64(last.Allocs-first.Allocs) / million,
		AllocBytes: float64(last.Bytes-first.Bytes) / million,
		PeakMemory: last.Peak, Applied: l.Given, Digest: digest, LeaderChanged: now != leader,
	}
	if c.goal.Messages > 0 {
		r.Long = &Long{Tenths: tenthsOf(marks, used)}
	}
	return r, nil
}

// most is how long the load of a cell may take. A system that makes fewer than a thousand
// messages a second is not one for many of them.
func (c cell) most() time.Duration {
	const slowest = 1000
	return c.WarmUp + c.Duration + time.Duration(c.goal.Messages/slowest)*time.Second + stallTime
}

// load has the process that has the leader put load on it, and asks at each mark what all have
// used until then.
func (t team) load(leader int) (l *loaded, marks []mark, used []usage, err error) {
	at := t[t.with(leader)]
	_ = at.orders.Encode(order{Do: doLoad}) // What fails shows in what is heard.
	for {
		r, err := at.hear()
		if err != nil {
			return nil, nil, nil, err
		}
		if r.Mark == nil {
			return r.Load, marks, used, nil
		}
		sum := r.Usage
		for _, m := range t {
			if m == at {
				continue
			}
			other, err := m.ask(order{Do: doUsage})
			if err != nil {
				return nil, nil, nil, err
			}
			sum = sum.plus(other.Usage)
		}
		marks, used = append(marks, *r.Mark), append(used, sum)
	}
}

// tenthsOf is what lies between marks.
func tenthsOf(marks []mark, used []usage) []Tenth {
	var parts []Tenth
	for i := 1; i < len(marks); i++ {
		n := marks[i].Messages - marks[i-1].Messages
		parts = append(parts, Tenth{
			Messages:  n,
			PerSecond: float64(n) / (marks[i].Elapsed - marks[i-1].Elapsed).Seconds(),
			CPU:       (used[i].CPU - used[i-1].CPU).Seconds() / float64(n) * 1e6,
			Memory:    used[i].Resident,
		})
	}
	return parts
}

// reopen opens the members of a cluster that was killed again, on what they have.
func reopen(ctx context.Context, c cell, l *Long) error {
	c.Again = true
	begun := time.Now()
	t, err := startTeam(ctx, c)
	if err != nil {
		return fmt.Errorf("on what was there: %w", err)
	}
	if _, err := t.led(ctx); err != nil {
		t.kill()
		return err
	}
	l.Led = time.Since(begun).Seconds()
	for _, m := range t {
		for _, o := range m.opened {
			l.Recovery = max(l.Recovery, o.Seconds())
		}
	}
	return t.close()
}

// diskBytes is what the files below a directory take.
func diskBytes(dir string) (bytes int64, err error) {
	const block = 512 // Of Stat_t.Blocks.
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // The members still run, and remove files.
		}
		if err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if s, ok := info.Sys().(*syscall.Stat_t); ok {
			bytes += s.Blocks * block
		}
		return nil
	})
	return bytes, err
}
