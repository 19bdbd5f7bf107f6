package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// members is how many members a cluster has, all of them in this process.
const members = 3

// System is something that has the members of a cluster apply the same sequence of messages.
type System interface {
	// Name is what --systems takes.
	Name() string
	// Modules are the paths of the Go modules that it comes from.
	Modules() []string
	// Settings says in a line how it is configured, with forced writes or without.
	Settings(fsync bool) string
	// Start starts a cluster of new members, and returns when they have a leader.
	Start(ctx context.Context, s Setup) (Cluster, error)
}

// Setup is what a cluster is started with.
type Setup struct {
	Dir         string // Empty, for the cluster alone.
	Fsync       bool   // Whether all that is promised is forced to the disk first.
	Outstanding int    // How many messages are on their way at a time, at most.
	// Applied take, one for each member, what the member applies.
	Applied [members]*Sequence
}

// Cluster is members that run.
type Cluster interface {
	// Leader is the member that leads, 0 to members − 1, and an error if there is none.
	Leader() (int, error)
	// Submit hands a message to the member that led when the cluster was started. One goroutine
	// calls it. Done of the message is called once, on any goroutine, maybe before Submit returns.
	Submit(m *Message)
	// Settle returns once each member has applied count messages, to its Sequence.
	Settle(ctx context.Context, count uint64) error
	// Close ends all members. Nothing is applied when it has returned.
	Close() error
}

// Message is a message on its way. It is used again once it is done.
type Message struct {
	Payload []byte // Unchanged until Done is called: who keeps it longer makes a copy.
	Done    func(error)
	System  any // What a System keeps with it, from one use to the next.
}

// systems are all that can be measured, ours first.
func systems() []System {
	return []System{paxonSystem{}, etcdSystem{}, hashicorpSystem{}, dragonboatSystem{}, natsSystem{}}
}

// chosen finds systems by their names.
func chosen(names []string) ([]System, error) {
	var found []System
	for _, name := range names {
		i := slices.IndexFunc(systems(), func(s System) bool { return s.Name() == name })
		if i < 0 {
			return nil, fmt.Errorf("--systems %s: expected some of %v", name, allNames())
		}
		found = append(found, systems()[i])
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("--systems: none given, expected some of %v", allNames())
	}
	return found, nil
}

// allNames are the names of all systems.
func allNames() []string {
	var names []string
	for _, s := range systems() {
		names = append(names, s.Name())
	}
	return names
}

// askAgain is how often something is looked at that tells nobody when it changes.
const askAgain = 2 * time.Millisecond

// until asks again and again until the answer is true or an error, or ctx ends.
func until(ctx context.Context, what string, ask func() (bool, error)) error {
	ticker := time.NewTicker(askAgain)
	defer ticker.Stop()
	for {
		if ok, err := ask(); ok || err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("%s did not come: %w", what, context.Cause(ctx))
		}
	}
}

// settle waits until all sequences have count messages, for clusters that apply as they go.
func settle(ctx context.Context, applied [members]*Sequence, count uint64) error {
	return until(ctx, fmt.Sprintf("the application of %d messages by all members", count),
		func() (bool, error) {
			var err error
			all := true
			for _, s := range applied {
				err = errors.Join(err, s.Err())
				all = all && s.Count() >= count
			}
			return all, err
		})
}

// agreed is the one that all members take for the leader, given what each takes for it, −1 for
// none.
func agreed(leaders [members]int) (int, error) {
	if leaders[0] < 0 || leaders[1] != leaders[0] || leaders[2] != leaders[0] {
		return 0, fmt.Errorf("the members follow %v: expected one leader", leaders)
	}
	return leaders[0], nil
}

// led waits for a leader.
func led(ctx context.Context, c interface{ Leader() (int, error) }) error {
	return until(ctx, "a leader", func() (bool, error) {
		_, err := c.Leader()
		return err == nil, nil
	})
}
