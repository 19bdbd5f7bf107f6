package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"paxon/bench"
)

// maxOutstanding is how many messages may be on their way at a time.
const maxOutstanding = 1 << 16

// load keeps messages on their way, in a closed loop: one goroutine submits, and whoever tells
// that a message is done has it submitted again, with the next number.
type load struct {
	cluster Cluster
	begun   time.Time
	given   uint64 // Messages submitted.

	mu       sync.Mutex
	free     []*slot
	answered uint64
	latency  *hdrhistogram.Histogram // nil while nothing is measured.
	from, to time.Duration           // When the measurement began and last got an answer.
	err      error
	wake     chan struct{} // Has a token if free or err may have changed.
}

// slot is a message that is used again and again.
type slot struct {
	Message
	sentAt time.Duration
}

func newLoad(c Cluster, outstanding, size int) *load {
	l := &load{cluster: c, wake: make(chan struct{}, 1)}
	for range outstanding {
		s := &slot{Message: Message{Payload: make([]byte, size)}}
		writePayload(s.Payload, 0)
		s.Done = func(err error) { l.done(s, err) }
		l.free = append(l.free, s)
	}
	return l
}

// done takes a message back.
func (l *load) done(s *slot, err error) {
	now := time.Since(l.begun)
	l.mu.Lock()
	if err == nil && l.latency != nil {
		err = bench.Record(l.latency, now-s.sentAt)
		l.to = now // The last answer is the end, however long it took.
	}
	if err != nil && l.err == nil {
		l.err = err
	}
	l.answered++
	l.free = append(l.free, s)
	first := len(l.free) == 1
	l.mu.Unlock()
	if first || err != nil {
		select {
		case l.wake <- struct{}{}:
		default: // The token that lies there says the same.
		}
	}
}

// run submits for warmUp, calls begin, goes on for duration and at least until something is
// answered, calls end, and waits for all answers. Both calls come while messages are on their
// way. It returns the latencies in between, and how long after begin the last answer came.
func (l *load) run(
	ctx context.Context, warmUp, duration time.Duration, begin, end func(),
) (*hdrhistogram.Histogram, time.Duration, error) {
	l.begun = time.Now()
	var (
		phase    = time.NewTimer(warmUp)
		due      bool
		taken    []*slot
		measured *hdrhistogram.Histogram
		elapsed  time.Duration
	)
	defer phase.Stop()
	for {
		l.mu.Lock()
		taken, l.free = l.free, taken[:0]
		switch {
		case !due || measured != nil:
		case l.latency == nil:
			l.latency, l.from = bench.NewHistogram(), time.Since(l.begun)
			phase.Reset(duration)
			begin()
		case l.latency.TotalCount() == 0:
			phase.Reset(askAgain) // A cluster that hangs shows in the figures.
		default:
			measured, elapsed, l.latency = l.latency, l.to-l.from, nil
			end()
		}
		err, answered := l.err, l.answered
		l.mu.Unlock()
		if err == nil && answered > l.given {
			err = fmt.Errorf("%d answers to %d messages: expected one to each", answered, l.given)
		}
		if err != nil || measured != nil && answered == l.given {
			return measured, elapsed, err
		}
		if measured == nil {
			l.submit(taken)
		}
		select {
		case <-l.wake:
			due = false
		case <-phase.C:
			due = true
		case <-ctx.Done():
			return nil, 0, fmt.Errorf("%d of %d messages are answered: %w",
				answered, l.given, context.Cause(ctx))
		}
	}
}

// submit submits messages anew. They all count as sent when the first one is, which is before
// they are, never after.
func (l *load) submit(slots []*slot) {
	now := time.Since(l.begun)
	for _, s := range slots {
		binary.LittleEndian.PutUint64(s.Payload, l.given)
		s.sentAt = now
		l.given++
		l.cluster.Submit(&s.Message)
	}
}
