package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"paxon/process"
	"paxon/tob"
)

// submitter is what a broadcaster needs of a node.
type submitter interface {
	Submit(ctx context.Context, m tob.Broadcast, done func(tob.Outcome)) error
	SubmitAll(
		ctx context.Context, payloads [][]byte, done tob.Done,
	) (taken int, err error)
}

// The phases of a broadcaster.
const (
	warming int32 = iota
	measuring
	measured
)

// broadcaster puts a load on one process (B1). One goroutine submits in run; done comes on the loop of
// the node. All times are since begun.
type broadcaster struct {
	node  submitter
	id    process.ID
	slots []slot
	batch [][]byte // What is submitted together, used again.
	pace  pace
	begun time.Time

	given    uint64        // Messages submitted, by run alone.
	answered atomic.Uint64 // Those delivered.
	idle     atomic.Bool   // run waits for wake.
	wake     chan struct{} // Has a token if something may have changed.
	over     atomic.Bool   // Enough was submitted.
	failed   atomic.Pointer[error]

	phase    atomic.Int32
	from, to atomic.Int64 // When the measurement began and ended.
	counted  atomic.Int64 // Answers while measuring.

	// The following are the loop's until everything is answered.
	last    time.Duration // When the last of counted came.
	latency *hdrhistogram.Histogram
}

// slot is a message that is used again and again.
type slot struct {
	payload []byte
	number  uint64
	from    time.Duration // Where its latency counts from.
	done    func(tob.Outcome)
}

// openBytes bounds what an open loop has on its way at each broadcaster, in payloads.
const openBytes = 256 << 20

// openRoom is how many messages of a size that is.
func openRoom(size int) int { return min(MaxOutstanding, max(1, openBytes/size)) }

// newBroadcaster makes the index-th of so many broadcasters.
func newBroadcaster(node submitter, id process.ID, s Setting, index, of int) *broadcaster {
	b := &broadcaster{
		node: node, id: id, latency: NewHistogram(), wake: make(chan struct{}, 1),
	}
	outstanding := s.Outstanding
	if s.Rate > 0 {
		outstanding = openRoom(s.Size)
		b.pace = paceOf(s.Rate, index, of)
	}
	b.slots = make([]slot, outstanding)
	for i := range b.slots {
		t := &b.slots[i]
		t.payload = newPayload(s.Size)
		t.done = func(o tob.Outcome) { b.done(t, o) }
	}
	b.begun = time.Now()
	return b
}

// open says that this is an open loop.
func (b *broadcaster) open() bool { return b.pace.interval > 0 }

// full says that as much is on its way as may be.
func (b *broadcaster) full() bool { return b.given-b.answered.Load() == uint64(len(b.slots)) }

// run submits until over, and then waits until everything is answered.
func (b *broadcaster) run(ctx context.Context) error {
	for !b.over.Load() {
		if err := b.err(ctx); err != nil {
			return err
		}
		now := time.Since(b.begun)
		room := uint64(len(b.slots)) - (b.given - b.answered.Load())
		if b.open() {
			due := b.pace.by(now) - b.given // Only what was due is given.
			if due == 0 {
				pause(min(b.pace.due(b.given)-now, maxPause))
				continue
			}
			room = min(room, due)
		}
		if err := b.submit(ctx, now, room); err != nil {
			return err
		}
		b.wait(ctx, func() bool { return b.full() && !b.over.Load() })
	}
	for b.answered.Load() != b.given {
		if err := b.err(ctx); err != nil {
			return err
		}
		b.wait(ctx, func() bool { return b.answered.Load() != b.given })
	}
	return b.err(ctx)
}

// submit sends the next n messages. In a closed loop they all count as sent when the first one is,
// which is before they are, never after.
func (b *broadcaster) submit(ctx context.Context, now time.Duration, n uint64) error {
	first := b.given
	b.batch = b.batch[:0]
	for range n {
		s := b.slot(b.given)
		s.number, s.from = b.given, now
		if b.open() {
			s.from = b.pace.due(b.given)
		}
		writeNumber(s.payload, b.id, s.number)
		b.batch = append(b.batch, s.payload)
		b.given++
	}
	switch n {
	case 0:
		return nil
	case 1:
		return b.node.Submit(ctx, tob.Broadcast{Payload: b.batch[0]}, b.slot(first).done)
	}
	_, err := b.node.SubmitAll(ctx, b.batch, func(from, count int, o tob.Outcome) {
		for i := from; i < from+count; i++ {
			b.done(b.slot(first+uint64(i)), o)
		}
	})
	return err
}

// slot is that of message n.
func (b *broadcaster) slot(n uint64) *slot { return &b.slots[n%uint64(len(b.slots))] }

// wait waits for a token as long as run is blocked and nothing has failed.
func (b *broadcaster) wait(ctx context.Context, blocked func() bool) {
	b.idle.Store(true) // Before it looks, so that what changes afterwards leaves a token.
	if blocked() && b.failed.Load() == nil {
		select {
		case <-b.wake:
		case <-ctx.Done():
		}
	}
	b.idle.Store(false)
}

// signal leaves a token.
func (b *broadcaster) signal() {
	select {
	case b.wake <- struct{}{}:
	default: // The one that lies there says the same.
	}
}

// stop has run come to its end.
func (b *broadcaster) stop() {
	b.over.Store(true)
	b.signal()
}

// fail has run end with an error.
func (b *broadcaster) fail(err error) {
	b.failed.CompareAndSwap(nil, &err)
	b.signal()
}

// err is what failed, or the cause of ctx.
func (b *broadcaster) err(ctx context.Context) error {
	if err := b.failed.Load(); err != nil {
		return *err
	}
	return context.Cause(ctx)
}

// done takes a message back, on the loop of the node.
func (b *broadcaster) done(s *slot, o tob.Outcome) {
	now := time.Since(b.begun)
	if answered := b.answered.Load(); o.Status != tob.Delivered || s.number != answered {
		b.fail(&AnswerError{
			b.id, fmt.Sprintf("message %d %v", s.number, o.Status),
			fmt.Sprintf("message %d delivered", answered),
		})
		return
	}
	phase := b.phase.Load()
	if phase == measuring {
		b.last = now
		b.counted.Add(1)
	}
	if b.mine(s.from, phase) {
		if err := Record(b.latency, now-s.from); err != nil {
			b.fail(err)
		}
	}
	b.answered.Add(1)
	if b.idle.Load() {
		b.signal()
	}
}

// mine says whether a latency is among those measured: of a closed loop if the answer comes while
// it is, of an open loop if the message was due then.
func (b *broadcaster) mine(from time.Duration, phase int32) bool {
	if !b.open() {
		return phase == measuring
	}
	due := int64(from)
	return phase != warming && due >= b.from.Load() && (phase == measuring || due < b.to.Load())
}

// begin begins to measure.
func (b *broadcaster) begin() {
	b.from.Store(int64(time.Since(b.begun)))
	b.phase.Store(measuring)
}

// end ends the measurement, once something was answered (B2).
func (b *broadcaster) end(ctx context.Context) error {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for b.counted.Load() == 0 {
		if err := b.err(ctx); err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
	b.to.Store(int64(time.Since(b.begun)))
	b.phase.Store(measured)
	return nil
}

// loadResult is what a broadcaster measured.
type loadResult struct {
	At      process.ID    `json:"at"`
	Given   uint64        `json:"given"` // With those before and after the measurement.
	Counted int64         `json:"counted"`
	Elapsed time.Duration `json:"elapsed"`
	Late    int64         `json:"late"`
	Latency [][2]int64    `json:"latency"` // See packHistogram.
}

// result is what was measured, once run has returned.
func (b *broadcaster) result() (loadResult, error) {
	r := loadResult{
		At: b.id, Given: b.given, Counted: b.counted.Load(),
		Elapsed: b.last - time.Duration(b.from.Load()),
	}
	if b.open() {
		to := time.Duration(b.to.Load())
		r.Elapsed = to - time.Duration(b.from.Load())
		for n := b.given; b.pace.due(n) < to; n++ {
			r.Late++
			if err := Record(b.latency, to-b.pace.due(n)); err != nil {
				return r, err
			}
		}
	}
	r.Latency = packHistogram(b.latency)
	return r, nil
}
