package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// members is how many members a cluster has.
const members = 3

// System is something that has the members of a cluster apply the same sequence of messages.
type System interface {
	// Name is what --systems takes.
	Name() string
	// Modules are the paths of the Go modules that it comes from.
	Modules() []string
	// Settings says in a line how it is configured, with forced writes or without.
	Settings(fsync bool) string
	// Open starts a member, and returns when it takes part. The members of a cluster are opened at
	// the same time, in one process or each in its own. An error leaves nothing behind that runs.
	Open(ctx context.Context, s Setup) (Member, error)
}

// Recoverer is a System whose members can be opened again on their directories: then Applied is
// nil, and Open returns when the member has read what it needs.
type Recoverer interface {
	System
	Recovers()
}

// Limited is a System that has not both modes, with forced writes and without.
type Limited interface {
	System
	// Has says whether it can be measured in a mode.
	Has(fsync bool) bool
}

// has says whether a system can be measured with forced writes, or without.
func has(s System, fsync bool) bool {
	l, ok := s.(Limited)
	return !ok || l.Has(fsync)
}

// Setup is what a member is opened with.
type Setup struct {
	Member      int             // Which one it is, from 0.
	Addresses   [members]string // Of all, for what they tell each other.
	Dir         string          // For this member alone, empty unless it is opened again.
	Fsync       bool            // Whether all that is promised is forced to the disk first.
	Outstanding int             // How many messages are on their way at a time, at most.
	Applied     *Sequence       // Takes what the member applies.
}

// Member is a member that runs.
type Member interface {
	// Leader is the member that this one follows, itself if it leads, −1 if it knows none.
	Leader() (int, error)
	// Submit hands over messages, and keeps the slice no longer than the call. It is called at the
	// member that leads, by one goroutine. Done is called for each message once, on any goroutine,
	// maybe before Submit returns.
	Submit(messages []*Message)
	// Settle returns once this member has applied count messages, to its Sequence.
	Settle(ctx context.Context, count uint64) error
	// Close ends the member. Nothing is applied when it has returned.
	Close() error
}

// Message is a message on its way. It is used again once it is done.
type Message struct {
	Payload []byte // Unchanged until Done is called: who keeps it longer makes a copy.
	// Done takes messages back that are done together, and keeps the slice no longer than the call.
	// It is the same for all messages.
	Done   func(messages []*Message, err error)
	System any // What a System keeps with it, from one use to the next.

	sentAt time.Duration // The load's.
	alone  [1]*Message   // Itself.
}

// done takes back a message alone.
func (m *Message) done(err error) {
	m.alone[0] = m
	m.Done(m.alone[:], err)
}

// done takes back messages together.
func done(messages []*Message, err error) {
	if len(messages) > 0 {
		messages[0].Done(messages, err)
	}
}

// systems are all that can be measured, ours first.
func systems() []System {
	return []System{
		paxonSystem{},
		etcdSystem{},
		etcdReadySystem{},
		hashicorpSystem{},
		hashicorpSystem{memory: true},
		dragonboatSystem{},
		natsSystem{},
	}
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

// settle waits until a sequence has count messages, for members that apply as they go.
func settle(ctx context.Context, applied *Sequence, count uint64) error {
	return until(ctx, fmt.Sprintf("the application of message %d", count), func() (bool, error) {
		return applied.Count() >= count, applied.Err()
	})
}

// errNoLeader says that the members do not follow the same one yet.
var errNoLeader = errors.New("expected all members to follow one leader")

// agreed is the one that all follow, given whom each follows.
func agreed(leaders []int) (int, error) {
	for _, l := range leaders {
		if l < 0 || l != leaders[0] {
			return -1, fmt.Errorf("the members follow %v, from 0: %w", leaders, errNoLeader)
		}
	}
	return leaders[0], nil
}
