package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/node/link"
	"paxon/node/storage"
	"paxon/process"
	"paxon/seasons"
)

// running is what every process on a loop has, whatever parts it runs there.
type running struct {
	id    process.ID
	log   logrus.FieldLogger
	begun time.Time
	now   func() time.Time

	storage *storage.Storage
	links   *link.Links
	inbox   *inbox

	stopped context.Context // Its cause is why the process has stopped.
	stop    context.CancelCauseFunc
	ended   chan struct{} // Closed when the loop has ended.
	watcher sync.WaitGroup
	free    func() error // Closes the links and the storage, and what else there is.
	release func() error // releaseAll, once.
}

func newRunning(id process.ID, log logrus.FieldLogger, free func() error) *running {
	r := &running{
		id: id, log: log.WithField("process", id.String()), begun: time.Now(), now: time.Now,
		ended: make(chan struct{}), free: free,
	}
	r.stopped, r.stop = context.WithCancelCause(context.Background())
	r.release = sync.OnceValue(r.releaseAll)
	return r
}

// openStorage opens the storage of the process. Those of a variant that does not recover keep nothing.
func (r *running) openStorage(
	dir string, id storage.Identity, options storage.Options, variant seasons.Variant,
) (err error) {
	options.Volatile = !variant.Recovers
	pace := newPace(r.log, r.now)
	options.Reading = func(segments, of int) { pace.tell("reading the log", segments, of) }
	if r.storage, err = storage.Open(dir, id, options); err != nil {
		return fmt.Errorf("node: the storage of %v: %w", id.Process, err)
	}
	return nil
}

// run begins to make turns.
func (r *running) run(l *loop) {
	go func() {
		defer close(r.ended)
		l.run()
	}()
	r.watcher.Go(r.watchStorage)
}

// watchStorage stops the process when its storage has failed.
func (r *running) watchStorage() {
	select {
	case err := <-r.storage.Failed():
		r.fail(err)
	case <-r.Done():
	}
}

// fail stops the process at once.
func (r *running) fail(err error) {
	r.halt(fmt.Errorf("node: %v has stopped: %w", r.id, err))
	if !errors.Is(r.Err(), ErrClosed) {
		r.log.WithError(err).Error("process failed")
	}
	go r.release() //nolint:errcheck // Close gives the same error.
}

// halt lets nothing of the process run any more, for the first reason that it was given.
func (r *running) halt(why error) {
	r.stop(why)
	r.inbox.close()
}

// Addr is the address at which the links listen.
func (r *running) Addr() net.Addr { return r.links.Addr() }

// Done is closed once the process has stopped, by Close or because it failed.
func (r *running) Done() <-chan struct{} { return r.stopped.Done() }

// Err is nil while the process runs, ErrClosed after Close, and otherwise why it failed.
func (r *running) Err() error { return context.Cause(r.stopped) }

// releaseAll frees what the process holds, once it has stopped.
func (r *running) releaseAll() error {
	failed := r.Err()
	select {
	case <-r.ended:
	case <-time.After(releaseTime):
		r.links.Close()
		return errors.Join(failed, errors.New("node: the loop is held up by the disk: the "+
			"directory stays locked until this program ends"))
	}
	r.watcher.Wait()
	err := r.free()
	if !errors.Is(failed, ErrClosed) {
		return failed
	}
	r.log.Info("process stopped")
	return err
}

// ask runs a question on the loop and returns its answer. The error is ctx's or that of a
// stopped process.
func ask[T any](ctx context.Context, r *running, question func() T) (T, error) {
	answer := make(chan T, 1)
	r.inbox.post(func() { answer <- question() })
	var none T
	select {
	case a := <-answer:
		return a, nil
	case <-ctx.Done():
		return none, context.Cause(ctx)
	case <-r.Done():
		return none, r.Err()
	}
}

// ID is the process.
func (r *running) ID() process.ID { return r.id }
