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
	leader Member
	begun  time.Time
	given  uint64 // Messages submitted.

	mu       sync.Mutex
	free     []*Message
	answered uint64
	noted    int64                   // Marks after the first.
	latency  *hdrhistogram.Histogram // nil while nothing is measured.
	from, to time.Duration           // When what is measured began and last got an answer.
	err      error
	wake     chan struct{} // Has a token if free or err may have changed.
}

func newLoad(leader Member, outstanding, size int) *load {
	l := &load{leader: leader, wake: make(chan struct{}, 1)}
	for range outstanding {
		m := &Message{Payload: make([]byte, size), Done: l.done}
		writePayload(m.Payload, 0)
		l.free = append(l.free, m)
	}
	return l
}

// done takes messages back.
func (l *load) done(messages []*Message, err error) {
	now := time.Since(l.begun)
	l.mu.Lock()
	if err == nil && l.latency != nil {
		for i := 0; i < len(messages); {
			first, sentAt := i, messages[i].sentAt
			for i < len(messages) && messages[i].sentAt == sentAt {
				i++ // Many were submitted together.
			}
			if failed := bench.RecordAll(l.latency, now-sentAt, i-first); failed != nil {
				err = failed
			}
		}
		l.to = now // The last answer is the end, however long it took.
	}
	if err != nil && l.err == nil {
		l.err = err
	}
	l.answered += uint64(len(messages))
	first := len(l.free) == 0
	l.free = append(l.free, messages...)
	l.mu.Unlock()
	if first || err != nil {
		select {
		case l.wake <- struct{}{}:
		default: // The token that lies there says the same.
		}
	}
}

// goal says how long a load is to go on.
type goal struct {
	WarmUp   time.Duration
	Duration time.Duration // Of what is measured,
	Messages int64         // or how many, if more than 0.
}

// marks is how many there are from the first mark to the last.
func (g goal) marks() int64 {
	if g.Messages > 0 {
		return tenths
	}
	return 1
}

// tenths is into how many parts of the same length a load of so many messages is divided.
const tenths = 10

// mark is a moment of the measurement.
type mark struct {
	Messages int64         // Measured until then: 0 at the first mark.
	Elapsed  time.Duration // Since the first mark.
}

// run submits until the warm-up is over, calls note at the first mark, goes on until what is
// wanted and at least something is answered, calls note at the last mark, and waits for all
// answers. With a number of messages, there is a mark after each tenth. All calls come while
// messages are on their way. It returns the latencies in between, and how long after the first mark
// the last of these answers came.
func (l *load) run(
	ctx context.Context, g goal, note func(mark),
) (*hdrhistogram.Histogram, time.Duration, error) {
	l.begun = time.Now()
	var (
		phase    = time.NewTimer(g.WarmUp)
		due      bool
		taken    []*Message
		measured *hdrhistogram.Histogram
		elapsed  time.Duration
	)
	defer phase.Stop()
	for {
		l.mu.Lock()
		taken, l.free = l.free, taken[:0]
		switch {
		case measured != nil:
		case l.latency != nil:
			if l.reached(g, due, note) {
				measured, elapsed, l.latency = l.latency, l.to-l.from, nil
			} else if due && g.Messages == 0 {
				phase.Reset(askAgain) // A cluster that hangs shows in the figures.
			}
		case due:
			note(mark{})
			l.latency, l.from = bench.NewHistogram(), time.Since(l.begun)
			phase.Reset(g.Duration)
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

// reached notes the marks that are reached, and says whether the last one is. It is called with
// the lock held.
func (l *load) reached(g goal, due bool, note func(mark)) bool {
	count := l.latency.TotalCount()
	if g.Messages == 0 {
		if !due || count == 0 {
			return false
		}
		note(mark{Messages: count, Elapsed: l.to - l.from})
		return true
	}
	for ; l.noted < tenths && count >= g.Messages*(l.noted+1)/tenths; l.noted++ {
		note(mark{Messages: count, Elapsed: l.to - l.from})
	}
	return l.noted == tenths
}

// submit submits messages anew. They all count as sent when the first one is, which is before
// they are, never after.
func (l *load) submit(messages []*Message) {
	now := time.Since(l.begun)
	for _, m := range messages {
		binary.LittleEndian.PutUint64(m.Payload, l.given)
		m.sentAt = now
		l.given++
	}
	if len(messages) > 0 {
		l.leader.Submit(messages)
	}
}
