package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"paxon/bench/tables"
)

// peer is etcd for tables.Serve.
type peer struct{}

// Open is of tables.Peer.
func (peer) Open(ctx context.Context, l tables.Layout, t tables.Timing) (c tables.Cluster, err error) {
	g, err := open(ctx, l, t)
	if err != nil {
		return c, err
	}
	c = tables.Cluster{Links: g.links, Close: g.close}
	for i, client := range g.clients {
		key := fmt.Sprintf("counter %d", i)
		c.Clients[i] = func(ctx context.Context) error { return round(ctx, client, key, l.Patience()) }
	}
	return c, nil
}

// round reads, and writes one more if nobody else has written, again and again until it is
// acknowledged: a request may be lost with a leader.
func round(ctx context.Context, c *clientv3.Client, key string, patience time.Duration) error {
	for {
		done, err := try(ctx, c, key, patience)
		if err == nil && done {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

func try(
	ctx context.Context, c *clientv3.Client, key string, patience time.Duration,
) (done bool, err error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	read, err := c.Get(ctx, key)
	if err != nil {
		return false, err
	}
	n, revision := 0, int64(0)
	if len(read.Kvs) > 0 {
		revision = read.Kvs[0].ModRevision
		if n, err = strconv.Atoi(string(read.Kvs[0].Value)); err != nil {
			return false, err
		}
	}
	written, err := c.Txn(ctx).
		If(clientv3.Compare(clientv3.ModRevision(key), "=", revision)).
		Then(clientv3.OpPut(key, strconv.Itoa(n+1))).Commit()
	if err != nil {
		return false, err
	}
	return written.Succeeded, nil
}
