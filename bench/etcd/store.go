package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"paxon/bench/tables"
)

// store is three members and their clients.
type store struct {
	group     *group
	endpoints []string
	value     string
}

// OpenStore is of tables.Peer. Members are not delayed, and have etcd's own times.
func (peer) OpenStore(ctx context.Context, dir string) (tables.Store, error) {
	here := tables.Layout{Dir: dir, RoundTrip: func(int, int) time.Duration { return 0 }}
	g, err := open(ctx, here, tables.Timing{Heartbeat: 100 * time.Millisecond, Election: time.Second})
	if err != nil {
		return nil, err
	}
	s := &store{group: g}
	for _, c := range g.clients {
		s.endpoints = append(s.endpoints, c.Endpoints()...)
	}
	return s, nil
}

// Close is of tables.Store.
func (s *store) Close() error { return s.group.close() }

// Fill is of tables.Store.
func (s *store) Fill(ctx context.Context, keys, size int) error {
	const together = 100 // etcd takes 128 at a time.
	s.value = strings.Repeat("x", size)
	for first := 0; first < keys; first += together {
		var puts []clientv3.Op
		for k := first; k < min(first+together, keys); k++ {
			puts = append(puts, clientv3.OpPut(key(k), s.value))
		}
		if _, err := s.group.clients[0].Txn(ctx).Then(puts...).Commit(); err != nil {
			return err
		}
	}
	return nil
}

// key is one as redis-benchmark has it.
func key(n int) string { return fmt.Sprintf("key:%012d", n) }

// A connection carries so many clients at most, as in the documentation of etcd's own benchmark.
const clientsEach = 10

// Load is of tables.Store.
func (s *store) Load(ctx context.Context, l tables.Load) (speed tables.Speed, err error) {
	connections, err := s.connect(l)
	if err != nil {
		return speed, err
	}
	defer func() {
		for _, c := range connections {
			if failed := c.Close(); !errors.Is(failed, context.Canceled) {
				err = errors.Join(err, failed)
			}
		}
	}()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	begin := time.Now().Add(l.WarmUp)
	end := begin.Add(l.Duration)
	all := histogram()
	var mu sync.Mutex
	var group sync.WaitGroup
	for n := range l.Clients {
		group.Go(func() {
			own, failed := loop(ctx, connections[n%len(connections)], l, s.value, begin, end)
			mu.Lock()
			defer mu.Unlock()
			all.Merge(own)
			if failed != nil {
				err = errors.Join(err, failed)
				stop()
			}
		})
	}
	group.Wait()
	quantile := func(percent float64) float64 { return float64(all.ValueAtQuantile(percent)) / 1e6 }
	return tables.Speed{
		PerSecond: float64(all.TotalCount()) / l.Duration.Seconds(), P50: quantile(50), P99: quantile(99),
	}, err
}

// histogram is for latencies in nanoseconds, up to a minute, in three digits.
func histogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, int64(time.Minute), 3) }

// connect makes the connections of a load. The clients of one share it.
func (s *store) connect(l tables.Load) (all []*clientv3.Client, err error) {
	for i := range (l.Clients + clientsEach - 1) / clientsEach {
		at := s.endpoints[0]
		if l.Spread {
			at = s.endpoints[i%len(s.endpoints)]
		}
		c, err := clientv3.New(clientv3.Config{Endpoints: []string{at}, Logger: zap.NewNop()})
		if err != nil {
			return all, err
		}
		all = append(all, c)
	}
	return all, nil
}

// loop is a client, until the end. What ends from the beginning on counts.
func loop(
	ctx context.Context, c *clientv3.Client, l tables.Load, value string, begin, end time.Time,
) (*hdrhistogram.Histogram, error) {
	h := histogram()
	for {
		asked := time.Now()
		if asked.After(end) {
			return h, nil
		}
		var err error
		if l.Write {
			_, err = c.Put(ctx, key(rand.IntN(l.Keys)), value)
		} else {
			_, err = c.Get(ctx, key(rand.IntN(l.Keys)))
		}
		if err != nil {
			return h, err
		}
		if now := time.Now(); now.After(begin) && !now.After(end) {
			if err := h.RecordValue(int64(now.Sub(asked))); err != nil {
				return h, err
			}
		}
	}
}
