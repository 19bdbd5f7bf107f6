package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"paxon/caspaxos"
	"paxon/node/link"
	"paxon/node/storage"
	"paxon/process"
)

// What can become of a call of Registers, besides success.
var (
	// ErrUnreadable says that what a register holds was not written by this program.
	ErrUnreadable = errors.New("node: a register holds what this program has not written: expected " +
		"a state: was the directory used by a later version?")
	// ErrNoRegisters says that the registers keep nothing, so that there is no list of keys and no
	// change of membership.
	ErrNoRegisters = errors.New("node: these registers have no stable storage: expected those of " +
		"paxos, for a list of keys or a change of membership")
	// ErrReconfiguring says that another change of membership waits here, has come after it, or, if it is
	// one of the proposers, is under way.
	ErrReconfiguring = errors.New("node: another change of membership is under way: expected one " +
		"at a time: look whether it is still what you want, and ask for it again")
)

// NotMemberError says that a process cannot change or read anything, because it was removed or was
// not added yet. Nobody knows whether a change that was under way was done.
type NotMemberError struct {
	Process process.ID
	Members []process.ID
}

func (e *NotMemberError) Error() string {
	return fmt.Sprintf("node: %v is not a member: expected one of %v: ask one of those, or have it added",
		e.Process, e.Members)
}

// OverLimitError says that a key, or what a change has made of a value, is too long.
type OverLimitError struct{ Key, Value int }

func (e *OverLimitError) Error() string {
	return fmt.Sprintf("node: a key or a value that is too long: expected at most %d and %d bytes, and "+
		"no key of the process's own", e.Key, e.Value)
}

// registerCall is a change or a read on its way to the loop and back. It is used again once it ended.
type registerCall struct {
	on     *Registers
	key    string
	change caspaxos.Change // nil for a read.
	done   func(caspaxos.Outcome)
	ended  func(caspaxos.Outcome) // end, made a function value once.
}

// begin hands it to the parts, on the loop.
func (c *registerCall) begin() {
	var status caspaxos.Status
	if c.change == nil {
		status = c.on.loop.parts.Read(c.key, c.ended)
	} else {
		status = c.on.loop.parts.Change(c.key, c.change, c.ended)
	}
	if status != caspaxos.Pending {
		c.end(caspaxos.Outcome{Status: status})
	}
}

// end tells the outcome, on the loop.
func (c *registerCall) end(o caspaxos.Outcome) {
	done, on := c.done, c.on
	c.key, c.change, c.done = "", nil, nil
	on.loop.over++
	on.calls.Put(c)
	done(o)
}

// Submit begins a change of the register of a key, or a read of it if the change is nil, and returns
// once the process has taken it, having waited for room if too much is pending. Done gets the
// outcome, which Error turns into an error, on the loop: it must not wait, nor call methods of the
// process that do. It is not called after an error, and never once Done is closed.
//
// The error is ctx's, ErrClosed or the failure of the process, and says that nothing was begun.
func (r *Registers) Submit(
	ctx context.Context, key string, change caspaxos.Change, done func(caspaxos.Outcome),
) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !r.room.TryAcquire(1) {
		if err := r.wait(ctx); err != nil {
			return err
		}
	}
	c := r.calls.Get().(*registerCall)
	c.key, c.change, c.done = key, change, done
	if r.closing.Load() || !r.inbox.submit(c) {
		r.room.Release(1)
		if err := r.Err(); err != nil {
			return err
		}
		return ErrClosed
	}
	return nil
}

// wait waits for room.
func (r *Registers) wait(ctx context.Context) error {
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(r.stopped, func() { cancel(r.Err()) })()
	if r.room.Acquire(waiting, 1) != nil {
		return context.Cause(waiting)
	}
	return nil
}

// Change has a change function applied to the register of a key exactly once, and returns what it
// has made. The error is one of Error's, ctx's, ErrClosed or the failure of the process. After the
// last three, and a *NotMemberError, nobody knows whether the change was done.
func (r *Registers) Change(
	ctx context.Context, key string, change caspaxos.Change,
) (caspaxos.Outcome, error) {
	return r.Begin(ctx, key, change)()
}

// Begin is Change, or Read if the change is nil, but returns once the process has taken it, and End
// waits for it. Changes of a key of which each was begun before the next are made in that order. End
// is called once at most.
func (r *Registers) Begin(
	ctx context.Context, key string, change caspaxos.Change,
) (end func() (caspaxos.Outcome, error)) {
	w := r.waiters.take()
	if err := r.Submit(ctx, key, change, w.tell); err != nil {
		r.waiters.give(w)
		return func() (caspaxos.Outcome, error) { return caspaxos.Outcome{}, err }
	}
	return func() (caspaxos.Outcome, error) {
		o, err := r.waiters.await(ctx, r.running, w)
		if err != nil {
			return o, err
		}
		return o, r.Error(o)
	}
}

// Read gives the state of a key. The error is as Change's.
func (r *Registers) Read(ctx context.Context, key string) (caspaxos.State, error) {
	o, err := r.Change(ctx, key, nil)
	return o.State, err
}

// Error is the error of an outcome, nil if it is Done: a *NotMemberError, an *OverLimitError or
// ErrUnreadable.
func (r *Registers) Error(o caspaxos.Outcome) error {
	switch o.Status {
	case caspaxos.Done:
		return nil
	case caspaxos.TooLarge:
		return &OverLimitError{r.options.Limits.Key, r.options.Limits.Value}
	case caspaxos.NotMember:
		return &NotMemberError{r.id, *r.members.Load()}
	case caspaxos.Unreadable:
		return ErrUnreadable
	case caspaxos.Pending, caspaxos.Full, caspaxos.Invalid, caspaxos.Unled:
	}
	panic(fmt.Sprintf("node: a change ended with status %d", o.Status))
}

// Watch has see called, on the loop, with what this process's copies hold, and with what they take
// on from then on.
func (r *Registers) Watch(see func(key string, s caspaxos.State)) {
	r.inbox.post(func() {
		r.loop.watch = see
		r.loop.parts.Held(see)
	})
}

// List lists keys from a place on, as far as a page of about most bytes goes, and says where it goes
// on: see caspaxos.CASPaxos.ListSome. The error is ErrNoRegisters, ctx's, ErrClosed or the failure of
// the process.
func (r *Registers) List(
	ctx context.Context, from caspaxos.Place, most int,
) (keys []caspaxos.Listed, next caspaxos.Place, err error) {
	if !r.keeps {
		return nil, from, ErrNoRegisters
	}
	if ctx.Err() != nil {
		return nil, from, context.Cause(ctx)
	}
	type listed struct {
		keys []caspaxos.Listed
		next caspaxos.Place
	}
	answer := make(chan listed, 1)
	retried(ctx, r.inbox.post, func(again func()) {
		r.loop.parts.ListSome(from, most, func(keys []caspaxos.Listed, next caspaxos.Place, ok bool) {
			if !ok { // The configuration has changed, or too much is listed at a time.
				again()
				return
			}
			answer <- listed{keys, next}
		})
	})
	select {
	case a := <-answer:
		return a.keys, a.next, nil
	case <-ctx.Done():
		return nil, from, context.Cause(ctx)
	case <-r.Done():
		return nil, from, r.Err()
	}
}

// retried has something tried on the loop, and tried again when it asks for that, as long as somebody waits.
func retried(ctx context.Context, post func(call func()) bool, try func(again func())) {
	var run func()
	run = func() {
		if ctx.Err() == nil {
			try(func() { post(run) })
		}
	}
	post(run)
}

// RegistersStatus is what a process of CASPaxos knows of itself and the others.
type RegistersStatus struct {
	Cluster     string
	Process     process.ID
	Registers   string
	Incarnation process.Incarnation
	// Configuration is the newest that the process knows.
	Configuration caspaxos.Configuration
	// Addresses are where processes are, as far as is known.
	Addresses map[process.ID]string
	// Copies is how many registers the process holds, tombstones included.
	Copies int
	// Scanned is how many registers this process has rewritten so far for a step of a change of membership
	// that needs it, 0 if it does not.
	Scanned int
	// Collected counts the collections that this process completed.
	Collected uint64
	// Refused counts the messages that were pushed back, to come again later.
	Refused uint64
	Healthy bool
	Links   link.Stats
	Storage storage.Stats
	Uptime  time.Duration
}

// Status asks the loop how it stands. The error is ctx's, ErrClosed or the failure of the process.
func (r *Registers) Status(ctx context.Context) (RegistersStatus, error) {
	return ask(ctx, r.running, func() RegistersStatus {
		return RegistersStatus{
			Cluster: r.config.Cluster, Process: r.id, Registers: r.config.Registers,
			Incarnation:   r.storage.Incarnation(),
			Configuration: r.loop.parts.Configuration(), Addresses: maps.Clone(r.loop.book),
			Copies: r.loop.parts.Copies(), Scanned: r.loop.parts.Scanned(),
			Collected: r.loop.parts.Collected(),
			Refused:   r.loop.parts.Refused(),
			Healthy:   r.loop.store == nil || r.loop.store.healthy(),
			Links:     r.links.Stats(), Storage: r.storage.Stats(), Uptime: time.Since(r.begun),
		}
	})
}

// Configuration asks the loop for the newest configuration that the process knows. The error is
// Status's.
func (r *Registers) Configuration(ctx context.Context) (caspaxos.Configuration, error) {
	return ask(ctx, r.running, r.loop.parts.Configuration)
}
