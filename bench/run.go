package bench

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"paxon/client"
	"paxon/process"
	"paxon/tob"
)

const (
	stallTime = 30 * time.Second // How long anything may take beyond what was asked for.
	deathTime = 2 * time.Second  // Within which it is known that a process has died.
	askAgain  = 20 * time.Millisecond
	// readTimes is how much longer reading what was broadcast may take than broadcasting it.
	readTimes = 10
)

// run is a cluster that is measured.
type run struct {
	Config
	payload   []byte
	machines  []Machine        // By id − 1, as the two below.
	clients   []*client.Client // Of the processes' APIs.
	observers []*observer
	given     map[tob.Client]uint64 // Messages that each client of the run broadcast.
}

// Run starts a cluster, measures each point Repeat times in turn with the limits in between,
// and checks what was delivered. Whatever comes of it, no process is left. The error is a
// *ConfigError, another of this package or of client, or the cause of ctx.
func Run(ctx context.Context, config Config) (Report, error) {
	if err := config.Check(); err != nil {
		return Report{}, err
	}
	ctx, fail := context.WithCancelCause(ctx)
	r := &run{Config: config, payload: payload(config.Size), given: map[tob.Client]uint64{}}
	defer r.close()
	defer fail(nil) // Before close, whose victims did not die by themselves.
	report, err := r.measure(ctx, fail)
	if err != nil {
		return Report{}, reason(ctx, err)
	}
	return report, nil
}

// reason is why a run failed with err. A connection breaks a moment before it is known that its
// process has died.
func reason(ctx context.Context, err error) error {
	if _, ok := errors.AsType[*client.UnreachableError](err); ok {
		timer := time.NewTimer(deathTime)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
	}
	return cause(ctx, err)
}

// payload makes the payload of all messages: bytes that differ from their neighbours.
func payload(size int) []byte {
	p := make([]byte, size)
	for i := range p {
		p[i] = byte(i*167 + i>>8)
	}
	return p
}

func (r *run) measure(ctx context.Context, fail context.CancelCauseFunc) (report Report, err error) {
	if err := r.start(ctx, fail); err != nil {
		return Report{}, err
	}
	prober, err := NewProber(r.Dir, r.Size)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, prober.Close()) }()
	points := make([][]Repetition, len(r.Outstanding))
	for done := range r.Repeat * len(points) {
		i := done % len(points)
		if i == 0 {
			if err := prober.Measure(ctx); err != nil {
				return Report{}, err
			}
		}
		repetition, err := r.repetition(ctx, r.Outstanding[i])
		if err != nil {
			return Report{}, err
		}
		points[i] = append(points[i], repetition)
		if r.Progress != nil {
			r.Progress(done+1, r.Repeat*len(points))
		}
	}
	return reportOf(r.Config, points, prober.Limits(), r.observers[0]), nil
}

// start starts all processes. One that ends ends the run.
func (r *run) start(ctx context.Context, fail context.CancelCauseFunc) error {
	r.machines = make([]Machine, r.Processes)
	group, started := errgroup.WithContext(ctx)
	for i := range r.Processes {
		group.Go(func() (err error) {
			r.machines[i], err = r.Start(started, process.ID(i+1))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, m := range r.machines {
		id := process.ID(i + 1)
		go func() {
			<-m.Done()
			fail(&DiedError{id, m.Err()})
		}()
		c, err := client.New(m.URL())
		if err != nil {
			return err
		}
		r.clients = append(r.clients, c)
		r.observers = append(r.observers, newObserver(id, c, r.payload))
	}
	return nil
}

// close kills all processes.
func (r *run) close() {
	var group sync.WaitGroup
	for _, m := range r.machines {
		if m != nil {
			group.Go(m.Kill)
		}
	}
	group.Wait()
	for _, c := range r.clients {
		c.Close()
	}
}

// leader waits until all processes have the same leader.
func (r *run) leader(ctx context.Context) (process.ID, error) {
	ctx, cancel := within(ctx, "a leader that all processes trust", stallTime)
	defer cancel()
	ticker := time.NewTicker(askAgain)
	defer ticker.Stop()
	for {
		leader, err := r.agreed(ctx)
		if err != nil || leader != 0 {
			return leader, err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

// agreed is the leader of all processes, 0 if they do not agree.
func (r *run) agreed(ctx context.Context) (process.ID, error) {
	var leader process.ID
	for i, c := range r.clients {
		s, err := c.Status(ctx)
		if err != nil {
			return 0, cause(ctx, err)
		}
		if i > 0 && s.Leader != leader {
			return 0, nil
		}
		leader = s.Leader
	}
	return leader, nil
}

// repetition measures one point once, and waits until everything is delivered everywhere.
func (r *run) repetition(ctx context.Context, outstanding int) (Repetition, error) {
	leader, err := r.leader(ctx)
	if err != nil {
		return Repetition{}, err
	}
	loads, err := r.broadcast(ctx, leader, outstanding)
	if err != nil {
		return Repetition{}, err
	}
	after, err := r.agreed(ctx)
	if err != nil {
		return Repetition{}, err
	}
	if err := r.verify(ctx, loads); err != nil {
		return Repetition{}, err
	}
	return repetitionOf(loads, after != leader), nil
}

// broadcast has the broadcasters measure, each with a new client of the run.
func (r *run) broadcast(
	ctx context.Context, leader process.ID, outstanding int,
) ([]*load, error) {
	ctx, cancel := within(ctx, "all answers", r.WarmUp+r.Duration+stallTime)
	defer cancel()
	var loads []*load
	for _, id := range r.broadcasters(leader) {
		c := r.clients[id-1]
		name, err := c.NewClient(ctx)
		if err != nil {
			return nil, cause(ctx, err)
		}
		stream, err := c.Stream(ctx, name)
		if err != nil {
			return nil, err
		}
		loads = append(loads, newLoad(id, name, stream, r.payload, outstanding))
	}
	group, running := errgroup.WithContext(ctx)
	for _, l := range loads {
		group.Go(func() error { return l.run(running, r.WarmUp, r.Duration) })
	}
	if err := group.Wait(); err != nil {
		return nil, cause(ctx, err)
	}
	return loads, nil
}

// verify checks what the processes delivered (B3), once they have delivered it.
func (r *run) verify(ctx context.Context, loads []*load) error {
	ctx, cancel := within(ctx, "all deliveries", readTimes*(r.WarmUp+r.Duration)+stallTime)
	defer cancel()
	for _, l := range loads {
		r.given[l.name] = l.given
	}
	group, reading := errgroup.WithContext(ctx)
	for _, o := range r.observers {
		group.Go(func() error { return o.catchUp(reading, r.given) })
	}
	if err := group.Wait(); err != nil {
		return cause(ctx, err)
	}
	return compare(r.observers)
}

// within bounds how long the run waits for something.
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
