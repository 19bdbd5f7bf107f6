package tables

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/internal/ports"
	"paxon/internal/wait"
	"paxon/node"
	"paxon/node/storage"
	"paxon/process"
	"paxon/seasons"
)

// Layout is where the processes of a real cluster are, and how far from each other.
type Layout struct {
	Region    [Regions]int // Of each process, by ID − 1.
	RoundTrip func(a, b int) time.Duration
	Dir       string // Exists, and is empty.
}

// Delay is that of a link between two processes, by ID − 1.
func (l Layout) Delay(from, to int) time.Duration {
	return l.RoundTrip(l.Region[from], l.Region[to]) / 2
}

// Patience is how long a client waits for a round of its loop before it begins it again, if its
// requests may be lost: many times what it takes.
func (l Layout) Patience() time.Duration {
	const least, roundTrips = 250 * time.Millisecond, 20
	return least + roundTrips*max(l.RoundTrip(0, 1), l.RoundTrip(1, 2), l.RoundTrip(2, 0))
}

// Addresses finds free ones on this machine, none of them among those of outgoing connections.
func Addresses(count int) ([]string, error) { return ports.Free(count) }

// Peers links processes that listen at some addresses: from each, where it is to find the others.
func (l *Links) Peers(layout Layout, listens []string) (peers [Regions][]string, err error) {
	for from := range Regions {
		for to, address := range listens {
			if from != to {
				if address, err = l.Add(from, to, address, layout.Delay(from, to)); err != nil {
					return peers, err
				}
			}
			peers[from] = append(peers[from], address)
		}
	}
	return peers, nil
}

// place is where the processes of a cluster listen and, from each, where the others are.
type place struct {
	listens []string
	peers   [Regions][]string
}

// linked is a cluster of processes that are still to be opened, with its links. What is opened of it
// goes to opened, for Close. With an error there is nothing to be closed.
func linked(layout Layout) (c Cluster, at place, opened func(io.Closer), err error) {
	c.Links = NewLinks()
	var all []io.Closer
	c.Close = func() error {
		var failed error
		for _, o := range all {
			if err := o.Close(); !errors.Is(err, node.ErrClosed) {
				failed = errors.Join(failed, err)
			}
		}
		c.Links.Close()
		return failed
	}
	if at.listens, err = Addresses(Regions); err == nil {
		at.peers, err = c.Links.Peers(layout, at.listens)
	}
	if err != nil {
		return c, at, nil, errors.Join(err, c.Close())
	}
	return c, at, func(o io.Closer) { all = append(all, o) }, nil
}

// openBroadcast opens a real cluster of a composition. Its leader is the first process.
func openBroadcast(
	ctx context.Context, variant string, options seasons.Options, layout Layout,
) (Cluster, error) {
	c, at, opened, err := linked(layout)
	if err != nil {
		return c, err
	}
	var nodes []*node.Node
	for i := range Regions {
		counters := &Counters{}
		n, err := node.Open(
			broadcastConfig(i, variant, &options, layout, at.listens[i], at.peers[i], counters))
		if err != nil {
			return c, errors.Join(err, c.Close())
		}
		opened(n)
		nodes = append(nodes, n)
		c.Clients[i] = func(ctx context.Context) error { return roundOf(ctx, n, counters, uint64(i)) }
	}
	if err := untilLed(ctx, nodes); err != nil {
		return c, errors.Join(err, c.Close())
	}
	return c, nil
}

func broadcastConfig(
	i int, variant string, o *seasons.Options, layout Layout, listen string, peers []string, c *Counters,
) node.Config {
	log := logrus.New()
	log.SetLevel(logrus.ErrorLevel)
	config := node.Config{
		Cluster: "tables", Process: process.ID(i + 1), Variant: variant,
		Dir: filepath.Join(layout.Dir, process.ID(i+1).String()), Peers: map[process.ID]string{},
		Listen: listen, Options: o, Storage: storage.Options{}, Logger: log,
		Deliver: func(d node.Delivery) { c.Apply(d.Payload) },
	}
	for j, address := range peers {
		config.Peers[process.ID(j+1)] = address
	}
	return config
}

// untilLed waits until all follow the first process.
func untilLed(ctx context.Context, nodes []*node.Node) error {
	const most = 30 * time.Second
	ctx, stop := context.WithTimeoutCause(ctx, most, errors.New("process 1 does not lead"))
	defer stop()
	for _, n := range nodes {
		for {
			s, err := n.Status(ctx)
			if err != nil {
				return err
			}
			if s.Leader == 1 {
				break
			}
			if err := wait.For(ctx, 10*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}

// roundOf reads through the log, and writes one more if nobody else has written.
func roundOf(ctx context.Context, n *node.Node, c *Counters, key uint64) error {
	if _, err := n.Broadcast(ctx, ReadCommand(key)); err != nil {
		return err
	}
	was := c.Value(key)
	if _, err := n.Broadcast(ctx, SetCommand(key, was, was+1)); err != nil {
		return err
	}
	if is := c.Value(key); is != was+1 {
		return fmt.Errorf("tables: the counter is %d: expected %d, because nobody else writes it", is, was+1)
	}
	return nil
}
