package tables

import (
	"context"
	"errors"
	"time"

	"paxon/caspaxos"
	"paxon/seasons"
)

// contender is a real system of three processes that clients go round their loops at.
type contender struct {
	name        string
	leads       bool // A process leads.
	latencies   func(ctx context.Context, region [Regions]int, dir string) ([Regions]time.Duration, error)
	unavailable func(ctx context.Context, i Isolation, dir string) (time.Duration, error)
}

// opened is a contender of clusters in this process.
func (r *runner) opened(
	name string, leads bool, open func(ctx context.Context, l Layout) (Cluster, error),
) contender {
	with := func(ctx context.Context, l Layout, do func(Cluster) error) error {
		c, err := open(ctx, l)
		if err != nil {
			return err
		}
		return errors.Join(do(c), c.Close())
	}
	return contender{
		name: name, leads: leads,
		latencies: func(
			ctx context.Context, region [Regions]int, dir string,
		) (mean [Regions]time.Duration, err error) {
			err = with(ctx, layoutOf(&region, r.Scale, dir), func(c Cluster) (err error) {
				mean, err = c.Latencies(ctx, r.Times)
				return err
			})
			return mean, err
		},
		unavailable: func(ctx context.Context, i Isolation, dir string) (longest time.Duration, err error) {
			err = with(ctx, layoutOf(nil, 0, dir), func(c Cluster) (err error) {
				longest, err = c.Unavailable(ctx, i)
				return err
			})
			return longest, err
		},
	}
}

// broadcast is a composition of Paxon's.
func (r *runner) broadcast(name, variant string, o seasons.Options) contender {
	return r.opened(name, true, func(ctx context.Context, l Layout) (Cluster, error) {
		return openBroadcast(ctx, variant, o, l)
	})
}

// changes is CASPaxos. In one says that the loop is a single change.
func (r *runner) changes(name string, o caspaxos.Options, inOne bool) contender {
	return r.opened(name, false, func(ctx context.Context, l Layout) (Cluster, error) {
		return openCASPaxos(ctx, o, l, inOne)
	})
}

// program is etcd with some times.
func (r *runner) program(name string, t Timing) contender {
	return contender{
		name: name, leads: true,
		latencies: func(
			_ context.Context, region [Regions]int, dir string,
		) (mean [Regions]time.Duration, err error) {
			a, err := r.etcd.ask(order{
				Do: doLatencies, Dir: dir, Scale: r.Scale, Region: &region, Timing: &t, Times: &r.Times,
			})
			return a.Mean, err
		},
		unavailable: func(_ context.Context, i Isolation, dir string) (time.Duration, error) {
			a, err := r.etcd.ask(order{Do: doIsolate, Dir: dir, Timing: &t, Isolation: &i})
			return a.Longest, err
		},
	}
}
