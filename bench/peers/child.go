package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// cell is one measurement to make: what a child process is started for.
type cell struct {
	System      string
	Fsync       bool
	Outstanding int
	Size        int
	WarmUp      time.Duration
	Duration    time.Duration
	Dir         string // An empty directory.
	Profile     string // A file for a CPU profile of what is measured, or empty.
}

// Result is what came of a cell. Times are in seconds.
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
}

const (
	startTime  = 20 * time.Second // How long a cluster may take to have a leader,
	startTries = 3                // and how often it is started anew if it does not.
	stallTime  = 60 * time.Second // How long anything may take beyond what was asked for.
	// readTimes is how much longer than the load it may take until all is applied everywhere.
	readTimes = 10
)

// measure makes one measurement, in this process.
func measure(ctx context.Context, c cell) (Result, error) {
	found, err := chosen([]string{c.System})
	if err != nil {
		return Result{}, err
	}
	cluster, applied, err := start(ctx, found[0], c)
	if err != nil {
		return Result{}, fmt.Errorf("%s did not start: %w", c.System, err)
	}
	r, err := loaded(ctx, cluster, c)
	if err = errors.Join(err, cluster.Close()); err != nil {
		return Result{}, fmt.Errorf("%s: %w", c.System, err)
	}
	r.Digest, err = compare(applied, r.Applied)
	return r, err
}

// start starts a cluster. Its addresses were free a moment ago, but another program may take one
// first: then it is tried again.
func start(
	ctx context.Context, system System, c cell,
) (cluster Cluster, applied [members]*Sequence, err error) {
	for try := range startTries {
		for i := range applied {
			applied[i] = newSequence(c.Size)
		}
		s := Setup{
			Dir: filepath.Join(c.Dir, fmt.Sprintf("try-%d", try+1)), Fsync: c.Fsync,
			Outstanding: c.Outstanding, Applied: applied,
		}
		if err := os.Mkdir(s.Dir, 0o700); err != nil {
			return nil, applied, err
		}
		starting, cancel := context.WithTimeout(ctx, startTime)
		cluster, err = system.Start(starting, s)
		cancel()
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	return cluster, applied, err
}

// loaded puts load on a cluster, and waits until all is applied.
func loaded(ctx context.Context, cluster Cluster, c cell) (Result, error) {
	leader, err := cluster.Leader()
	if err != nil {
		return Result{}, err
	}
	l := newLoad(cluster, c.Outstanding, c.Size)
	running, cancel := context.WithTimeout(ctx, c.WarmUp+c.Duration+stallTime)
	defer cancel()
	var before, after usage
	var failed error
	profiled := func() error { return nil }
	begin := func() {
		var err, profileErr error
		profiled, profileErr = profile(c.Profile)
		before, err = used()
		failed = errors.Join(err, profileErr)
	}
	end := func() {
		var err error
		after, err = used()
		failed = errors.Join(failed, err, profiled())
	}
	h, elapsed, err := l.run(running, c.WarmUp, c.Duration, begin, end)
	if err = errors.Join(err, failed); err != nil {
		return Result{}, err
	}
	peak, err := peakMemory()
	if err != nil {
		return Result{}, err
	}
	reading, cancel := context.WithTimeout(ctx, readTimes*(c.WarmUp+c.Duration)+stallTime)
	defer cancel()
	if err := cluster.Settle(reading, l.given); err != nil {
		return Result{}, err
	}
	now, err := cluster.Leader()
	million := float64(h.TotalCount()) / 1e6
	seconds := func(percent float64) float64 {
		return time.Duration(h.ValueAtQuantile(percent)).Seconds()
	}
	return Result{
		Messages: h.TotalCount(), Elapsed: elapsed.Seconds(),
		PerSecond: float64(h.TotalCount()) / elapsed.Seconds(),
		P50:       seconds(50), P99: seconds(99), Max: seconds(100),
		CPU:        (after.cpu - before.cpu).Seconds() / million,
		Allocs:     float64(after.allocs-before.allocs) / million,
		AllocBytes: float64(after.bytes-before.bytes) / million,
		PeakMemory: peak, Applied: l.given, LeaderChanged: err != nil || now != leader,
	}, nil
}

// childVariable is set, to a cell as JSON, in the environment of a process that is to make one
// measurement and print its Result as JSON.
const childVariable = "PAXON_PEERS_CELL"

// serveChild makes the measurement that the parent asked for.
func serveChild(ctx context.Context, asked string, w io.Writer) error {
	var c cell
	if err := json.Unmarshal([]byte(asked), &c); err != nil {
		return fmt.Errorf("%s is not a cell: %w: it is set by this program for itself only",
			childVariable, err)
	}
	r, err := measure(ctx, c)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(r)
}

// spawn makes a measurement in a process of its own, so that nothing of one is left in another.
func spawn(ctx context.Context, c cell) (r Result, err error) {
	if c.Dir, err = os.MkdirTemp(c.Dir, c.System+"-"); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(c.Dir)) }()
	asked, err := json.Marshal(c)
	if err != nil {
		return r, err
	}
	executable, err := os.Executable()
	if err != nil {
		return r, err
	}
	child := exec.CommandContext(ctx, executable)
	child.Env = append(os.Environ(), childVariable+"="+string(asked))
	child.WaitDelay = stallTime
	var stdout, stderr bytes.Buffer
	child.Stdout, child.Stderr = &stdout, &stderr
	if err := child.Run(); err != nil {
		if ctx.Err() != nil {
			return r, context.Cause(ctx)
		}
		return r, fmt.Errorf("%s with %d outstanding: %w:\n%s",
			c.System, c.Outstanding, err, tail(stderr.Bytes()))
	}
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		return r, fmt.Errorf("%s printed %q: expected a result: %w", c.System, stdout.Bytes(), err)
	}
	return r, nil
}

// tail is the last of what a child said.
func tail(text []byte) []byte {
	const most = 4 << 10
	return text[max(0, len(text)-most):]
}
