package figures

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/internal/ports"
	"paxon/node"
	"paxon/process"
	"paxon/seasons"
	"paxon/tob"
)

// measure logs messages at a process that is a cluster of its own, ends it, and takes the time from
// then on until the process has recovered and delivered another message.
func (r *recovery) measure(ctx context.Context, dir string) (took time.Duration, err error) {
	dir, err = os.MkdirTemp(dir, "paxon-recovery-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	// What is measured is reading: nothing is forced while the log is filled.
	if err := r.use(dir, true, func(n *node.Node) error { return fill(ctx, n, r.messages) }); err != nil {
		return 0, err
	}
	start := time.Now()
	err = r.use(dir, false, func(n *node.Node) error {
		_, err := n.Broadcast(ctx, make([]byte, kilobyte))
		took = time.Since(start)
		return err
	})
	return took, err
}

// use opens the process, and closes it after what is done with it.
func (r *recovery) use(dir string, unforced bool, do func(*node.Node) error) error {
	addresses, err := ports.Free(1)
	if err != nil {
		return err
	}
	options := seasons.DefaultOptions()
	l := &options.Limits
	l.Batch = 1
	const never = 1 << 40
	l.CheckpointBytes, l.CheckpointBatches = never, never
	if r.checkpoint > 0 {
		l.CheckpointBatches = r.checkpoint
	}
	log := logrus.New()
	log.SetLevel(logrus.ErrorLevel)
	c := node.Config{
		Cluster: "recovery", Process: 1, Variant: fast, Dir: filepath.Join(dir, "p1"),
		Peers: map[process.ID]string{1: addresses[0]}, Options: &options, Logger: log,
	}
	c.Storage.Unforced = unforced
	n, err := node.Open(c)
	if err != nil {
		return err
	}
	return errors.Join(do(n), n.Close())
}

// fill broadcasts messages, each in an instance of its own, until all are delivered.
func fill(ctx context.Context, n *node.Node, messages int) error {
	client, err := n.NewClient(ctx)
	if err != nil {
		return err
	}
	const outstanding = 1000
	room := make(chan struct{}, outstanding)
	failed := make(chan error, messages)
	for i := range messages {
		room <- struct{}{}
		m := tob.Broadcast{Client: client, Sequence: uint64(i + 1), Payload: make([]byte, kilobyte)}
		if err := n.Submit(ctx, m, func(o tob.Outcome) {
			if o.Status != tob.Delivered {
				failed <- fmt.Errorf("a message to be logged is %v, expected %v", o.Status, tob.Delivered)
			}
			<-room
		}); err != nil {
			return err
		}
	}
	for range outstanding {
		select {
		case room <- struct{}{}:
		case err := <-failed:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-n.Done():
			return n.Err()
		}
	}
	return nil
}
