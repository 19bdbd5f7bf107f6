package explore

import (
	"context"
	"errors"
	"fmt"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// level is how far the search is with the states of one depth.
type level struct {
	depth, states int
	taken         atomic.Int64 // May go beyond states.
}

// every is how often progress is told and the bounds are looked at, within a level too.
const every = 200 * time.Millisecond

// watched runs a search, tells how far it is, and ends it at a bound.
func (x *search) watched(asked context.Context) (cut string) {
	ctx, end := context.WithCancelCause(asked)
	defer end(nil)
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			x.report()
			if cut := x.cut(); cut != nil {
				end(cut)
				return
			}
		}
	}()
	cut = x.run(ctx)
	close(done)
	<-stopped
	if asked.Err() != nil && cut != "" {
		return "interrupted"
	}
	return cut
}

// cut is the bound on states or memory that has been reached, nil for none.
func (x *search) cut() error {
	switch c := x.config; {
	case x.full():
		return fmt.Errorf("%d states", c.States)
	case c.Bytes > 0 && inUse() > c.Bytes:
		return errors.New(megabytes(c.Bytes))
	}
	return nil
}

// full says that the bound on states has been reached. A worker asks between some states and the
// next, so that a search by one worker always ends at the same.
func (x *search) full() bool {
	return x.config.States > 0 && x.visited.count() >= x.config.States
}

func megabytes(n uint64) string { return fmt.Sprintf("%d MB", n>>20) }

func (x *search) report() {
	l := x.level.Load()
	if x.config.Progress == nil || l == nil {
		return
	}
	x.config.Progress(Progress{
		x.visited.count(), x.transitions.Load(), l.depth, l.states,
		min(int(l.taken.Load()), l.states),
	})
}

// inUse is the memory of what lives, and of what was dropped since that was found out last.
func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
