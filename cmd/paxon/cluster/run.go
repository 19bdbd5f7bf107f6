package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"paxon/client"
	"paxon/internal/wait"
	"paxon/process"
	"paxon/tob"
)

const (
	tick       = 20 * time.Millisecond // How often the state of a run is looked at.
	statusTime = 2 * time.Second       // How long a stalled process has to give its status.
)

// Config says what to run.
type Config struct {
	Processes int
	Recovers  bool    // Whether a process that crashed runs again.
	Crashes   []Crash // As CheckCrashes leaves them; Input.Size must be known for them.
	Input     *Input
	Out       string // An existing directory for the sequences.
	Window    Window
	// RestartAfter is how long a process that crashed stays down.
	RestartAfter time.Duration
	// Stall is how long nothing may be delivered anywhere while a line waits for it.
	Stall time.Duration
	// Start runs a process, for the first time or again, and returns once its API answers.
	Start func(ctx context.Context, id process.ID) (Machine, error)
	// Progress hears from time to time how far the run is; it may be nil.
	Progress func(Progress)
}

// Progress is how far a run is.
type Progress struct {
	Read, Size int64  // Bytes of the input; Size is −1 if unknown.
	Delivered  uint64 // Lines, at the process that has delivered the fewest.
}

type run struct {
	Config
	input     <-chan inputLine
	group     *errgroup.Group
	members   []*member
	sessions  []*session
	followers []*follower
	begun     time.Time

	broadcast atomic.Uint64 // Lines.
	complete  atomic.Bool   // There are no more.
	read      atomic.Int64  // Bytes of the input.
	due       []Crash       // Not done yet.
}

// Run broadcasts all lines of the input, waits until every live process has delivered them,
// and checks that. The sequences are written only if all is well. The error says what went
// wrong, in a type of this package or of client, or is the cause of ctx.
func Run(ctx context.Context, config Config) (Report, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	r := &run{Config: config, due: config.Crashes, input: config.Input.lines(ctx)}
	first, err := r.next(ctx)
	if errors.Is(err, io.EOF) {
		return Report{}, emptyError()
	}
	if err != nil {
		return Report{}, err
	}
	defer r.close()
	if err := r.startAll(ctx, fail); err != nil {
		return Report{}, err
	}
	if err := r.prepare(ctx); err != nil {
		return Report{}, err
	}
	if err := r.work(ctx, first); err != nil {
		return Report{}, err
	}
	if err := r.check(ctx); err != nil {
		return Report{}, err
	}
	return r.report(), nil
}

// close kills what runs and removes what is not complete.
func (r *run) close() {
	for _, f := range r.followers {
		f.discard()
	}
	var group sync.WaitGroup
	for _, m := range r.members {
		group.Go(func() { m.kill(true) })
	}
	group.Wait()
}

func (r *run) startAll(ctx context.Context, fail context.CancelCauseFunc) error {
	group, started := errgroup.WithContext(ctx)
	for i := range r.Processes {
		m := &member{
			id: process.ID(i + 1), start: r.Start, died: fail, changed: make(chan struct{}),
		}
		r.members = append(r.members, m)
		group.Go(func() error { return m.run(started) })
	}
	return errors.Join(group.Wait(), context.Cause(ctx))
}

// prepare names the clients, and opens sessions and followers for them. The clients' births
// bound from below where this run's lines can be delivered.
func (r *run) prepare(ctx context.Context) error {
	r.begun = time.Now()
	var names []tob.Client
	var from tob.Position
	clocks := map[tob.Client]*times{}
	for _, m := range r.members {
		c, err := m.up(ctx)
		if err != nil {
			return err
		}
		name, err := c.NewClient(ctx)
		if err != nil {
			return err
		}
		if at := (tob.Position{Instance: max(name.Born, 1)}); from.Instance == 0 || at.Less(from) {
			from = at
		}
		names, clocks[name] = append(names, name), &times{begun: r.begun}
	}
	for i, m := range r.members {
		r.sessions = append(r.sessions, newSession(names[i], r.members, i, r.Window, clocks[names[i]]))
		f, err := newFollower(m, newLedger(m.id, names), r.Out, clocks)
		if err != nil {
			return err
		}
		f.next = from
		r.followers = append(r.followers, f)
	}
	return nil
}

// work broadcasts everything and returns when it is delivered everywhere.
func (r *run) work(ctx context.Context, first inputLine) error {
	group, ctx := errgroup.WithContext(ctx)
	r.group = group
	reading, enough := context.WithCancel(ctx)
	defer enough()
	for i := range r.sessions {
		group.Go(func() error { return r.sessions[i].run(ctx) })
		group.Go(func() error { return r.followers[i].run(reading) })
	}
	group.Go(func() error { return r.feed(ctx, first) })
	group.Go(func() error {
		defer enough()
		return r.watch(ctx)
	})
	return group.Wait()
}

// next waits for a line of the input.
func (r *run) next(ctx context.Context) (inputLine, error) {
	select {
	case l := <-r.input:
		return l, l.err
	case <-ctx.Done():
		return inputLine{}, context.Cause(ctx)
	}
}

// feed gives line k to client k mod n, and crashes processes on the way.
func (r *run) feed(ctx context.Context, l inputLine) error {
	for k := 0; ; k++ {
		if err := r.crash(ctx, float64(r.read.Load())); err != nil {
			return err
		}
		if err := r.sessions[k%r.Processes].push(ctx, l.payload); err != nil {
			return err
		}
		r.broadcast.Add(1)
		r.read.Store(l.read)
		var err error
		l, err = r.next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	for _, s := range r.sessions {
		s.finish()
	}
	if err := r.crash(ctx, float64(r.Input.Size())); err != nil {
		return err
	}
	r.complete.Store(true)
	return nil
}

// crash kills the processes whose turn has come with so many bytes broadcast.
func (r *run) crash(ctx context.Context, bytes float64) error {
	for len(r.due) > 0 && bytes >= r.due[0].Percent/100*float64(r.Input.Size()) {
		m := r.members[r.due[0].Process-1]
		r.due = r.due[1:]
		if _, err := m.up(ctx); err != nil { // It may still be down from the last time.
			return err
		}
		m.kill(!r.Recovers)
		if r.Recovers {
			r.group.Go(func() error {
				if err := wait.For(ctx, r.RestartAfter); err != nil {
					return err
				}
				m.restarts++
				return m.run(ctx)
			})
		}
	}
	return nil
}

// watch returns when all lines are delivered at all live processes. The error is a *StallError
// or the cause of ctx.
func (r *run) watch(ctx context.Context) error {
	var before uint64
	moved := time.Now()
	for {
		if err := wait.For(ctx, tick); err != nil {
			return err
		}
		complete := r.complete.Load()
		given, sum, least := r.broadcast.Load(), uint64(0), ^uint64(0)
		for i, f := range r.followers {
			n := f.delivered.Load()
			sum += n
			if _, gone, _ := r.members[i].state(); !gone {
				least = min(least, n)
			}
		}
		if r.Progress != nil {
			r.Progress(Progress{r.read.Load(), r.Input.Size(), least})
		}
		switch {
		case complete && least == given:
			return nil
		case sum != before || least == given:
			before, moved = sum, time.Now()
		case time.Since(moved) > r.Stall:
			return r.stalled(given)
		}
	}
}

// stalled asks the processes how they are. The context of the run ends with its error, so that
// this has its own.
func (r *run) stalled(lines uint64) error {
	ctx, cancel := context.WithTimeout(context.Background(), statusTime)
	defer cancel()
	stall := &StallError{After: r.Stall, Lines: lines}
	for i, m := range r.members {
		text := "down"
		if c, _, _ := m.state(); c != nil {
			text = describe(ctx, c)
		}
		stall.State = append(stall.State,
			fmt.Sprintf("%v: %d lines delivered; %s", m.id, r.followers[i].delivered.Load(), text))
	}
	return stall
}

func describe(ctx context.Context, c *client.Client) string {
	s, err := c.Status(ctx)
	if err != nil {
		return err.Error()
	}
	return string(s.Raw)
}

// check finds out whether the sequences are what they must be, and names the files (CR1, CR2).
func (r *run) check(ctx context.Context) error {
	var whole *follower // Of a live process.
	for _, f := range r.followers {
		if _, f.gone, _ = f.member.state(); !f.gone && whole == nil {
			whole = f
		}
	}
	for _, f := range r.followers {
		var err error
		if f.gone {
			err = f.checkBeginning(whole)
		} else {
			err = r.checkWhole(ctx, f, whole)
		}
		if err != nil {
			return err
		}
	}
	for _, f := range r.followers {
		if err := f.keep(); err != nil {
			return err
		}
	}
	// An earlier run with more processes may have left sequences that are not of this one.
	for id := process.ID(r.Processes + 1); os.Remove(sequencePath(r.Out, id)) == nil; id++ {
	}
	return nil
}

// checkWhole reads once more, in case a line is delivered again after the last, and compares.
func (r *run) checkWhole(ctx context.Context, f, whole *follower) error {
	c, err := f.member.up(ctx)
	if err != nil {
		return err
	}
	if err := f.read(ctx, c, false); err != nil {
		return err
	}
	for _, s := range r.sessions {
		if err := f.ledger.check(s.name, s.given); err != nil {
			return err
		}
	}
	if f.sum() != whole.sum() {
		return &ContentError{
			f.member.id, "a sequence with SHA-256", f.sum(),
			fmt.Sprintf("%s as %v", whole.sum(), whole.member.id),
		}
	}
	return f.flush()
}

// checkBeginning compares what a process delivered before it died with the same bytes of a
// live one.
func (f *follower) checkBeginning(whole *follower) error {
	if err := errors.Join(f.flush(), whole.flush()); err != nil {
		return err
	}
	sum, err := sumOf(whole.file, f.bytes)
	if err != nil {
		return err
	}
	if f.sum() != sum {
		return &ContentError{
			f.member.id, "before it died a sequence with SHA-256", f.sum(),
			fmt.Sprintf("%s as %v at its beginning", sum, whole.member.id),
		}
	}
	return nil
}
