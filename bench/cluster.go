package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"paxon/internal/ports"
	"paxon/internal/wait"
	"paxon/node/disks"
	"paxon/process"
	"paxon/seasons/catalog"
)

const (
	stallTime = 30 * time.Second // How long anything may take beyond what was asked for.
	askAgain  = 10 * time.Millisecond
	// readTimes is how much longer reading what was broadcast may take than broadcasting it.
	readTimes = 10
	// sharedDisks is how many directories stand for the shared disks of a variant that has them.
	sharedDisks = 3
)

// cluster is one that is measured once.
type cluster struct {
	setting  Setting // Without gaps.
	children []*remote
}

// openCluster starts the children of a cluster, whose storage is in dir, and waits for no leader.
// The caller closes it, also after a failure.
func openCluster(ctx context.Context, program []string, dir string, s Setting) (*cluster, error) {
	c := &cluster{setting: s}
	open := openRequest{Setting: s, Dir: dir}
	var err error
	if open.Peers, err = ports.Free(s.Processes); err != nil {
		return c, err
	}
	if open.Disks, err = shareDisks(dir, s); err != nil {
		return c, err
	}
	for _, nodes := range s.shares() {
		r, err := startRemote(program, nodes)
		if err != nil {
			return c, err
		}
		c.children = append(c.children, r)
	}
	_, err = c.ask(ctx, "processes", 0, func(r *remote) request {
		open := open
		open.Nodes = r.nodes
		return request{Do: doOpen, Open: &open}
	})
	return c, err
}

// shares are the processes of the cluster by the processes of the operating system that they are in.
func (s Setting) shares() [][]process.ID {
	var all []process.ID
	var each [][]process.ID
	for i := range s.Processes {
		all = append(all, process.ID(i+1))
		each = append(each, []process.ID{process.ID(i + 1)})
	}
	if s.InProcess {
		return [][]process.ID{all}
	}
	return each
}

// shareDisks makes the shared disks of a variant that has them.
func shareDisks(dir string, s Setting) ([]string, error) {
	v, err := catalog.ByName(s.Variant)
	if err != nil || !v.Disks {
		return nil, err
	}
	paths := make([]string, sharedDisks)
	for i := range paths {
		paths[i] = filepath.Join(dir, fmt.Sprintf("disk%d", i+1))
	}
	return paths, disks.Format(benchCluster, paths)
}

// close kills all children.
func (c *cluster) close() {
	var group sync.WaitGroup
	for _, r := range c.children {
		group.Go(r.kill)
	}
	group.Wait()
}

// ask asks all children at once, and waits for their answers. A *StallError names what was awaited
// if they take much longer than extra.
func (c *cluster) ask(
	ctx context.Context, what string, extra time.Duration, asked func(*remote) request,
) ([]reply, error) {
	ctx, cancel := within(ctx, what, extra+stallTime)
	defer cancel()
	replies := make([]reply, len(c.children))
	group, asking := errgroup.WithContext(ctx)
	for i, r := range c.children {
		group.Go(func() (err error) {
			replies[i], err = r.ask(asking, asked(r))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, cause(ctx, err)
	}
	return replies, nil
}

// simply is a request that says what to do and nothing else.
func simply(do string) func(*remote) request {
	return func(*remote) request { return request{Do: do} }
}

// agreed is the leader of all processes, 0 if they do not agree.
func (c *cluster) agreed(ctx context.Context) (process.ID, error) {
	replies, err := c.ask(ctx, "what processes know", 0, simply(doLeader))
	if err != nil {
		return 0, err
	}
	leader := replies[0].Leaders[0]
	for _, r := range replies {
		for _, other := range r.Leaders {
			if other != leader {
				return 0, nil
			}
		}
	}
	return leader, nil
}

// steady is how long all processes must have the same leader before a load begins. While they
// start, the first to lead may not stay.
const steady = 500 * time.Millisecond

// leader waits until all processes have the same leader, and have had it for a while.
func (c *cluster) leader(ctx context.Context) (process.ID, error) {
	ctx, cancel := within(ctx, "a leader that all processes trust", stallTime)
	defer cancel()
	var leader process.ID
	var since time.Time
	for {
		now, err := c.agreed(ctx)
		if err != nil {
			return 0, err
		}
		if now != leader {
			leader, since = now, time.Now()
		}
		if leader != 0 && time.Since(since) >= steady {
			return leader, nil
		}
		if err := wait.For(ctx, askAgain); err != nil {
			return 0, err
		}
	}
}

// within bounds how long a run waits for something.
func within(
	ctx context.Context, what string, d time.Duration,
) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, &StallError{what, d})
}

// cause is why ctx ended if it did, as err only follows from that, and otherwise err.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
