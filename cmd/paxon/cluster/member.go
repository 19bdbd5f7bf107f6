package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"paxon/client"
	"paxon/process"
)

// Machine is one start of a process.
type Machine interface {
	// URL is the base of its HTTP API.
	URL() string
	// Kill ends it as kill -9 does, and returns once it is gone.
	Kill()
	// Done is closed when it has ended.
	Done() <-chan struct{}
	// Err says why it ended, once Done is closed: never nil.
	Err() error
}

// errGone says that a process was left dead.
var errGone = errors.New("the process was killed and does not come back")

// member is one process of the cluster, through all its starts.
type member struct {
	id    process.ID
	start func(ctx context.Context, id process.ID) (Machine, error)
	died  func(error) // Hears that it died though nobody killed it.

	mu       sync.Mutex
	machine  Machine
	client   *client.Client // Nil while it is down.
	gone     bool           // For good.
	restarts int
	changed  chan struct{} // Closed at the next change.
}

// Connect runs a process, and gives a client of it too. With an error the process does not run.
func Connect[M Machine](
	ctx context.Context, id process.ID, run func(ctx context.Context, id process.ID) (M, error),
) (machine M, c *client.Client, err error) {
	if machine, err = run(ctx, id); err != nil {
		return machine, nil, err
	}
	if c, err = client.New(machine.URL()); err != nil {
		machine.Kill()
	}
	return machine, c, err
}

// run starts the process, for the first time or again.
func (m *member) run(ctx context.Context) error {
	machine, c, err := Connect(ctx, m.id, m.start)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.machine, m.client = machine, c
	m.notify()
	go m.watch(machine)
	return nil
}

// watch tells when a machine ends that is still meant to be up.
func (m *member) watch(machine Machine) {
	<-machine.Done()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.machine == machine && m.client != nil {
		m.died(&DiedError{m.id, machine.Err()})
	}
}

// kill ends the process as a crash does; forGood says that it will not be run again.
func (m *member) kill(forGood bool) {
	m.mu.Lock()
	machine, c := m.machine, m.client
	m.client, m.gone = nil, forGood
	m.notify()
	m.mu.Unlock()
	if machine != nil {
		machine.Kill()
	}
	if c != nil {
		c.Close()
	}
}

// notify wakes those who wait for a change. The lock is held.
func (m *member) notify() {
	if m.changed != nil {
		close(m.changed)
	}
	m.changed = make(chan struct{})
}

// state is the client of the process, nil if it is down, whether that is for good, and what is
// closed when this changes.
func (m *member) state() (c *client.Client, gone bool, changed <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.client, m.gone, m.changed
}

// up waits until the process runs. The error is errGone, or the cause of ctx.
func (m *member) up(ctx context.Context) (*client.Client, error) {
	for {
		c, gone, changed := m.state()
		switch {
		case c != nil:
			return c, nil
		case gone:
			return nil, fmt.Errorf("%v: %w", m.id, errGone)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
