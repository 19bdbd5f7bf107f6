package tables

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"paxon/internal/wait"
)

// Client carries out a round of the loop: it returns when what it wrote is acknowledged. It is
// called by one goroutine.
type Client func(ctx context.Context) error

// Cluster is three processes with a client beside each, all real. Links are those between the
// processes, which are numbered from 0 as the clients are.
type Cluster struct {
	Links   *Links
	Clients [Regions]Client
	Close   func() error
}

// Latencies has all clients go round their loops, and gives the mean time of a round of each.
func (c Cluster) Latencies(ctx context.Context, t Times) (mean [Regions]time.Duration, err error) {
	var group sync.WaitGroup
	var failed [Regions]error
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for i, client := range c.Clients {
		group.Go(func() {
			mean[i], failed[i] = meanOf(ctx, client, t)
			if failed[i] != nil {
				stop()
			}
		})
	}
	group.Wait()
	return mean, errors.Join(failed[:]...)
}

// Times is how long a loop goes on until it is measured, or longer if it is slow, and then.
type Times struct{ WarmUp, Duration time.Duration }

// unscored is how many rounds of a loop do not count at least, simulated or real. In the first,
// CASPaxos asks for promises. A leader of Fall asks for them in each instance of its first window, and
// a round of a loop takes up two instances or more.
const unscored = 8

// meanOf goes round a loop until it is warm, and then until the time is over, at least twice.
func meanOf(ctx context.Context, client Client, t Times) (time.Duration, error) {
	begun := time.Now()
	for rounds := 0; rounds < unscored || time.Since(begun) < t.WarmUp; rounds++ {
		if err := client(ctx); err != nil {
			return 0, err
		}
	}
	begun = time.Now()
	rounds := time.Duration(0)
	for rounds < 2 || time.Since(begun) < t.Duration {
		if err := client(ctx); err != nil {
			return 0, err
		}
		rounds++
	}
	return time.Since(begun) / rounds, nil
}

// Isolation says what is done to a cluster.
type Isolation struct {
	Process int           // By ID − 1, or −1 for none.
	Before  time.Duration // How long the loops run until then.
	After   time.Duration // How long they go on at least.
}

// Every client but the one at the isolated process ends so many rounds, however long it takes, up to
// the longest time.
const (
	enough     = 10
	longestAll = time.Minute
)

// waits is what a client waited for.
type waits struct {
	mu      sync.Mutex
	begun   bool // The process is isolated.
	last    time.Time
	longest time.Duration
	rounds  int // Since.
}

func (w *waits) note() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if w.begun {
		w.longest = max(w.longest, now.Sub(w.last))
		w.rounds++
	}
	w.last = now
}

// Unavailable isolates a process, and gives the longest time that one of the clients at the others
// waited for the end of a round of its loop from then on.
func (c Cluster) Unavailable(ctx context.Context, i Isolation) (time.Duration, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var group sync.WaitGroup
	var all [Regions]waits
	var failed [Regions]error
	for n, client := range c.Clients {
		w := &all[n]
		w.last = time.Now()
		group.Go(func() {
			for ctx.Err() == nil {
				err := client(ctx)
				if err != nil && ctx.Err() == nil {
					failed[n] = err
					stop()
				}
				if err == nil {
					w.note()
				}
			}
		})
	}
	ended := wait.For(ctx, i.Before)
	for n := range all {
		all[n].mu.Lock()
		all[n].begun = true
		all[n].mu.Unlock()
	}
	if i.Process >= 0 {
		c.Links.Isolate(i.Process, true)
	}
	if ended == nil {
		ended = errors.Join(wait.For(ctx, i.After), enoughRounds(ctx, &all, i.Process))
	}
	stop()
	group.Wait()
	if i.Process >= 0 {
		c.Links.Isolate(i.Process, false)
	}
	if err := errors.Join(append(failed[:], ended)...); err != nil {
		return 0, fmt.Errorf("with process %d isolated: %w", i.Process+1, err)
	}
	longest := time.Duration(0)
	for n := range all {
		if n != i.Process {
			longest = max(longest, all[n].longest)
		}
	}
	return longest, nil
}

// enoughRounds waits until all clients but one have gone round so often.
func enoughRounds(ctx context.Context, all *[Regions]waits, but int) error {
	ctx, stop := context.WithTimeoutCause(ctx, longestAll,
		fmt.Errorf("clients did not go on within %v", longestAll))
	defer stop()
	for n := range all {
		for n != but {
			all[n].mu.Lock()
			rounds := all[n].rounds
			all[n].mu.Unlock()
			if rounds >= enough {
				break
			}
			if err := wait.For(ctx, time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}
