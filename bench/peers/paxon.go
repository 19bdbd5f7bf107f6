package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/node"
	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/tob"
)

// paxonSystem is Paxon as a program uses it: package node with its defaults.
type paxonSystem struct{}

// A crash is suspected after as long as by the peers, rather than by default, so that a leader on
// a busy machine keeps its place as long as theirs.
const (
	paxonHeartbeat = 100 * time.Millisecond
	paxonTimeout   = time.Second
)

// Name implements System.
func (paxonSystem) Name() string { return "paxon" }

// Modules implements System.
func (paxonSystem) Modules() []string { return []string{"paxon"} }

// Settings implements System.
func (paxonSystem) Settings(fsync bool) string {
	s := "variant " + catalog.Default + ", defaults but for suspicion after 1 s as in the peers; " +
		"Submit at the leader; each member read with a Cursor"
	if !fsync {
		s += "; storage.Options.Unforced (written, not forced)"
	}
	return s
}

// Start implements System.
func (paxonSystem) Start(ctx context.Context, s Setup) (Cluster, error) {
	addresses, err := freeAddresses()
	if err != nil {
		return nil, err
	}
	peers := map[process.ID]string{}
	for i, a := range addresses {
		peers[process.ID(i+1)] = a
	}
	log := logrus.New()
	log.SetLevel(logrus.ErrorLevel)
	c := &paxonCluster{applied: s.Applied}
	c.reading, c.stop = context.WithCancel(context.Background())
	for i := range c.nodes {
		id := process.ID(i + 1)
		options := seasons.DefaultOptions()
		options.Omega.Interval, options.Omega.Timeout = paxonHeartbeat, paxonTimeout
		config := node.Config{
			Cluster: "bench", Process: id, Peers: peers, Logger: log, Options: &options,
			Dir: filepath.Join(s.Dir, id.String()),
		}
		config.Storage.Unforced = !s.Fsync
		n, err := node.Open(config)
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.nodes[i] = n
		c.readers.Go(func() { c.read(n, s.Applied[i]) })
	}
	if err := led(ctx, c); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	leader, err := c.Leader()
	c.leader = c.nodes[max(leader, 0)]
	return c, err
}

// freeAddresses are addresses that were free a moment ago.
func freeAddresses() (addresses [members]string, err error) {
	var listeners [members]net.Listener // Held until all are chosen, so that they differ.
	for i := range addresses {
		l, listenErr := net.Listen("tcp", "127.0.0.1:0")
		if listenErr != nil {
			err = listenErr
			break
		}
		addresses[i], listeners[i] = l.Addr().String(), l
	}
	for _, l := range listeners {
		if l != nil {
			err = errors.Join(err, l.Close())
		}
	}
	return addresses, err
}

// paxonCluster is three nodes.
type paxonCluster struct {
	nodes   [members]*node.Node
	leader  *node.Node
	applied [members]*Sequence
	reading context.Context
	stop    context.CancelFunc
	readers sync.WaitGroup
}

// read applies what a node delivers, until reading ends.
func (c *paxonCluster) read(n *node.Node, to *Sequence) {
	cursor := n.Cursor(tob.Position{})
	for {
		deliveries, err := cursor.Next()
		for _, d := range deliveries {
			to.add(d.Payload)
		}
		if err == nil && len(deliveries) == 0 {
			err = cursor.Wait(c.reading)
		}
		if c.reading.Err() != nil {
			return
		}
		if err != nil {
			to.fail(err)
			return
		}
	}
}

// Leader implements Cluster.
func (c *paxonCluster) Leader() (int, error) {
	var leaders [members]int
	for i, n := range c.nodes {
		s, err := n.Status(c.reading)
		if err != nil {
			return 0, err
		}
		leaders[i] = int(s.Leader) - 1
	}
	return agreed(leaders)
}

// Submit implements Cluster.
func (c *paxonCluster) Submit(m *Message) {
	done, ok := m.System.(func(tob.Outcome))
	if !ok {
		done = func(o tob.Outcome) {
			if o.Status != tob.Delivered {
				m.Done(fmt.Errorf("a message is %v: expected delivered", o.Status))
				return
			}
			m.Done(nil)
		}
		m.System = done
	}
	if err := c.leader.Submit(c.reading, tob.Broadcast{Payload: m.Payload}, done); err != nil {
		m.Done(err)
	}
}

// Settle implements Cluster.
func (c *paxonCluster) Settle(ctx context.Context, count uint64) error {
	return settle(ctx, c.applied, count)
}

// Close implements Cluster.
func (c *paxonCluster) Close() error {
	c.stop()
	c.readers.Wait()
	var err error
	for _, n := range c.nodes {
		if n != nil {
			err = errors.Join(err, n.Close())
		}
	}
	return err
}
