package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/sirupsen/logrus"

	"paxon/node"
	"paxon/process"
	"paxon/tob"
)

// member is one process of the cluster, with its reader and, in time, its load.
type member struct {
	id       process.ID
	node     *node.Node
	sequence *sequence
	load     *broadcaster // nil if it does not broadcast.

	stopReading context.CancelFunc
	reader      sync.WaitGroup
	cursor      *node.Cursor  // The reader's until it has ended.
	grown       chan struct{} // Has a token if more was read.
}

const benchCluster = "bench"

// openMember runs a process. The caller closes it.
func openMember(o *openRequest, id process.ID, fail func(error)) (*member, error) {
	setting := o.Setting.withDefaults()
	options := setting.options()
	log := logrus.New()
	log.SetLevel(logrus.ErrorLevel)
	c := node.Config{
		Cluster: benchCluster, Process: id, Variant: setting.Variant,
		Dir: filepath.Join(o.Dir, id.String()), Peers: map[process.ID]string{}, Disks: o.Disks,
		Options: &options, Logger: log,
	}
	for i, address := range o.Peers {
		c.Peers[process.ID(i+1)] = address
	}
	c.Storage.Unforced = !setting.Fsync
	n, err := node.Open(c)
	if err != nil {
		return nil, err
	}
	m := &member{
		id: id, node: n, sequence: newSequence(id, setting.Size), cursor: n.Cursor(tob.Position{}),
		grown: make(chan struct{}, 1),
	}
	var reading context.Context
	reading, m.stopReading = context.WithCancel(context.Background())
	m.reader.Go(func() {
		if err := m.read(reading); reading.Err() == nil {
			fail(err)
		}
	})
	return m, nil
}

// read takes what the process delivers, until ctx ends. It always ends with an error.
func (m *member) read(ctx context.Context) error {
	for {
		n, err := m.readOnce()
		if err == nil && n == 0 {
			err = m.cursor.Wait(ctx)
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		select {
		case m.grown <- struct{}{}:
		default: // The token that lies there says the same.
		}
	}
}

// readOnce takes what follows, and says how much that is.
func (m *member) readOnce() (int, error) {
	deliveries, err := m.cursor.Next()
	for _, d := range deliveries {
		if err := m.sequence.take(d.Position, d.Payload); err != nil {
			return 0, err
		}
	}
	return len(deliveries), err
}

// settle waits until so many messages are delivered, ends the reader, and looks whether more are.
func (m *member) settle(ctx context.Context, given uint64) error {
	for m.sequence.count() < given {
		select {
		case <-m.grown:
		case <-ctx.Done():
			return fmt.Errorf("%v delivered %d of %d messages: %w",
				m.id, m.sequence.count(), given, context.Cause(ctx))
		}
	}
	m.stopReading()
	m.reader.Wait()
	if _, err := m.readOnce(); err != nil {
		return err
	}
	if came := m.sequence.count(); came != given {
		return &DeliveryError{
			m.id, m.sequence.last, fmt.Sprintf("%d messages", came), fmt.Sprint(given),
		}
	}
	return nil
}

// account adds what the process has used of what the operating system does not count.
func (m *member) account(ctx context.Context, u *usage) (process.ID, error) {
	s, err := m.node.Status(ctx)
	if err != nil {
		return 0, err
	}
	u.Forces += s.Storage.Forces
	for _, p := range s.Links.Peers {
		u.WireBytes += p.BytesSent
	}
	return s.Leader, nil
}

// close ends the process.
func (m *member) close() error {
	m.stopReading()
	m.reader.Wait()
	err := m.node.Close()
	if errors.Is(err, node.ErrClosed) {
		return nil
	}
	return err
}
