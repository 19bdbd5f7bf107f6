package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sync/errgroup"

	"paxon/client"
	"paxon/process"
	"paxon/tob"
)

// NewHistogram is a histogram that takes latencies in nanoseconds from 1 µs to an hour, to three digits.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(int64(time.Microsecond), int64(time.Hour), 3)
}

// Record adds a latency, which no cluster drives above the hour that NewHistogram allows.
func Record(h *hdrhistogram.Histogram, d time.Duration) error {
	return h.RecordValue(min(int64(d), h.HighestTrackableValue()))
}

// load is one broadcaster: one client that broadcasts at one process in a closed loop (B1).
// One goroutine sends and another receives.
type load struct {
	at          process.ID
	name        tob.Client
	stream      *client.Stream
	payload     []byte
	outstanding uint64

	begun    time.Time
	answered atomic.Uint64
	room     chan struct{}  // Holds a token when something was answered that send may not know of.
	over     chan struct{}  // Closed when enough is measured.
	sentAt   []atomic.Int64 // Nanoseconds after begun, by sequence modulo outstanding.
	given    uint64         // Messages sent, once run has returned.

	latency *hdrhistogram.Histogram // Of the messages that were measured.
	elapsed time.Duration           // In which they were answered.
}

func newLoad(
	at process.ID, name tob.Client, stream *client.Stream, payload []byte, outstanding int,
) *load {
	return &load{
		at: at, name: name, stream: stream, payload: payload, outstanding: uint64(outstanding),
		room: make(chan struct{}, 1), over: make(chan struct{}),
		sentAt: make([]atomic.Int64, outstanding), latency: NewHistogram(),
	}
}

// run broadcasts for warmUp and then duration, and returns when everything is answered. The
// error is an *AnswerError, one of a client.Stream, or the cause of ctx.
func (l *load) run(ctx context.Context, warmUp, duration time.Duration) error {
	l.begun = time.Now()
	group, ctx := errgroup.WithContext(ctx)
	stop := context.AfterFunc(ctx, l.stream.Close)
	defer l.stream.Close()
	defer stop()
	group.Go(func() error { return l.send(ctx) })
	group.Go(func() error { return l.receive(warmUp, duration) })
	err := group.Wait()
	if err == nil && l.answered.Load() != l.given {
		return &AnswerError{
			l.at, fmt.Sprintf("%d messages", l.answered.Load()), strconv.FormatUint(l.given, 10),
		}
	}
	return err
}

// send keeps messages on their way until enough is measured.
func (l *load) send(ctx context.Context) error {
	for {
		for l.given-l.answered.Load() < l.outstanding {
			l.given++
			l.sentAt[l.given%l.outstanding].Store(int64(time.Since(l.begun)))
			if err := l.stream.Send(l.given, l.payload); err != nil {
				return err
			}
		}
		if err := l.stream.Flush(); err != nil {
			return err
		}
		select {
		case <-l.room:
		case <-l.over:
			return l.stream.CloseSend()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// receive takes answers until the stream ends, and measures those between warmUp and the first
// one that comes when duration has passed as well (B2).
func (l *load) receive(warmUp, duration time.Duration) error {
	measuring := true
	for {
		a, err := l.stream.Receive()
		if errors.Is(err, io.EOF) && measuring {
			return &AnswerError{l.at, "no more", "an answer to each message"}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		now := time.Since(l.begun)
		if expected := l.answered.Load() + 1; a.Sequence != expected || a.Status != tob.Delivered {
			return &AnswerError{
				l.at, fmt.Sprintf("message %d %v", a.Sequence, a.Status),
				fmt.Sprintf("message %d delivered", expected),
			}
		}
		if measuring && now >= warmUp {
			sentAt := time.Duration(l.sentAt[a.Sequence%l.outstanding].Load())
			if err := Record(l.latency, now-sentAt); err != nil {
				return err
			}
			if now >= warmUp+duration {
				measuring, l.elapsed = false, now-warmUp
				close(l.over)
			}
		}
		l.answered.Store(a.Sequence)
		select {
		case l.room <- struct{}{}:
		default: // The token that lies there says the same.
		}
	}
}
