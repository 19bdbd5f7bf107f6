package tables

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/sirupsen/logrus"

	"paxon/caspaxos"
	"paxon/node"
	"paxon/process"
)

// openCASPaxos opens a real cluster of CASPaxos. In one says that the loop is a single change.
func openCASPaxos(
	ctx context.Context, options caspaxos.Options, layout Layout, inOne bool,
) (Cluster, error) {
	c, at, opened, err := linked(layout)
	if err != nil {
		return c, err
	}
	log := logrus.New()
	log.SetLevel(logrus.ErrorLevel)
	for i := range Regions {
		p := process.ID(i + 1)
		config := node.RegistersConfig{
			Cluster: "tables", Process: p, Dir: filepath.Join(layout.Dir, p.String()),
			Peers: map[process.ID]string{}, Listen: at.listens[i], Options: &options, Logger: log,
		}
		for j, address := range at.peers[i] {
			config.Peers[process.ID(j+1)] = address
		}
		r, err := node.OpenRegisters(config)
		if err != nil {
			return c, errors.Join(err, c.Close())
		}
		opened(r)
		c.Clients[i] = func(ctx context.Context) error { return readAndSet(ctx, r, keyOf(p)) }
		if inOne {
			c.Clients[i] = func(ctx context.Context) error { return addOne(ctx, r, keyOf(p)) }
		}
	}
	// A first change of each, so that all are connected.
	for _, client := range c.Clients {
		if err := client(ctx); err != nil {
			return c, errors.Join(err, c.Close())
		}
	}
	return c, nil
}

// readAndSet reads, and writes one more if nobody else has written.
func readAndSet(ctx context.Context, r *node.Registers, key string) error {
	s, err := r.Read(ctx, key)
	if err != nil {
		return err
	}
	o, err := r.Change(ctx, key, caspaxos.CompareAndSet{Version: s.Version, Value: more(s.Value)})
	if err == nil && o.Result != true {
		err = fmt.Errorf("tables: %q is at version %d: expected %d, because nobody else writes it",
			key, o.State.Version, s.Version)
	}
	return err
}

// addOne adds one in a single change.
func addOne(ctx context.Context, r *node.Registers, key string) error {
	_, err := r.Change(ctx, key, addition())
	return err
}

// addition is the change of a counter to one more.
func addition() caspaxos.Change {
	return caspaxos.Func(func(s caspaxos.State) caspaxos.Next {
		return caspaxos.Next{Changes: true, Exists: true, Value: more(s.Value)}
	})
}
